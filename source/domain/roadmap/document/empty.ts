/** What to say of a text without any item: what it looks like, and the shortest form that would work. */
import type { SourceProblem } from '../../item.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { Outline } from './outline.ts';

/** What to write where no item could be read. */
const shortestForm =
  'The shortest form is a heading "### US-001: Title" with the line "**Status**: 📝 Planned" below it, and "**Files**: `src/a.ts`" to run beside others; a list of "- [ ] Title" is read as well.';
/** What else people write; one line may be so by chance. */
const otherForms: readonly { readonly name: string; readonly line: RegExp }[] = [
  { name: 'an outline of Org mode, not Markdown', line: /^\*+ (?:TODO|DONE|NEXT|WAITING|STARTED)\b/ },
  { name: 'AsciiDoc, not Markdown', line: /^={1,5} \S/ },
  { name: 'a table', line: /^\s*\|.*\|\s*$/ },
  { name: 'bold lines in place of headings', line: /^\s*(?:\*\*|__)[^*_]*\d[^*_]*(?:\*\*|__)/ },
  { name: 'a numbered list', line: /^\s*\d{1,4}[.)]\s+\S/ },
  { name: 'a list without checkboxes', line: /^\s*[-*+]\s+(?!\[)\S/ },
];

/** Nothing at all could be read, which must not look like a ROADMAP in which everything is done. */
export function emptyProblem(outline: Outline, path: string | null): SourceProblem {
  const name = path === null ? 'The ROADMAP' : sanitizeLine(path, 200);
  const message = `${name} has no item that can be read${looks(outline)}. ${shortestForm}`;
  return { line: 1, code: 'empty', message };
}

function looks({ lines, headings }: Outline): string {
  if (lines.every(line => line.trim() === '')) return ': it is empty';
  const form = otherForms.find(({ line }) => lines.filter(one => line.test(one)).length > 1);
  if (form !== undefined) return `: it looks like ${form.name}`;
  const count = headings.length;
  if (count === 1) return ': its only heading is none';
  return count === 0 ? ': it is text without headings' : `: none of its ${count} headings is one`;
}
