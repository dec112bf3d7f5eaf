import { escapePath } from '../../../domain/text/sanitize.ts';
import type { CommitLeftRequest, CommitLeftResult } from '../../../ports/branches.ts';
import { GitFailure } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { branchRef } from '../plumbing/refs.ts';
import { commitMessage } from '../plumbing/write-commit.ts';
import { asSetupLeft } from './setup-files.ts';

/**
 * Commits what a run left uncommitted in its worktree, on its branch, with the identity that its agent commits with. What the user's setup
 * changed there, and is as it was, stays out; so does what only the index holds of it. Ignored files and repositories inside of it are
 * never taken.
 */
export function commitLeft(context: GitContext, request: CommitLeftRequest): Promise<CommitLeftResult> {
  // Nothing else removes or moves its worktree meanwhile.
  return context.exclusive(() => commitNow(context, request));
}

async function commitNow(context: GitContext, request: CommitLeftRequest): Promise<CommitLeftResult> {
  const { worktreePath: cwd, branchName, head, setupFiles, message, trailers } = request;
  if (linkedGitDir(context, cwd) === null) return failed(`${cwd} is not a worktree of this repository`);
  try {
    const on = await context.git.text({ cwd, args: ['rev-parse', '--symbolic-full-name', 'HEAD'] });
    if (on.trim() !== branchRef(branchName)) return failed(`its worktree is not on ${branchName}`);
    const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--no-renames'];
    const status = parseStatus(await context.git.text({ cwd, args }));
    if (status.oid !== head) return failed('its branch has moved; look at it again');
    const all = [...status.tracked, ...status.untracked];
    const setUp = await asSetupLeft(context, cwd, { paths: all, left: setupFiles });
    const own = all.filter(path => !setUp.has(path));
    if (own.length === 0) return { outcome: 'nothing' };
    // Git lists a repository inside of this one as a folder, and can keep nothing of it but the name of its commit.
    const paths = own.filter(path => !path.endsWith('/'));
    if (paths.length === 0)
      return failed(
        `${escapePath(own[0] ?? '')} is a repository of its own; move its files out or add it as a submodule`,
      );
    const listed = {
      cwd,
      input: `${paths.join('\0')}\0`,
      env: { GIT_LITERAL_PATHSPECS: '1' },
    };
    const from = ['--pathspec-from-file=-', '--pathspec-file-nul'];
    // Unlike `git add`, it takes what is removed from the index already.
    const update = ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'];
    await context.git.text({ ...listed, args: update });
    const text = commitMessage(message, trailers);
    await context.git.text({ ...listed, args: ['commit', '-q', '--only', '-m', text, ...from] });
    const tip = await context.git.text({ cwd, args: ['rev-parse', '--verify', 'HEAD^{commit}'] });
    return { outcome: 'committed', head: tip.trim(), paths };
  } catch (error) {
    if (error instanceof GitFailure) return failed(error.message);
    throw error;
  }
}

function failed(message: string): CommitLeftResult {
  return { outcome: 'failed', message };
}
