import type { Oid } from '../../../domain/ids.ts';
import { rewriteStatus } from '../../../domain/roadmap/status-line.ts';
import type { PrepareRequest } from '../../../ports/git.ts';
import type { GitContext } from '../context.ts';
import { readBlobs } from '../plumbing/read-blobs.ts';

type StatusRequest = NonNullable<PrepareRequest['status']>;

/**
 * A tree that differs from `tree` in one line alone: the item's status in the ROADMAP. Null when the file or the item is not
 * there; `tree` itself when it says so already. No work tree and no index takes part, whatever the size of the repository.
 */
export async function treeWithStatus(context: GitContext, tree: Oid, request: StatusRequest): Promise<Oid | null> {
  const names = request.path.split('/');
  if (/[\n\0]/.test(request.path) || names.some(part => part === '' || part === '.' || part === '..')) return null;
  const [file] = await readBlobs(context, [`${tree}:${request.path}`]);
  if (file === null || file === undefined) return null;
  const folders = await Promise.all(names.map((_, depth) => listTree(context, tree, names.slice(0, depth).join('/'))));
  const own = names.map((name, depth) => folders[depth]?.find(entry => entry.name === bytesOf(name)));
  // A link is a blob as well.
  if (own.at(-1)?.mode.startsWith('100') !== true) return null;
  const content = changedContent(file, request);
  if (content === null || content.equals(file)) return content === null ? null : tree;
  let child = await writeObject(context, ['hash-object', '-w', '--stdin'], content);
  for (let depth = names.length - 1; depth >= 0; depth--) {
    const entries = folders[depth]?.map(entry => (entry === own[depth] ? { ...entry, oid: child } : entry));
    const text = entries?.map(({ mode, type, oid, name }) => `${mode} ${type} ${oid}\t${name}\0`).join('') ?? '';
    child = await writeObject(context, ['mktree', '-z', '--missing'], Buffer.from(text, 'latin1'));
  }
  return child;
}

/** The new bytes. Only the one line is replaced, so that bytes elsewhere that are not UTF-8 stay as they are. */
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
