/** Backlog.md (`backlog/tasks/*.md`): one file for each item, with front matter. */
import { basename } from 'node:path/posix';
import type { ItemStatus, SourceProblem } from '../../domain/item.ts';
import { readStatus } from '../../domain/roadmap/status.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { FoundItem } from '../../ports/sources.ts';
import { boardPlaces, readBoard, statusOnBoard } from './reading/board-statuses.ts';
import type { FileFormat, SourceFile } from './reading/format.ts';
import { type FrontMatter, placeOfValue, readFrontMatter } from './reading/front-matter.ts';
import { idValue, textsValue, textValue } from './reading/values.ts';
import { pathsIn, plainTitle, priorityOf, scopeFromPaths } from './reading/words.ts';

/** People who are assigned say nothing of the agent; `@codex` and the like do only where such an agent exists, which is not known here. */
function itemOf(file: SourceFile, matter: FrontMatter): FoundItem | null {
  const { values } = matter;
  const name = idValue(values, 'id');
  if (name === '') return null;
  const status = textValue(values, 'status');
  const parent = idValue(values, 'parent_task_id', 'parent');
  const assignee = textsValue(values, 'assignee');
  const title = plainTitle(textValue(values, 'title') || basename(file.path, '.md'), name);
  // Every field by itself, without those of `plainItem` below: thousands are made at a start, and an object of two parts takes four times as long.
  return {
    name,
    short: name,
    names: otherNames(name),
    title,
    status: statusOf(file, status),
    heading: sanitizeLine(`${name} ${title}`, 400),
    line: 1,
    endLine: lineCountOf(file.text),
    path: file.path,
    wants: textsValue(values, 'dependencies'),
    notes: assignee.length === 0 ? [] : [`assigned to ${sanitizeLine(assignee.join(', '), 100)}`],
    scope: scopeFromPaths(pathsIn(`${textValue(values, 'title')}\n${matter.body}`, false), 'inferred'),
    group: idValue(values, 'milestone') || parent || null,
    parallel: null,
    priority: priorityOf(values.priority),
    agentType: null,
    agentProgram: null,
    estimateHours: null,
    text: `# ${name}: ${title}\n\nFrom ${file.path}.\n\n${matter.body.trim()}`,
  };
}

/** The number alone, and with the prefix that files have unless the board is configured otherwise: older dependencies keep that one. */
function otherNames(name: string): readonly string[] {
  const number = /^[A-Za-z]+-(\d+(?:\.\d+)*)$/.exec(name)?.[1];
  return number === undefined ? [] : [number, `task-${number}`];
}

function statusOf(file: SourceFile, written: string): ItemStatus {
  if (written === '') return 'unknown';
  const named = readStatus(written);
  // The configuration is asked only for what is not clear without it: thousands of files are read.
  return named === 'unknown' ? statusOnBoard(readBoard(file), written) : named;
}

function lineCountOf(text: string): number {
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return Math.max(1, lines);
}

function read(file: SourceFile): { readonly items: readonly FoundItem[]; readonly problems: readonly SourceProblem[] } {
  const problem = (line: number, code: string, message: string) => ({ items: [], problems: [{ line, code, message }] });
  const matter = readFrontMatter(file.text);
  const name = sanitizeLine(file.path, 200);
  // The tool itself explains its folder in such a file.
  if (matter === null && /(?:^|\/)readme\.md$/i.test(file.path)) return { items: [], problems: [] };
  if (matter === null) return problem(1, 'format', `${name} has no front matter and is ignored.`);
  if (typeof matter === 'string') return problem(1, 'format', `${name} ${matter}.`);
  const item = itemOf(file, matter);
  if (item === null) return problem(1, 'id', `${name} has no id in its front matter and is ignored. Add "id: task-1".`);
  if (item.status !== 'unknown') return { items: [item], problems: [] };
  const written = sanitizeLine(textValue(matter.values, 'status'), 60);
  const { columns } = readBoard(file);
  const known = columns.length === 0 ? 'To Do, In Progress or Done' : sanitizeLine(columns.join(', '), 200);
  const message =
    written === ''
      ? `${item.short} in ${name} has no status, so it never runs. Add "status: To Do".`
      : `${item.short} in ${name}: the status "${written}" is unknown, so the item never runs. Write ${known}.`;
  return { items: [item], problems: [{ line: 1, code: 'status', message }] };
}

export const backlog: FileFormat = {
  type: 'backlog',
  looksLike: text => /^\uFEFF?---\r?\n(?:[\s\S]{0,4000}?\n)?(?:id|status|title):/.test(text),
  read,
  besides: boardPlaces,
  setStatus(file, name, to) {
    const matter = readFrontMatter(file.text);
    if (matter === null || typeof matter === 'string' || idValue(matter.values, 'id') !== name) return null;
    const place = placeOfValue(matter, 'status');
    if (place === null) return null;
    const old = file.text.slice(place.start, place.end);
    const quote = /^['"]/.exec(old)?.[0] ?? '';
    const bare = quote === '' ? old : old.slice(1, -1);
    const board = readBoard(file);
    const now = statusOnBoard(board, bare);
    if (now === (to === 'complete' ? 'complete' : 'planned')) return { ...place, text: old };
    if (to === 'planned' && now !== 'complete') return { ...place, text: old };
    // As lists of this kind write it: `Done` beside `To Do`, `done` beside `todo`.
    const words = to === 'complete' ? board.done : board.open;
    const isLower = board.columns.length === 0 && bare !== '' && bare === bare.toLowerCase();
    const text = isLower ? words.toLowerCase() : words;
    return { ...place, text: `${quote}${text}${quote}` };
  },
};
