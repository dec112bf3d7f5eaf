import { applyEdits, bottomFirst, type LineEdit, scopeEdits } from '../../../domain/roadmap/scope-line.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { ScopesPort, WrittenScopes } from '../../../ports/work.ts';
import { doAgain } from '../calls/answers.ts';
import { recoverLanding } from '../checkout/recover.ts';
import { type GitContext, readRefs } from '../context.ts';
import { moveBranch } from '../landing/advance-branch.ts';
import { hasAllObjects } from '../landing/completeness.ts';
import { branchRef } from '../plumbing/refs.ts';
import { commitMessage, makeCommit } from '../plumbing/write-commit.ts';
import { isDirtyWhereHeld } from '../target/holder.ts';
import { startOfLine, treeWithFile } from './tree-with-file.ts';

type Request = Parameters<ScopesPort['writeScopes']>[0];

/** Writes scopes into the ROADMAP on the target in one commit, by the same means as a landing. */
export async function writeScopes(context: GitContext, request: Request): Promise<WrittenScopes> {
  return context.exclusive(() =>
    doAgain(
      () => writeNow(context, request),
      () => false,
    ),
  );
}

async function writeNow(context: GitContext, { target, path, items }: Request): Promise<WrittenScopes> {
  const recovery = await recoverLanding(context);
  if (recovery.outcome === 'stopped') return { written: [], problem: recovery.message };
  const ref = branchRef(target);
  const [refs, dirty] = await Promise.all([readRefs(context, [ref]), isDirtyWhereHeld(context, target, path)]);
  const tip = refs.get(ref);
  if (tip === undefined) return { written: [], problem: `the branch ${target} does not exist` };
  if (dirty) return { written: [], problem: `${sanitizeLine(path, 200)} has uncommitted changes` };
  const written: string[] = [];
  const tree = await treeWithFile(context, tip.tree, path, file => {
    let content = file;
    for (const item of [...items].sort((a, b) => b.line - a.line)) {
      const edits = scopeEdits(content.toString('utf8'), item);
      if (edits === null) continue;
      content = edited(content, edits);
      written.push(item.key);
    }
    return written.length === 0 ? null : content;
  });
  if (tree === null)
    return {
      written: [],
      problem: `${sanitizeLine(path, 200)} on ${target} has no place for it, or lists the files of the item`,
    };
  if (tree === tip.tree) return { written, problem: null };
  const keys = [...written].reverse();
  const subject = keys.length > 4 ? `${keys.slice(0, 3).join(', ')} and ${keys.length - 3} more` : keys.join(', ');
  const message = commitMessage(`Set the scope of ${subject}`, {});
  const commit = await makeCommit(context, { tree, parents: [tip.oid], message });
  if ('problem' in commit) return { written: [], problem: commit.problem };
  if (!(await hasAllObjects(context, commit.oid, [tip.oid])))
    return { written: [], problem: 'the commit could not be written' };
  const move = { target, from: tip.oid, to: commit.oid, reason: 'cm-tui: scopes', with: [] };
  const result = await moveBranch(context, move);
  if (result.outcome === 'moved') return { written, problem: null };
  return { written: [], problem: result.outcome === 'elsewhere' ? `${target} has just moved` : result.message };
}

/** The same edits on the bytes, so that bytes elsewhere that are not UTF-8 stay as they are. */
function edited(content: Buffer, edits: readonly LineEdit[]): Buffer {
  const text = content.toString('utf8');
  if (Buffer.from(text).equals(content)) return Buffer.from(applyEdits(text, edits));
  let now = content;
  for (const edit of [...edits].sort(bottomFirst)) {
    // The line before belongs to it, since it may lack its line end.
    const first = Math.max(0, edit.at - 1);
    const [start, end] = [startOfLine(now, first + 1), startOfLine(now, edit.at + edit.count + 1)];
    const part = now.subarray(start, end).toString('latin1');
    const latin = { ...edit, at: edit.at - first, lines: edit.lines.map(line => Buffer.from(line).toString('latin1')) };
    const changed = Buffer.from(applyEdits(part, [latin]), 'latin1');
    now = Buffer.concat([now.subarray(0, start), changed, now.subarray(end)]);
  }
  return now;
}
