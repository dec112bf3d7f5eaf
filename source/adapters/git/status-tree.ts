import { createHash } from 'node:crypto';
import type { Oid } from '../../domain/instance.ts';
import { rewriteStatus } from '../../domain/roadmap/status-line.ts';
import type { PrepareRequest } from '../../ports/git.ts';
import type { GitContext } from './context.ts';
import { isOid } from './names.ts';

type StatusRequest = NonNullable<PrepareRequest['status']>;

/**
 * A tree that differs from `tree` in one line alone: the item's status in the ROADMAP. Null when the file or the item is not
 * there; `tree` itself when it says so already. No work tree and no index takes part: two starts of git, whatever the size of the repository.
 */
export async function treeWithStatus(context: GitContext, tree: Oid, request: StatusRequest): Promise<Oid | null> {
  const parts = request.path.split('/');
  if (/[\n\0]/.test(request.path) || parts.some(part => part === '' || part === '.' || part === '..')) return null;
  const folders = parts.map((_, at) => parts.slice(0, at).join('/'));
  const objects = await readObjects(
    context,
    [request.path, ...folders].map(path => `${tree}:${path}`),
  );
  const [file, ...trees] = objects;
  const entries = trees.map(object => (object?.kind === 'tree' ? parseTree(object.content, tree.length / 2) : null));
  const own = entries.at(-1)?.find(entry => entry.name.equals(Buffer.from(parts.at(-1) ?? '')));
  if (file?.kind !== 'blob' || own === undefined || !own.mode.startsWith('100')) return null;
  const content = changedContent(file.content, request);
  if (content === null) return null;
  if (content.equals(file.content)) return tree;
  return writeTrees(context, { content, names: parts, entries, algorithm: tree.length === 64 ? 'sha256' : 'sha1' });
}

/** The new bytes. Only the one line is replaced, so that bytes elsewhere which are no UTF-8 stay as they are. */
function changedContent(content: Buffer, request: StatusRequest): Buffer | null {
  const item = { key: request.itemKey, line: request.line, heading: request.heading };
  const changed = rewriteStatus(content.toString('utf8'), item, 'complete');
  if (changed === null) return null;
  const whole = Buffer.from(changed.text);
  if (Buffer.from(content.toString('utf8')).equals(content)) return whole;
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

/** An object as `cat-file` gives it. */
export interface StoredObject {
  readonly kind: string;
  readonly content: Buffer;
}

/** Objects by any name that git understands, in order; null for one that is not there. */
export async function readObjects(context: GitContext, names: readonly string[]): Promise<(StoredObject | null)[]> {
  const call = { cwd: context.home, args: ['cat-file', '--batch'], input: `${names.join('\n')}\n` };
  const { stdout } = await context.git.run(call);
  let at = 0;
  return names.map(() => {
    const end = stdout.indexOf(10, at);
    const [, kind = '', size = ''] =
      /^[0-9a-f]+ (\w+) (\d+)$/.exec(stdout.toString('utf8', at, Math.max(end, at))) ?? [];
    if (kind === '') {
      at = end + 1;
      return null;
    }
    const content = stdout.subarray(end + 1, end + 1 + Number(size));
    at = end + 1 + Number(size) + 1;
    return { kind, content };
  });
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

/**
 * The ids are computed here, so that the blob and all folders can be written by two calls side by side; what git answers has to
 * agree with them.
 */
async function writeTrees(context: GitContext, wanted: NewTrees): Promise<Oid | null> {
  const hash = (kind: string, content: Buffer) =>
    createHash(wanted.algorithm).update(`${kind} ${content.length}\0`).update(content).digest();
  let child = hash('blob', wanted.content);
  const blob = child.toString('hex');
  const written: { oid: string; text: Buffer }[] = [];
  for (let depth = wanted.names.length - 1; depth >= 0; depth--) {
    const name = Buffer.from(wanted.names[depth] ?? '');
    const oid = child;
    const entries = wanted.entries[depth]?.map(entry => (entry.name.equals(name) ? { ...entry, oid } : entry));
    if (entries === undefined) return null;
    child = hash(
      'tree',
      Buffer.concat(entries.flatMap(entry => [Buffer.from(`${entry.mode} `), entry.name, nul, entry.oid])),
    );
    written.push({ oid: child.toString('hex'), text: Buffer.concat(entries.flatMap(asMktreeLine)) });
  }
  const [blobAnswer, treeAnswer] = await Promise.all([
    context.git.text({
      cwd: context.home,
      args: ['hash-object', '-w', '--stdin'],
      input: nonEmpty(wanted.content),
      durable: true,
    }),
    context.git.text({
      cwd: context.home,
      args: ['mktree', '-z', '--missing', '--batch'],
      input: Buffer.concat(written.flatMap(({ text }) => [text, nul])),
      durable: true,
    }),
  ]);
  const answers = treeAnswer.split('\n').filter(isOid);
  const agreed = blobAnswer.trim() === blob && answers.join() === written.map(({ oid }) => oid).join();
  return agreed ? child.toString('hex') : null;
}

const nul = Buffer.from([0]);

function nonEmpty(content: Buffer): Buffer {
  return content.length === 0 ? Buffer.from('\n') : content;
}

function asMktreeLine({ mode, name, oid }: TreeEntry): Buffer[] {
  const kind = mode === '40000' ? 'tree' : mode === '160000' ? 'commit' : 'blob';
  return [Buffer.from(`${mode.padStart(6, '0')} ${kind} ${oid.toString('hex')}\t`), name, nul];
}
