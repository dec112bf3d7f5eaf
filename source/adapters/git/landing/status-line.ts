import type { Oid } from '../../../domain/ids.ts';
import { rewriteStatus } from '../../../domain/roadmap/status-line.ts';
import type { PrepareRequest } from '../../../ports/git.ts';
import type { GitContext } from '../context.ts';
import {
  algorithmOf,
  looseObject,
  type NewObject,
  nameOf,
  readObjects,
  type StoredObject,
} from '../plumbing/objects.ts';

type StatusRequest = NonNullable<PrepareRequest['status']>;

/** A tree, and what has to be written for it to be there. */
export interface StatusTree {
  readonly tree: Oid;
  readonly objects: readonly NewObject[];
}

/**
 * A tree that differs from `tree` in one line alone: the item's status in the ROADMAP. Null when the file or the item is not
 * there; `tree` itself when it says so already. No work tree and no index takes part, and nothing is written yet: at most one start of
 * git, whatever the size of the repository.
 */
export async function treeWithStatus(
  context: GitContext,
  tree: Oid,
  request: StatusRequest,
): Promise<StatusTree | null> {
  const names = request.path.split('/');
  if (/[\n\0]/.test(request.path) || names.some(part => part === '' || part === '.' || part === '..')) return null;
  const way = looseWay(context, tree, names) ?? (await askWay(context, tree, names));
  if (way === null) return null;
  const { file, entries } = way;
  const own = entries.at(-1)?.find(entry => entry.name.equals(Buffer.from(names.at(-1) ?? '')));
  if (file.kind !== 'blob' || own === undefined || !own.mode.startsWith('100')) return null;
  const content = changedContent(file.content, request);
  if (content === null) return null;
  if (content.equals(file.content)) return { tree, objects: [] };
  return newTrees({ content, names, entries, algorithm: algorithmOf(tree) });
}

/** A file and the folders above it, the root first; null in the place of what is no folder. */
interface Way {
  readonly file: StoredObject;
  readonly entries: readonly (readonly TreeEntry[] | null)[];
}

/** Read from the loose objects alone, which is what there is right after a merge; null where one of them is packed or missing. */
function looseWay(context: GitContext, tree: Oid, names: readonly string[]): Way | null {
  const entries: TreeEntry[][] = [];
  let at = looseObject(context, tree);
  for (const name of names) {
    if (at?.kind !== 'tree') return null;
    const folder = parseTree(at.content, tree.length / 2);
    entries.push(folder);
    const next = folder.find(entry => entry.name.equals(Buffer.from(name)));
    if (next === undefined) return null;
    at = looseObject(context, next.oid.toString('hex'));
  }
  return at === null ? null : { file: at, entries };
}

async function askWay(context: GitContext, tree: Oid, names: readonly string[]): Promise<Way | null> {
  const folders = names.map((_, at) => names.slice(0, at).join('/'));
  const [file, ...trees] = await readObjects(
    context,
    [names.join('/'), ...folders].map(path => `${tree}:${path}`),
  );
  if (file === null || file === undefined) return null;
  const entries = trees.map(object => (object?.kind === 'tree' ? parseTree(object.content, tree.length / 2) : null));
  return { file, entries };
}

/** The new bytes. Only the one line is replaced, so that bytes elsewhere which are no UTF-8 stay as they are. */
function changedContent(content: Buffer, request: StatusRequest): Buffer | null {
  const item = { key: request.itemKey, line: request.line, heading: request.heading };
  const text = content.toString('utf8');
  const complete = rewriteStatus(text, item, 'complete');
  // Somebody has given it another status since: that is theirs to say.
  if (request.to === 'planned' && complete?.text !== text) return complete === null ? null : content;
  const changed = request.to === 'planned' ? rewriteStatus(text, item, 'planned') : complete;
  if (changed === null) return null;
  const whole = Buffer.from(changed.text);
  if (Buffer.from(text).equals(content)) return whole;
  const start = startOfLine(content, changed.line);
  const end = startOfLine(content, changed.line + 1);
  const line = whole.subarray(startOfLine(whole, changed.line), startOfLine(whole, changed.line + 1));
  return Buffer.concat([content.subarray(0, start), line, content.subarray(end)]);
}

/** Offset of a 1-based line; the length of the text for a line after the last. */
function startOfLine(text: Buffer, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf(10, at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return at;
}

interface TreeEntry {
  readonly mode: string;
  readonly name: Buffer;
  readonly oid: Buffer;
}

/** A tree object: mode, space, name, NUL, raw id; again and again. */
function parseTree(content: Buffer, idLength: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(32, at);
    const nul = content.indexOf(0, space);
    entries.push({
      mode: content.toString('latin1', at, space),
      name: content.subarray(space + 1, nul),
      oid: content.subarray(nul + 1, nul + 1 + idLength),
    });
    at = nul + 1 + idLength;
  }
  return entries;
}

interface NewTrees {
  readonly content: Buffer;
  /** Path of the file, part by part. */
  readonly names: readonly string[];
  /** Entries of each folder on the way, the root first. */
  readonly entries: readonly (readonly TreeEntry[] | null)[];
  readonly algorithm: 'sha1' | 'sha256';
}

/** The blob, and the folders above it from the innermost to the root. */
function newTrees(wanted: NewTrees): StatusTree | null {
  const objects: NewObject[] = [{ kind: 'blob', content: wanted.content }];
  let child = nameOf({ kind: 'blob', content: wanted.content }, wanted.algorithm);
  for (let depth = wanted.names.length - 1; depth >= 0; depth--) {
    const name = Buffer.from(wanted.names[depth] ?? '');
    const oid = Buffer.from(child, 'hex');
    const entries = wanted.entries[depth]?.map(entry => (entry.name.equals(name) ? { ...entry, oid } : entry));
    if (entries === undefined) return null;
    const content = Buffer.concat(
      entries.flatMap(entry => [Buffer.from(`${entry.mode} `), entry.name, nul, entry.oid]),
    );
    objects.push({ kind: 'tree', content });
    child = nameOf({ kind: 'tree', content }, wanted.algorithm);
  }
  return { tree: child, objects };
}

const nul = Buffer.from([0]);
