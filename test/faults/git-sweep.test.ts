import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGit } from '../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../helpers/git/repository.ts';
import { isLong } from '../helpers/tiers.ts';

/**
 * Git itself is killed at the n-th system call of a kind, while it lands, makes or removes a worktree; then the same is asked for
 * again, as after a restart. By default one point of two kinds is tried, another for each; the long form (`npm run test:faults`) tries the
 * first 17 of every kind, `CM_SWEEP=n` the first n; a kind of which it makes fewer calls ends with the last of them.
 */
const sweep = Number(process.env.CM_SWEEP ?? (isLong ? 17 : 0));
const runId = 'abcdefgh12345678';
const allKinds = [
  'rename,renameat,renameat2',
  'unlink,unlinkat',
  'openat',
  'write',
  'close',
  'fstat,newfstatat,lstat',
  'mkdir',
  'rmdir',
];
const kinds = isLong ? allKinds : allKinds.slice(0, 2);

const strace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
if (!strace) console.log('The sweep of kill points is skipped: strace is not installed or may not trace here.');

const realGit = spawnSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim();
let tools: TestRepository;

/** Stands before git on the PATH and has the wanted subcommand killed at the wanted point, once. */
const shim = `#!/bin/sh
if [ -e "$CM_KILL_ARMED" ]; then for word; do if [ "$word" = "$CM_KILL_COMMAND" ]; then
  rm "$CM_KILL_ARMED"
  strace -f -o /dev/null -e trace="$CM_KILL_CALLS" -e inject="$CM_KILL_CALLS":signal=KILL:when="$CM_KILL_WHEN" ${realGit} "$@"
  code=$?
  # It made so many calls: strace dies as git did, and so does this.
  [ "$code" -le 128 ] || { : >"$CM_KILL_ARMED.killed"; kill -KILL $$; }
  exit "$code"
fi; done; fi
exec ${realGit} "$@"
`;

beforeAll(() => {
  tools = createRepository({ name: 'tools', files: { git: shim } });
  chmodSync(join(tools.root, 'git'), 0o755);
});
afterAll(() => {
  tools.cleanup();
  const more = sweep > few.length ? '' : ' "npm run test:faults" tries 60 of each kind.';
  if (strace) console.log(`Git sweep: git was killed at ${points} of its system calls.${more}`);
});

interface Kill {
  readonly command: string;
  readonly calls: string;
  readonly when: number;
}

function armed(repo: TestRepository, kill: Kill): { env: NodeJS.ProcessEnv; fired(): boolean; wasKilled(): boolean } {
  const flag = join(repo.base, 'armed');
  repo.write(flag, '');
  const env = {
    ...repo.env,
    PATH: `${tools.root}:${repo.env.PATH}`,
    CM_KILL_ARMED: flag,
    CM_KILL_COMMAND: kill.command,
    CM_KILL_CALLS: kill.calls,
    CM_KILL_WHEN: String(kill.when),
  };
  const wasKilled = () => {
    const killed = existsSync(`${flag}.killed`);
    if (killed) points++;
    return killed;
  };
  return { env, fired: () => !existsSync(flag), wasKilled };
}

const few = [1, 2, 3, 5, 8, 13];
let points = 0;

function whens(index: number): number[] {
  return sweep > 0 ? Array.from({ length: sweep }, (_, n) => n + 1) : [few[index % few.length] ?? 1];
}

