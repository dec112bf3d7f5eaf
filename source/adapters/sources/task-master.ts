/** Task Master (`.taskmaster/tasks/tasks.json`): lists by tag, each entry with sub-entries, dependencies, status, details, test strategy. */
import type { ItemStatus, SourceProblem } from '../../domain/item.ts';
import { itemLimit } from '../../domain/roadmap/document/size.ts';
import { readStatus } from '../../domain/roadmap/status.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { FoundItem } from '../../ports/sources.ts';
import { type FileContent, type FileFormat, gather, plainItem, type SourceFile } from './reading/format.ts';
import { type JsonFile, readJson } from './reading/json-file.ts';
import {
  type Foreign,
  idValue,
  isForeign,
  listValue,
  ownValue,
  section,
  textsValue,
  textValue,
} from './reading/values.ts';
import { pathsIn, plainTitle, priorityOf, scopeFromPaths } from './reading/words.ts';

type Path = readonly (string | number)[];

/** One entry that can run: it has no sub-entries. */
interface Leaf {
  readonly value: Foreign;
  readonly path: Path;
  readonly id: string;
  readonly tag: string;
  readonly parent: Foreign | null;
  /** As written, or that of the entry it belongs to where that one is closed in any way. */
  readonly written: string;
}

interface Reading {
  readonly json: JsonFile;
  readonly leaves: readonly Leaf[];
  /** Leaves by the id of any entry, in one tag. */
  readonly byId: ReadonlyMap<string, readonly Leaf[]>;
}

const mainTag = 'master';

function readLeaves(text: string): Reading | string {
  const json = readJson(text);
  if (typeof json === 'string') return json;
  if (!isForeign(json.value)) return 'is not an object with lists of entries';
  const tags: [string, Path][] = Array.isArray(ownValue(json.value, 'tasks'))
    ? [[mainTag, ['tasks']]]
    : Object.entries(json.value).flatMap(([tag, value]) =>
        isForeign(value) && Array.isArray(ownValue(value, 'tasks')) ? [[tag, [tag, 'tasks']] as [string, Path]] : [],
      );
  if (tags.length === 0) return 'holds no list named "tasks"';
  const leaves: Leaf[] = [];
  const byId = new Map<string, Leaf[]>();
  for (const [tag, path] of tags) {
    const holder = path.length === 1 ? json.value : ownValue(json.value, tag);
    for (const [at, value] of (isForeign(holder) ? listValue(holder, 'tasks') : []).entries()) {
      if (!isForeign(value)) continue;
      // One more than counts says that there are more.
      if (leaves.length > itemLimit) break;
      const own = leavesOf(value, [...path, at], tag);
      for (const leaf of own) leaves.push(leaf);
      byId.set(`${tag}/${idValue(value, 'id')}`, own);
      for (const leaf of own) byId.set(`${tag}/${leaf.id}`, [leaf]);
    }
  }
  return { json, leaves: leaves.filter(({ id }) => id !== ''), byId };
}

function leavesOf(value: Foreign, path: Path, tag: string): Leaf[] {
  const id = idValue(value, 'id');
  const written = textValue(value, 'status');
  const parts = listValue(value, 'subtasks');
  if (!parts.some(isForeign)) return [{ value, path, id, tag, parent: null, written }];
  const closed = readStatus(written) === 'planned' || readStatus(written) === 'in-progress' ? null : written;
  return parts.flatMap((part, at) => {
    if (!isForeign(part)) return [];
    const own = textValue(part, 'status');
    const status = closed === null || readStatus(own) === 'complete' ? own : closed;
    const number = idValue(part, 'id');
    const full = number.includes('.') ? number : `${id}.${number}`;
    return [{ value: part, path: [...path, 'subtasks', at], id: full, tag, parent: value, written: status }];
  });
}

function nameOf({ tag, id }: Pick<Leaf, 'tag' | 'id'>): string {
  return tag === mainTag ? id : `${tag}/${id}`;
}

