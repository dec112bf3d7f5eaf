import { join } from 'node:path';
import { createGit, type GitAdapter } from '../../../source/adapters/git/index.ts';
import type { BranchFacts } from '../../../source/ports/git.ts';
import { createRepository, type TestRepository } from './repository.ts';

const runId = 'abcdefgh12345678';
export const runNames = { slug: '001', branchName: 'roadmap-001', target: 'main' };
const opened: TestRepository[] = [];

/** Removes the repositories of all runs that were begun. */
export function endRuns(): void {
  for (const repo of opened.splice(0)) repo.cleanup();
}

/** A run of an agent in a real repository, by git alone. */
export interface RunInGit {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  /** The run's worktree. */
  readonly path: string;
  /** The commit that it was started from. */
  readonly base: string;
  /** Git in the worktree. */
  at(...args: string[]): string;
  /** Commits a file in the worktree; returns the commit. */
  work(file: string, text?: string): string;
  /** Commits a file on the target; returns the commit. */
  user(file: string, text?: string): string;
  inspect(): Promise<BranchFacts>;
  prepare(): ReturnType<GitAdapter['prepare']>;
  /** Asks for its own commits on the target's tip, as its branch stands now. */
  replay(): ReturnType<GitAdapter['replayBranch']>;
}

/** A run that begins where the target holds two commits, the second of which adds `secret.txt`. */
export async function beginRun(): Promise<RunInGit> {
  const repo = createRepository({ files: { 'a.txt': 'a\n' } });
  opened.push(repo);
  repo.write('secret.txt', 'secret\n');
  repo.commit('Oops');
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const path = `${repo.root}-wt001`;
  const made = await git.createWorktree({ ...runNames, runId, path });
  if (made.outcome !== 'created') throw new Error(made.message);
  const { base } = made;
  const at = (...args: string[]) => repo.gitIn(path, ...args);
  const lineage = { worktreePath: path, base, former: [] };
  return {
    repo,
    git,
    path,
    base,
    at,
    work(file, text = `${file}\n`) {
      repo.write(join(path, file), text);
      return repo.commit(`Work on ${file}`, path);
    },
    user(file, text = `${file}\n`) {
      repo.write(file, text);
      return repo.commit(`Add ${file}`);
    },
    inspect: () => git.inspect({ ...runNames, ...lineage }),
    prepare: () =>
      git.prepare({
        ...runNames,
        runId,
        head: repo.git('rev-parse', 'roadmap-001'),
        message: 'Merge',
        trailers: {},
        status: null,
        lineage,
      }),
    replay: () => git.replayBranch({ ...runNames, runId, head: repo.git('rev-parse', 'roadmap-001'), lineage }),
  };
}