describe.skipIf(!strace)('git is killed', { timeout: 600_000 }, () => {
  const commands = ['read-tree', 'checkout-index', '--refresh', 'update-ref'];
  const cases = commands.flatMap(command => kinds.map((calls, at) => ({ command, calls, at })));

  test.each(cases)(
    'during $command at $calls: the landing goes through when asked for again, the user loses nothing',
    async kind => {
      for (const when of whens(kind.at)) {
        const files = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`f${n}.txt`, `old ${n}\n`.repeat(50)]));
        const repo = createRepository({ files: { ...files, 'mine.txt': 'mine\n' } });
        try {
          const work = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`f${n}.txt`, `new ${n}\n`.repeat(80)]));
          const head = repo.branch('roadmap-001', { ...work, 'f11.txt': null, 'made/here.txt': 'made\n' });
          const prepared = await (
            await createGit({ root: repo.root, runtimeDir: null, environment: repo.env })
          ).prepare({
            runId,
            slug: '001',
            target: 'main',
            branchName: 'roadmap-001',
            head,
            message: 'Merge',
            trailers: {},
            status: null,
          });
          if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
          const { base, candidate } = prepared;
          repo.write('mine.txt', 'uncommitted\n');
          const request = { runId, slug: '001', target: 'main', base, candidate };
          const { env, fired, wasKilled } = armed(repo, { ...kind, when });
          const first = await (await createGit({ root: repo.root, runtimeDir: null, environment: env })).land(request);
          expect(fired()).toBe(true);
          const killed = wasKilled();
          const where = `${kind.command} ${kind.calls} ${when}: ${JSON.stringify(first)}`;
          const again = await (await createGit({ root: repo.root, runtimeDir: null, environment: repo.env })).land(
            request,
          );
          expect(again, where).toEqual({ outcome: 'landed' });
          expect(repo.git('rev-parse', 'main', 'HEAD').split('\n'), where).toEqual([candidate, candidate]);
          expect(repo.git('status', '--porcelain'), where).toBe(' M mine.txt');
          expect(repo.read('mine.txt'), where).toBe('uncommitted\n');
          if (!killed) break;
        } finally {
          repo.cleanup();
        }
      }
    },
  );

  test.each(kinds)('during worktree add at %s: the worktree is whole when asked for again', async calls => {
    for (const when of whens(kinds.indexOf(calls))) {
      const files = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`d${n % 3}/f${n}.txt`, `text ${n}\n`]));
      const repo = createRepository({ files });
      try {
        const request = { runId, slug: '001', branchName: 'roadmap-001', path: `${repo.root}-wt001`, target: 'main' };
        const { env, wasKilled } = armed(repo, { command: 'add', calls, when });
        const first = await (await createGit({ root: repo.root, runtimeDir: null, environment: env })).createWorktree(
          request,
        );
        const killed = wasKilled();
        const where = `${calls} ${when}: ${JSON.stringify(first)}`;
        const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
        if (first.outcome !== 'created') {
          expect((await git.createWorktree(request)).outcome, where).toBe('created');
        }
        expect(repo.gitIn(request.path, 'status', '--porcelain'), where).toBe('');
        expect(repo.gitIn(request.path, 'symbolic-ref', 'HEAD'), where).toBe('refs/heads/roadmap-001');
        expect(
          repo
            .git('worktree', 'list', '--porcelain')
            .split('\n')
            .filter(line => line.startsWith('locked')),
          where,
        ).toEqual([`locked cm-tui ${runId}`]);
        if (!killed) break;
      } finally {
        repo.cleanup();
      }
    }
  });

  test.each(['unlink,unlinkat', 'rmdir', 'openat'])(
    'during worktree remove at %s: clean-up ends when asked for again',
    async calls => {
      for (const when of whens(kinds.indexOf(calls))) {
        const files = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`d${n % 3}/f${n}.txt`, `text ${n}\n`]));
        const repo = createRepository({ files });
        try {
          const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
          const path = `${repo.root}-wt001`;
          const names = { runId, slug: '001', branchName: 'roadmap-001', target: 'main' };
          await git.createWorktree({ ...names, path });
          repo.write(join(path, 'work.txt'), 'work\n');
          const head = repo.commit('Work', path);
          repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'roadmap-001');
          const request = { ...names, worktreePath: path, landed: null, head, confirmedLoss: [] };
          const { env, wasKilled } = armed(repo, { command: 'remove', calls, when });
          const first = await (await createGit({ root: repo.root, runtimeDir: null, environment: env })).clean(request);
          const killed = wasKilled();
          const where = `${calls} ${when}: ${JSON.stringify(first)}`;
          expect(await git.clean(request), where).toMatchObject({ outcome: 'removed', rescued: [] });
          expect(existsSync(path), where).toBe(false);
          expect(repo.git('branch', '--list', 'roadmap-*'), where).toBe('');
          expect(repo.git('rev-parse', 'refs/cm/head/001'), where).toBe(head);
          if (!killed) break;
        } finally {
          repo.cleanup();
        }
      }
    },
  );
});
