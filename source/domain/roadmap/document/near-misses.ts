/** Headings that look like items but cannot be read as such: each is reported with what to write instead, none is dropped in silence. */
import { plainText } from '../labels.ts';
import type { Heading, Outline } from './outline.ts';

/** A heading that nearly is an item. */
export interface NearMiss {
  readonly heading: Heading;
  /** A clause that says what is in the way: `its level is 4`. */
  readonly why: string;
  /** The heading to write instead. */
  readonly better: string;
}

/** What is known of a heading beside its text. */
export interface MissContext {
  /** It has an id and a separator, so that it would be an item at level 2 or 3. */
  readonly isItem: boolean;
  /** An id that only a space parts from the title, or that another item has already. */
  readonly isLoose: boolean;
  /** It stands in the section of an item. */
  readonly inside: boolean;
  readonly hasStatus: boolean;
  /** What the status says is one that can be read. */
  readonly isKnownStatus: boolean;
  /** It has a label such as `**Files**:`, `**Dependencies**:` or `**Estimate**:` below. */
  readonly hasField: boolean;
}

const idLike =
  /^(?:(\p{L}[\p{L}\d]{0,19})[ _#-]{0,2}(\d{1,9})(?:\.\d{1,9})*|#?(\d{1,9})(?:\.\d{1,9})*)\s*[\])]?\s*(?:[:.)–—-]+\s*|\s+|$)(.*)$/u;
const ownPrefixes = /^(?:US|BUG|TASK|PRIORITY)$/i;

/** What to say of a heading that cannot be read; null: it is like any other. `free` gives a number that no item has. */
export function nearMiss(
  outline: Outline,
  heading: Heading,
  context: MissContext,
  free: (wanted: number) => number,
): NearMiss | null {
  const text = (outline.lines[heading.index] ?? '').slice(heading.start, Math.min(heading.end, heading.start + 400));
  if (context.isItem) {
    if (heading.level === 2 || heading.level === 3 || !(context.hasStatus || context.hasField)) return null;
    return { heading, why: `items are headings of level 2 or 3, not ${heading.level}`, better: `### ${text}` };
  }
  if (context.isLoose) {
    if (!context.hasStatus && !context.hasField) return null;
    const better = text.replace(/^(\W*[A-Za-zÉé]+[- ]\d+(?:\.\d+)*)\s+/u, '$1: ');
    return { heading, why: 'a colon is missing after its id, or another item has this id', better: `### ${better}` };
  }
  return context.hasStatus ? strangeId(heading, text, context, free) : null;
}

/** A heading with a status and another kind of id, or none. */
function strangeId(
  heading: Heading,
  text: string,
  { inside, isKnownStatus }: MissContext,
  free: (wanted: number) => number,
): NearMiss | null {
  const plain = withoutBox(
    text.replace(/\*\*|`|~~/g, '').replace(/^(?:[\s[\]()]|\p{Extended_Pictographic}|\uFE0F)+/u, ''),
  );
  const match = idLike.exec(plain);
  const [, prefix = '', digits, bare, words = ''] = match ?? [];
  const own = ownPrefixes.test(prefix);
  // A section of an item, or what only gathers others, has a status as well.
  if ((match === null && (inside || !isKnownStatus)) || (!own && (heading.level === 1 || heading.level > 3)))
    return null;
  const title = words.trim() || plain.trim() || 'Title';
  const number = String(free(Number(digits ?? bare ?? 0))).padStart(3, '0');
  const better = `### ${own ? prefix.toUpperCase() : 'US'}-${number}: ${title}`;
  if (match === null) return { heading, why: 'it has no id', better };
  return { heading, why: own ? 'a dash is missing in its id' : 'an id is written US-7, BUG-7 or PRIORITY 7', better };
}

function withoutBox(text: string): string {
  return text.replace(/^\s*\[[ xX~-]\]\s*/, '');
}

/** True for headings that only summarise: they carry a status as a whole and name no work. */
export function isOverview(text: string): boolean {
  return /^(?:current |overall |project |implementation )?(?:status|summary|overview|progress|roadmap|introduction|changelog|legend|metrics)\b/.test(
    plainText(text),
  );
}

/** A quick test that most headings inside an item fail. */
export function mayHaveId(text: string): boolean {
  return /^\P{L}*(?:\p{L}[\p{L}\d]{0,19}[ _#-]{0,2})?\d/u.test(text);
}
