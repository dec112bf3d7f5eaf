/** beads (`.beads/issues.jsonl`): one issue on each line. What is closed is not listed; its epics are groups. */
import type { SourceProblem } from '../../domain/item.ts';
import { unreadLines } from '../../domain/roadmap/document/outline.ts';
import { readStatus } from '../../domain/roadmap/status.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { FoundItem } from '../../ports/sources.ts';
import { type FileContent, type FileFormat, gather, plainItem, type SourceFile } from './reading/format.ts';
import { type Foreign, idValue, isForeign, listValue, ownValue, section, textValue } from './reading/values.ts';
import { pathsIn, plainTitle, priorityOf, scopeFromPaths } from './reading/words.ts';

interface Issue {
  readonly value: Foreign;
  readonly id: string;
  readonly line: number;
  readonly parent: string | null;
  readonly blockers: readonly string[];
}

/** Messages and the like that are kept in the same file. */
const noWork = new Set([
  'message',
  'merge-request',
  'molecule',
  'gate',
  'agent',
  'role',
  'convoy',
  'event',
  'slot',
  'rig',
]);
const lineLimit = 1024 * 1024;
/** Issues that are read, most of which are closed in a list that is so long. */
const issueLimit = 200_000;
/** Bad lines that are named one by one. */
const mostBad = 5;

function readIssues(file: SourceFile, problems: SourceProblem[]): readonly Issue[] {
  const issues: Issue[] = [];
  let bad = 0;
  for (const [at, line] of file.text.split('\n', issueLimit).entries()) {
    if (line.trim() === '') continue;
    const value = parseLine(line);
    const id = value === null ? '' : idValue(value, 'id');
    if (value === null || id === '') {
      if (++bad <= mostBad) {
        const message = `Line ${at + 1} of ${sanitizeLine(file.path, 200)} is not an issue and is ignored. Run "bd export" to write the file again.`;
        problems.push({ line: at + 1, code: 'format', message });
      }
      continue;
    }
    issues.push({ value, id, line: at + 1, ...linksOf(value, id) });
  }
  return issues;
}

function parseLine(line: string): Foreign | null {
  if (line.length > lineLimit) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isForeign(value) ? value : null;
  } catch {
    return null;
  }
}

function linksOf(value: Foreign, id: string): Pick<Issue, 'parent' | 'blockers'> {
  const links = listValue(value, 'dependencies').filter(isForeign);
  const of = (type: string) =>
    links
      .filter(link => textValue(link, 'type') === type)
      .map(link => idValue(link, 'depends_on_id'))
      .filter(Boolean);
  const dotted = /^(.+)\.\d+$/.exec(id)?.[1] ?? null;
  return { parent: of('parent-child')[0] ?? dotted, blockers: of('blocks') };
}

function read(file: SourceFile): FileContent {
  const problems: SourceProblem[] = [];
  const all = new Map<string, Issue>();
  for (const issue of readIssues(file, problems)) {
    const before = all.get(issue.id);
    all.set(issue.id, issue);
    if (before === undefined || problems.length > mostBad) continue;
    const message = `${issue.id} is there twice (lines ${before.line} and ${issue.line}); the last line counts. Run "bd export" to write the file again.`;
    problems.push({ line: issue.line, code: 'duplicate', message });
  }
  const open = [...all.values()].filter(({ value }) => {
    const status = textValue(value, 'status');
    return status !== 'closed' && status !== 'tombstone' && !noWork.has(textValue(value, 'issue_type'));
  });
  const children = new Map<string, Issue[]>();
  for (const issue of open) {
    if (issue.parent === null) continue;
    const others = children.get(issue.parent);
    if (others === undefined) children.set(issue.parent, [issue]);
    else others.push(issue);
  }
  const leaves = (id: string, depth = 0): readonly string[] => {
    const parts = depth > 20 ? [] : (children.get(id) ?? []);
    return parts.length === 0 ? [id] : parts.flatMap(part => leaves(part.id, depth + 1));
  };
  const isOpen = new Set(open.map(({ id }) => id));
  const make = (issue: Issue): FoundItem | null => {
    if (children.has(issue.id)) return null;
    const { value, id, line } = issue;
    const title = plainTitle(textValue(value, 'title'), id);
    const written = textValue(value, 'status');
    const status =
      written === '' ? 'planned' : written === 'pinned' || written === 'hooked' ? 'in-progress' : readStatus(written);
    if (status === 'unknown') {
      const message = `${id}: the status "${sanitizeLine(written, 60)}" is unknown, so the item never runs. Set it with "bd update ${id} --status open".`;
      problems.push({ line, code: 'status', message });
    }
    const family = ancestors(issue, all);
    const wants = [issue, ...family].flatMap(one => one.blockers).filter(one => isOpen.has(one) || !all.has(one));
    const parts = ['description', 'design', 'acceptance_criteria', 'notes'].map(name => textValue(value, name));
    const minutes = ownValue(value, 'estimated_minutes');
    return {
      ...plainItem,
      name: id,
      short: id,
      title,
      status,
      heading: sanitizeLine(`${id} ${title}`, 400),
      line,
      endLine: line,
      path: file.path,
      wants: [...new Set(wants.flatMap(one => leaves(one)))].filter(one => one !== id),
      notes:
        textValue(value, 'assignee') === '' ? [] : [`assigned to ${sanitizeLine(textValue(value, 'assignee'), 100)}`],
      scope: scopeFromPaths(pathsIn([textValue(value, 'title'), ...parts].join('\n'), false), 'inferred'),
      group: family.length === 0 ? null : plainTitle(textValue(family[0]?.value ?? {}, 'title'), family[0]?.id ?? ''),
      priority: priorityOf(ownValue(value, 'priority')),
      estimateHours: typeof minutes === 'number' && minutes > 0 ? minutes / 60 : null,
      text: [
        `# ${id}: ${title}`,
        parts[0] ?? '',
        ...section('Design', parts[1] ?? ''),
        ...section('Acceptance criteria', parts[2] ?? ''),
        ...section('Notes', parts[3] ?? ''),
      ]
        .filter(part => part !== '')
        .join('\n\n'),
    };
  };
  return gather(file.path, open, make, problems, unreadLines(file.text, issueLimit));
}

/** The issues it belongs to, from the nearest on; a circle ends at once. */
function ancestors(issue: Issue, all: ReadonlyMap<string, Issue>): readonly Issue[] {
  const found: Issue[] = [];
  for (let at = issue.parent; at !== null && found.length < 20; ) {
    const parent = all.get(at);
    if (parent === undefined || found.includes(parent)) break;
    found.push(parent);
    at = parent.parent;
  }
  return found;
}

export const beads: FileFormat = {
  type: 'beads',
  looksLike: (text, path) => path.endsWith('.jsonl') || /^\s*\{[^\n]*"(?:issue_type|depends_on_id)"/.test(text),
  read,
  // The file is written by `bd`, which keeps a database beside it.
  setStatus: () => null,
};
