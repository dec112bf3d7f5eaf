import { CmError } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';
import { nameOf } from '../plumbing/object-name.ts';
import { readObjects } from '../plumbing/read-blobs.ts';

/**
 * A tree that differs from `tree` in one file alone, which is there already. Null when it is not, or when `change` says so; `tree` itself
 * when nothing changes. No work tree and no index takes part, whatever the size of the repository.
 */
export async function treeWithFile(
  context: GitContext,
  tree: Oid,
  path: string,
  change: (file: Buffer) => Buffer | null | Promise<Buffer | null>,
): Promise<Oid | null> {
  const names = path.split('/');
  if (/[\n\0]/.test(path) || names.some(part => part === '' || part === '.' || part === '..')) return null;
  const above = names.map((_, depth) => names.slice(0, depth).join('/'));
  const [file, ...folders] = await readObjects(
    context,
    [path, ...above].map(name => `${tree}:${name}`),
  );
  const lists = folders.map(folder => (folder?.kind === 'tree' ? entriesOf(folder.content, tree.length / 2) : []));
  const own = names.map((name, depth) => lists[depth]?.find(entry => entry.name === bytesOf(name)));
  // A link is a blob as well.
  if (file?.kind !== 'blob' || own.at(-1)?.mode.startsWith('100') !== true) return null;
  const content = await change(file.content);
  if (content === null || content.equals(file.content)) return content === null ? null : tree;
  return writeTrees(context, lists, own, await writeBlob(context, content));
}

/** Writes the trees from the innermost to the root, with `blob` in the place of the file, by one start of git. Returns the root's name. */
async function writeTrees(
  context: GitContext,
  lists: readonly (readonly TreeEntry[])[],
  own: readonly (TreeEntry | undefined)[],
  blob: Oid,
): Promise<Oid> {
  const trees: { readonly name: Oid; readonly text: string }[] = [];
  for (const [at, list] of [...lists.entries()].reverse()) {
    const child = trees.at(-1)?.name ?? blob;
    const entries = list.map(entry => (entry === own[at] ? { ...entry, oid: child } : entry));
    trees.push({
      name: nameOf('tree', Buffer.concat(entries.map(rawEntry)), blob),
      text: entries.map(textEntry).join(''),
    });
  }
  const input = Buffer.from(trees.map(({ text }) => text).join('\0'), 'latin1');
  const call = { cwd: context.home, args: ['mktree', '-z', '--missing', '--batch'], input, durable: true };
  const written = (await context.git.text(call)).trim().split('\n');
  const root = trees.at(-1)?.name;
  if (root === undefined || written.join() !== trees.map(({ name }) => name).join())
    throw new CmError('Git wrote another tree than the one it was given; run git fsck.', 3);
  return root;
}

/** Offset of a 1-based line; the length of the text for a line after the last. */
export function startOfLine(text: Buffer, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf(10, at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return at;
}

interface TreeEntry {
  /** As git stores it: octal, without a leading zero. */
  readonly mode: string;
  readonly oid: Oid;
  /** Its bytes, one for a character: names need not be UTF-8. */
  readonly name: string;
}

/** Entries of a tree object: mode, space, name, NUL, and the name of the object as `size` bytes. */
function entriesOf(tree: Buffer, size: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < tree.length; ) {
    const end = tree.indexOf(0, at);
    const [mode = '', ...name] = tree.toString('latin1', at, end).split(' ');
    at = end + 1 + size;
    entries.push({ mode, name: name.join(' '), oid: tree.toString('hex', end + 1, at) });
  }
  return entries;
}

function rawEntry({ mode, name, oid }: TreeEntry): Buffer {
  return Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]);
}

/** As `mktree` reads it. */
function textEntry({ mode, name, oid }: TreeEntry): string {
  const type = mode === '40000' ? 'tree' : mode === '160000' ? 'commit' : 'blob';
  return `${mode} ${type} ${oid}\t${name}\0`;
}

/** The name of what was written, on disk when it returns. */
async function writeBlob(context: GitContext, content: Buffer): Promise<Oid> {
  const call = { cwd: context.home, args: ['hash-object', '-w', '--stdin'], input: content, durable: true };
  return (await context.git.text(call)).trim();
}

function bytesOf(name: string): string {
  return Buffer.from(name).toString('latin1');
}
