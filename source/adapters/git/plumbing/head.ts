import { stdoutText } from '../calls/answers.ts';
import type { GitRunner } from '../calls/run.ts';

/** The branch that a worktree has checked out, by its short name and with links between branches followed; null: HEAD is detached. */
export function branchOfHead(git: GitRunner, worktree: string): Promise<string | null> {
  return git.ask({ cwd: worktree, args: ['symbolic-ref', 'HEAD'] }, output => {
    const ref = stdoutText(output)?.trim();
    if (ref !== undefined) return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null;
    return /\bHEAD is not a symbolic ref/.test(output.stderr) ? null : undefined;
  });
}

/** False where HEAD stands for a branch that has no commit yet. */
export function hasFirstCommit(git: GitRunner, worktree: string): Promise<boolean> {
  const args = ['rev-parse', '--verify', '--end-of-options', 'HEAD^{commit}'];
  return git.ask({ cwd: worktree, args }, output => {
    if (output.code === 0) return true;
    return /Needed a single revision/.test(output.stderr) ? false : undefined;
  });
}
