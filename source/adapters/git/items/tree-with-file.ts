import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';
import { readBlobs } from '../plumbing/read-blobs.ts';

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
  const [file] = await readBlobs(context, [`${tree}:${path}`]);
  if (file === null || file === undefined) return null;
  const folders = await Promise.all(names.map((_, depth) => listTree(context, tree, names.slice(0, depth).join('/'))));
  const own = names.map((name, depth) => folders[depth]?.find(entry => entry.name === bytesOf(name)));
  // A link is a blob as well.
  if (own.at(-1)?.mode.startsWith('100') !== true) return null;
  const content = await change(file);
  if (content === null || content.equals(file)) return content === null ? null : tree;
  let child = await writeObject(context, ['hash-object', '-w', '--stdin'], content);
  for (let depth = names.length - 1; depth >= 0; depth--) {
    const entries = folders[depth]?.map(entry => (entry === own[depth] ? { ...entry, oid: child } : entry));
    const text = entries?.map(({ mode, type, oid, name }) => `${mode} ${type} ${oid}\t${name}\0`).join('') ?? '';
    child = await writeObject(context, ['mktree', '-z', '--missing'], Buffer.from(text, 'latin1'));
  }
  return child;
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
  readonly mode: string;
  readonly type: string;
  readonly oid: Oid;
  /** Its bytes, one for a character: names need not be UTF-8. */
  readonly name: string;
}

async function listTree(context: GitContext, tree: Oid, folder: string): Promise<readonly TreeEntry[]> {
  const call = { cwd: context.home, args: ['ls-tree', '-z', `${tree}:${folder}`] };
  const text = await context.git.ask(call, ({ code, stdout }) => (code === 0 ? stdout.toString('latin1') : undefined));
  const lines = text.split('\0').slice(0, -1);
  return lines.map(line => {
    const [mode = '', type = '', oid = ''] = line.slice(0, line.indexOf('\t')).split(' ');
    return { mode, type, oid, name: line.slice(line.indexOf('\t') + 1) };
  });
}

/** The name of what was written, on disk when it returns. */
async function writeObject(context: GitContext, args: readonly string[], input: Buffer): Promise<Oid> {
  return (await context.git.text({ cwd: context.home, args, input, durable: true })).trim();
}

function bytesOf(name: string): string {
  return Buffer.from(name).toString('latin1');
}