/** A bare number in a sub-entry means its neighbour; what the whole entry waits for, its parts wait for as well. */
function wantsOf(
  leaf: Leaf,
  { byId }: Reading,
): { readonly wants: readonly string[]; readonly unknown: readonly string[] } {
  const parentId = leaf.parent === null ? '' : idValue(leaf.parent, 'id');
  const own = textsValue(leaf.value, 'dependencies').map(id =>
    leaf.parent !== null && !id.includes('.') && byId.has(`${leaf.tag}/${parentId}.${id}`) ? `${parentId}.${id}` : id,
  );
  const all = [...new Set([...own, ...(leaf.parent === null ? [] : textsValue(leaf.parent, 'dependencies'))])];
  const found = all.map(id => [id, byId.get(`${leaf.tag}/${id}`)] as const);
  return {
    wants: found.flatMap(([, leaves]) => (leaves ?? []).filter(one => one !== leaf).map(nameOf)),
    unknown: found.flatMap(([id, leaves]) => (leaves === undefined ? [id] : [])),
  };
}

function itemOf(leaf: Leaf, reading: Reading, file: SourceFile, status: ItemStatus): FoundItem {
  const { value, parent, id, tag } = leaf;
  const title = plainTitle(textValue(value, 'title'), id);
  const parts = ['description', 'details', 'testStrategy'].map(name => textValue(value, name));
  const line = reading.json.line([...leaf.path]) ?? 1;
  const { wants, unknown } = wantsOf(leaf, reading);
  const about =
    parent === null
      ? []
      : section(
          'Part of',
          `${idValue(parent, 'id')}: ${textValue(parent, 'title')}\n\n${textValue(parent, 'description')}`,
        );
  return {
    ...plainItem,
    name: nameOf(leaf),
    short: nameOf(leaf),
    title,
    status,
    heading: sanitizeLine(`${id} ${title}`, 400),
    line,
    endLine: line,
    path: file.path,
    wants: [...wants, ...unknown],
    scope: scopeFromPaths(pathsIn([textValue(value, 'title'), ...parts].join('\n'), false), 'inferred'),
    group:
      parent === null ? (tag === mainTag ? null : tag) : plainTitle(textValue(parent, 'title'), idValue(parent, 'id')),
    priority: priorityOf(ownValue(value, 'priority') ?? (parent === null ? null : ownValue(parent, 'priority'))),
    text: [
      `# ${id}: ${title}`,
      parts[0] ?? '',
      ...section('Details', parts[1] ?? ''),
      ...section('How to test', parts[2] ?? ''),
      ...about,
    ]
      .filter(part => part !== '')
      .join('\n\n'),
  };
}

function read(file: SourceFile): FileContent {
  const reading = readLeaves(file.text);
  if (typeof reading === 'string') {
    const message = `${sanitizeLine(file.path, 200)} ${reading}.`;
    return { items: [], problems: [{ line: 1, code: 'format', message }] };
  }
  const problems: SourceProblem[] = [];
  const make = (leaf: Leaf): FoundItem => {
    const status = leaf.written === '' ? 'unknown' : readStatus(leaf.written === 'review' ? 'in review' : leaf.written);
    const item = itemOf(leaf, reading, file, status);
    if (status === 'unknown') {
      const shown = sanitizeLine(leaf.written, 60);
      const message = `${item.short}: the status "${shown}" is unknown, so the item never runs. Write pending, in-progress, done, deferred or cancelled.`;
      problems.push({ line: item.line, code: 'status', message });
    }
    return item;
  };
  return gather(file.path, reading.leaves, make, problems);
}

export const taskMaster: FileFormat = {
  type: 'task-master',
  looksLike: text => /^\s*\{/.test(text) && /"tasks"\s*:\s*\[/.test(text),
  read,
  setStatus(file, name, to) {
    const reading = readLeaves(file.text);
    if (typeof reading === 'string') return null;
    const [leaf, another] = reading.leaves.filter(one => nameOf(one) === name);
    const place = leaf === undefined || another !== undefined ? null : reading.json.place([...leaf.path, 'status']);
    if (leaf === undefined || place === null) return null;
    const now = readStatus(textValue(leaf.value, 'status'));
    const keep = to === 'complete' ? now === 'complete' : now !== 'complete';
    return {
      ...place,
      text: keep ? file.text.slice(place.start, place.end) : to === 'complete' ? '"done"' : '"pending"',
    };
  },
};
