import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import type { LandRequest } from '../../../source/ports/git.ts';
import { type LandAlone, landAlone } from '../../helpers/git/land-alone.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';
import { readTrace, straceArguments } from '../../helpers/programs/traced-calls.ts';
import { isLong } from '../../helpers/tiers.ts';

const opened: TestRepository[] = [];
let alone: LandAlone;
const strace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
if (!strace) console.log('Failing system calls are skipped: strace is not installed or may not trace here.');

beforeAll(async () => {
  alone = await landAlone();
});
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const faults = [
  ['link,linkat', 'ENOSPC', /no space is left on the disk/],
  ['rename,renameat,renameat2', 'EIO', /input\/output error/],
  ['link,linkat', 'EDQUOT', /disk quota is used up/],
  ['link,linkat', 'EROFS', /file system is read-only/],
] as const;

describe.skipIf(!strace)('a system call that fails while files are replaced', () => {
  test('once: what failed is done again', async () => {
    const { repo, request } = await prepared();
    expect(landWith(repo, request, 'link,linkat', 'ENOSPC', '2').outcome).toBe('landed');
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  test.each(isLong ? faults : faults.slice(0, 1))(
    '%s with %s, for good: one plain sentence, and it lands when the disk is well',
    async (...fault) => {
      const [calls, code, sentence] = fault;
      const { repo, git, request } = await prepared();
      const { outcome, message } = landWith(repo, request, calls, code, '2+');
      expect(outcome).toMatch(/^(failed|blocked)$/);
      expect(message).toMatch(sentence);
      expect(message).toMatch(/^\S[^\n]*\.$/);
      expect(repo.git('rev-parse', 'main')).toBe(request.base);
      // What was moved aside cannot come back either: it waits in our folder, and git's lock keeps others from the index.
      expect(await git.land(request)).toEqual({ outcome: 'landed' });
      expect(repo.git('status', '--porcelain')).toBe('');
      expect(existsSync(join(repo.root, '.git/index.lock'))).toBe(false);
    },
  );
});

describe.skipIf(!strace)('git that cannot be started', () => {
  const spawns = [
    ['clone,vfork,fork', 'EAGAIN', /cannot start another process: end some, or raise the limit with "ulimit -u"/],
    ['socketpair', 'EMFILE', /too many files are open: raise the limit with "ulimit -n"/],
  ] as const;
  test.each(spawns)('%s with %s: one plain sentence, and nothing has changed', async (calls, code, sentence) => {
    const { repo, request } = await prepared();
    const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${code}:when=1+`];
    const { stdout, stderr } = alone.land(repo, request, { before: ['strace', '-o', '/dev/null', ...inject] });
    expect(`${stdout}${stderr}`).toMatch(sentence);
    expect(repo.git('rev-parse', 'main')).toBe(request.base);
    expect(repo.git('status', '--porcelain')).toBe('');
  });
});

describe.skipIf(!strace)('a git that is killed in a transaction of ours', () => {
  async function killedWhilePinsGo(older: boolean) {
    const repo = createRepository();
    opened.push(repo);
    const bin = join(repo.base, 'bin');
    const flag = join(repo.base, 'flag');
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const kill = `strace -o /dev/null -e trace=unlink,rename -e inject=unlink,rename:signal=KILL:when=1 ${real} "$@"`;
    repo.write(
      join(bin, 'git'),
      `#!/bin/sh\ncase "$*" in *update-ref*) [ ! -e ${flag} ] || { rm ${flag}; exec ${kill}; };; esac\nexec ${real} "$@"\n`,
    );
    chmodSync(join(bin, 'git'), 0o755);
    const env = { ...repo.env, PATH: `${bin}:${repo.env.PATH}` };
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: env });
    await git.writeDownWork('abcdefgh12345678');
    expect(repo.git('for-each-ref', 'refs/cm/user')).not.toBe('');
    const lock = join(repo.root, '.git/packed-refs.lock');
    if (older) {
      writeFileSync(lock, '');
      utimesSync(lock, 1000, 1000);
    }
    writeFileSync(flag, '');
    await git.releaseWork(new Set());
    expect(existsSync(flag)).toBe(false);
    const locks = readdirSync(join(repo.root, '.git'), { recursive: true, encoding: 'utf8' });
    return { repo, locks: locks.filter(name => name.endsWith('.lock') && !name.includes('rescue')) };
  }

  test('leaves no lock behind, and what it was about is done', async () => {
    const { repo, locks } = await killedWhilePinsGo(false);
    expect(locks).toEqual([]);
    expect(repo.git('for-each-ref', 'refs/cm/user')).toBe('');
  });

  test("somebody else's lock stays", async () => {
    const { locks } = await killedWhilePinsGo(true);
    expect(locks).toContain('packed-refs.lock');
  });
});

describe.skipIf(!strace)('a landing of what git has not waited for', () => {
  test('puts every object of it on disk first', async () => {
    const { repo, request } = await prepared();
    const trace = join(repo.base, 'trace');
    alone.land(repo, request, { before: ['strace', ...(straceArguments(trace) ?? [])] });
    const synced = new Set(readTrace(trace).flatMap(({ name, file }) => (name === 'fsync' ? [file] : [])));
    const oids = repo.git('rev-list', '--objects', '--no-object-names', `${request.base}..main`).split('\n');
    expect(oids.length).toBeGreaterThan(4);
    for (const oid of oids) {
      expect(synced).toContain(join(repo.root, '.git/objects', oid.slice(0, 2), oid.slice(2)));
      expect(synced).toContain(join(repo.root, '.git/objects', oid.slice(0, 2)));
    }
  });
});

async function prepared() {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } });
  opened.push(repo);
  const head = repo.branch('roadmap-001', { 'a.txt': 'new a\n', 'b.txt': 'new b\n', 'c.txt': 'c\n' });
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const names = { runId: 'abcdefgh12345678', slug: '001', target: 'main' };
  const request = { branchName: 'roadmap-001', head, message: 'Merge', trailers: {}, status: null };
  const answer = await git.prepare({ ...names, ...request });
  if (answer.outcome !== 'prepared') throw new Error(JSON.stringify(answer));
  return { repo, git, request: { ...names, base: answer.base, candidate: answer.candidate } };
}

/** Lands in a process of its own, in which these system calls fail; `when` is counted from the first of them. */
function landWith(repo: TestRepository, request: LandRequest, calls: string, code: string, when: string) {
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${code}:when=${when}`];
  const { stdout, stderr } = alone.land(repo, request, { before: ['strace', '-o', '/dev/null', ...inject] });
  const result = JSON.parse(stdout || '{}') as { readonly outcome?: string; readonly message?: string };
  expect(result.outcome, stderr).toBeDefined();
  return result;
}
