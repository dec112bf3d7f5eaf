import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import { type LandAlone, landAlone } from '../../helpers/land-alone.ts';
import { createRepository, type TestRepository } from '../../helpers/repository.ts';

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

describe.skipIf(!strace)('a system call that fails while files are replaced', { timeout: 120_000 }, () => {
  test.each(faults)('%s with %s: one plain sentence, and the tree is as it was', async (calls, code, sentence) => {
    const repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } });
    opened.push(repo);
    const head = repo.branch('roadmap-001', { 'a.txt': 'new a\n', 'b.txt': 'new b\n', 'c.txt': 'c\n' });
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const names = { runId: 'abcdefgh12345678', slug: '001', target: 'main' };
    const request = { branchName: 'roadmap-001', head, message: 'Merge', trailers: {}, squash: false, status: null };
    const prepared = await git.prepare({ ...names, ...request });
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    const { base, candidate } = prepared;
    const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${code}:when=2`];
    const before = ['strace', '-o', '/dev/null', ...inject];
    const { stdout, stderr } = alone.land(repo, { ...names, base, candidate }, { before });
    const result = JSON.parse(stdout || '{}') as { readonly outcome?: string; readonly message?: string };
    expect(result.outcome, stderr).toBe('failed');
    expect(result.message).toMatch(sentence);
    expect(result.message).toMatch(/^\S[^\n]*\.$/);
    expect(repo.git('rev-parse', 'main')).toBe(base);
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(existsSync(join(repo.root, '.git/index.lock'))).toBe(false);
    expect(await git.land({ ...names, base, candidate })).toEqual({ outcome: 'landed' });
  });
});
