import { isUtf8 } from 'node:buffer';
import type { Oid } from '../../../domain/ids.ts';
import { rewriteStatus } from '../../../domain/roadmap/status-line.ts';
import type { PrepareRequest } from '../../../ports/git.ts';
import type { GitContext } from '../context.ts';
import { startOfLine, treeWithFile } from '../items/tree-with-file.ts';
import { readBlobs } from '../plumbing/read-blobs.ts';

type StatusRequest = NonNullable<PrepareRequest['status']>;

/**
 * A tree that differs from `tree` in one line alone: the item's status in the ROADMAP. Null when the file or the item is not
 * there; `tree` itself when it says so already.
 */
export function treeWithStatus(context: GitContext, tree: Oid, request: StatusRequest): Promise<Oid | null> {
  return treeWithFile(context, tree, request.path, file => changedContent(context, tree, file, request));
}

/** The new bytes. Only the one line is replaced, so that bytes elsewhere that are not UTF-8 stay as they are; null where it holds such bytes. */
async function changedContent(
  context: GitContext,
  tree: Oid,
  content: Buffer,
  request: StatusRequest,
): Promise<Buffer | null> {
  const text = content.toString('utf8');
  const changed = await rewritten(context, tree, text, request);
  if (changed === null || changed.text === text) return changed === null ? null : content;
  const whole = Buffer.from(changed.text);
  if (Buffer.from(text).equals(content)) return whole;
  const start = startOfLine(content, changed.line);
  const end = startOfLine(content, changed.line + 1);
  // Such bytes in this very line would be lost, and the whole file may be one line.
  if (!isUtf8(content.subarray(start, end))) return null;
  const line = whole.subarray(startOfLine(whole, changed.line), startOfLine(whole, changed.line + 1));
  return Buffer.concat([content.subarray(0, start), line, content.subarray(end)]);
}

/** The text with the new status, and the line that says it; the same text where it says so already or says something of its own. */
async function rewritten(
  context: GitContext,
  tree: Oid,
  text: string,
  request: StatusRequest,
): Promise<{ readonly text: string; readonly line: number } | null> {
  const { path, line, heading, source, name, to = 'complete' } = request;
  if (source !== undefined && source !== 'roadmap')
    return context.setStatus(text, { source, path, line, heading, name: name ?? request.itemKey }, to, async other => {
      const [file] = await readBlobs(context, [`${tree}:${other}`]);
      return file?.toString('utf8') ?? null;
    });
  const item = { key: request.itemKey, line, heading };
  const complete = rewriteStatus(text, item, 'complete');
  // Somebody has given it another status since: that is theirs to say.
  if (to === 'planned' && complete?.text !== text) return complete === null ? null : { text, line };
  return to === 'planned' ? rewriteStatus(text, item, 'planned') : complete;
}
