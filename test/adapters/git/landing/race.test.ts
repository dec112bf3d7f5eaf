import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';
import { sampleOf } from '../../../helpers/tiers.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];
const realGit = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/**
 * A landing in which something happens in the user's tree right before git is started with this word for the first time; `instead`
 * replaces that start, or each such start until the landing is over.
 */
async function landWhile(happens: {
  readonly before: string;
  readonly script: string;
  readonly instead?: true | 'always';
}) {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n', 'mine.txt': 'm\n' } });
  opened.push(repo);
  const head = repo.branch('roadmap-001', { 'a.txt': 'changed\n', 'new.txt': 'new\n' });
  const tools = join(repo.base, 'tools');
  const flag = join(repo.base, 'armed');
  const rest = happens.instead === undefined ? `exec ${realGit} "$@"` : 'exit 128';
  const disarm = happens.instead === 'always' ? '' : `rm ${flag}`;
  repo.write(
    join(tools, 'git'),
    `#!/bin/sh
if [ -e ${flag} ]; then for word; do if [ "$word" = '${happens.before}' ]; then
  ${disarm}
  ( unset GIT_INDEX_FILE; cd ${repo.root} && PATH=$(dirname ${realGit}):$PATH && ${happens.script} ) >/dev/null 2>&1
  ${rest}
fi; done; fi
exec ${realGit} "$@"
`,
  );
  chmodSync(join(tools, 'git'), 0o755);
  const env = { ...repo.env, PATH: `${tools}:${repo.env.PATH}` };
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: env });
  const names = { runId, slug: '001', target: 'main' };
  const prepared = await git.prepare({
    ...names,
    branchName: 'roadmap-001',
    head,
    message: 'Merge',
    trailers: {},
    status: null,
  });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  repo.write('mine.txt', 'uncommitted\n');
  repo.write(flag, '');
  const result = await git.land({ ...names, base, candidate });
  expect(existsSync(flag)).toBe(happens.instead === 'always');
  rmSync(flag, { force: true });
  expect(existsSync(join(repo.root, '.git/cm-tui/landing.json'))).toBe(false);
  expect(repo.read('mine.txt')).toBe('uncommitted\n');
  return { repo, git, base, candidate, result, names };
}

describe('while a landing is under way', () => {
  test('the user switches to another branch: neither branch nor tree moves', async () => {
    const { repo, base, result } = await landWhile({ before: 'read-tree', script: 'git switch -q -c other' });
    expect(result).toMatchObject({ outcome: 'blocked', message: expect.stringMatching(/switched/) });
    expect(repo.git('rev-parse', 'main', 'other').split('\n')).toEqual([base, base]);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(repo.git('symbolic-ref', 'HEAD')).toBe('refs/heads/other');
  });

  test('the user switches at the last moment: the branch lands, their tree is as they left it', async () => {
    const { repo, base, candidate, result } = await landWhile({
      before: 'cm-tui: land 001',
      script: 'git switch -q -c other',
    });
    expect(result).toEqual({ outcome: 'landed' });
    expect(repo.git('rev-parse', 'main', 'other').split('\n')).toEqual([candidate, base]);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(repo.read('a.txt')).toBe('a\n');
  });

  test('the user detaches HEAD before it begins: nothing of theirs moves', async () => {
    const { repo, base, result } = await landWhile({ before: 'status', script: 'git switch -q --detach' });
    expect(result.outcome).toBe('blocked');
    expect(repo.git('rev-parse', 'main', 'HEAD').split('\n')).toEqual([base, base]);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
  });

  test('the user commits: their commit wins, the candidate is to be built again', async () => {
    const script = 'echo theirs > b.txt && git commit -q -m Theirs b.txt';
    const { repo, base, result } = await landWhile({ before: 'status', script });
    const tip = repo.git('rev-parse', 'main');
    expect(result).toEqual({ outcome: 'target-moved', tip, rewound: false });
    expect(repo.git('rev-parse', 'main^')).toBe(base);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(repo.read('a.txt')).toBe('a\n');
  });

  test('the user commits when it has begun: git tells them to wait, and nothing of theirs is lost', async () => {
    const script = 'echo theirs > b.txt; git commit -q -m Theirs b.txt || touch ../refused';
    const { repo, candidate, result } = await landWhile({ before: 'read-tree', script });
    expect(result).toEqual({ outcome: 'landed' });
    expect(existsSync(join(repo.base, 'refused'))).toBe(true);
    expect(repo.git('rev-parse', 'main')).toBe(candidate);
    expect(repo.git('status', '--porcelain')).toBe(' M b.txt\n M mine.txt');
    repo.git('commit', '-qm', 'Theirs', 'b.txt');
  });

  test('somebody moves the target by hand between tree and ref: the tree goes back with it', async () => {
    const script = 'git update-ref refs/heads/main $(git commit-tree -p main -m Theirs "main^{tree}")';
    const { repo, result } = await landWhile({ before: 'cm-tui: land 001', script });
    expect(result).toMatchObject({ outcome: 'target-moved', rewound: false });
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(existsSync(join(repo.root, 'new.txt'))).toBe(false);
  });

  /** Before the first file is replaced, while they are, and when the branch moves. */
  const steps = ['read-tree', 'checkout-index', 'cm-tui: land 001'];

  test.each(sampleOf(steps, step => step !== 'read-tree'))(
    'git fails once at %s, and leaves a lock: what failed is done again',
    async before => {
      const script = 'touch .git/refs/heads/main.lock';
      const { repo, candidate, result } = await landWhile({ before, script, instead: true });
      expect(result).toEqual({ outcome: 'landed' });
      expect(repo.git('rev-parse', 'main')).toBe(candidate);
      expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    },
  );

  test.each(sampleOf(steps, step => step !== 'read-tree'))(
    'git fails at %s for as long as it is tried: the tree is as it was, and it lands when asked for again',
    async before => {
      const { repo, git, base, candidate, result, names } = await landWhile({ before, script: ':', instead: 'always' });
      expect(result.outcome).toBe('failed');
      expect(repo.git('rev-parse', 'main')).toBe(base);
      expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
      expect(await git.land({ ...names, base, candidate })).toEqual({ outcome: 'landed' });
    },
  );

  /** Starts of git before and after the user's files are replaced. */
  const moments = ['read-tree', 'checkout-index', '--refresh', 'cm-tui: land 001'] as const;
  const saves = {
    'in place': 'echo saved > a.txt',
    'by rename': 'echo saved > .a.swp; mv .a.swp a.txt',
  } as const;
  const saved = moments.flatMap(before => Object.keys(saves).map(how => [how, before] as const));

  test.each(sampleOf(saved, ([how, before]) => how === 'in place' || before === 'cm-tui: land 001'))(
    'a file that is to change is saved %s at %s: the save stands in its place',
    async (how, before) => {
      const { repo, base, candidate, result } = await landWhile({ before, script: saves[how as keyof typeof saves] });
      expect(repo.read('a.txt')).toBe('saved\n');
      const early = before === 'read-tree' || before === 'checkout-index';
      if (early) expect(result).toMatchObject({ outcome: 'blocked', paths: ['a.txt'] });
      else expect(result).toEqual({ outcome: 'landed' });
      expect(repo.git('rev-parse', 'main')).toBe(early ? base : candidate);
      expect(existsSync(join(repo.root, 'new.txt'))).toBe(!early);
      expect(repo.git('status', '--porcelain')).toBe(' M a.txt\n M mine.txt');
    },
  );

  test.each(['read-tree', 'checkout-index'])('a file that is to be added is made at %s: it stays', async before => {
    const { repo, base, result } = await landWhile({ before, script: 'echo built > new.txt' });
    expect(result).toMatchObject({ outcome: 'blocked', paths: ['new.txt'] });
    expect(repo.read('new.txt')).toBe('built\n');
    expect(repo.git('rev-parse', 'main')).toBe(base);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt\n?? new.txt');
  });

  test('the very file that is to be added is made by a build: it is the build that keeps it', async () => {
    const { repo, result } = await landWhile({ before: 'checkout-index', script: 'echo new > new.txt' });
    expect(result).toMatchObject({ outcome: 'blocked', paths: ['new.txt'] });
    expect(repo.read('new.txt')).toBe('new\n');
  });

  /** The file that was moved aside is the one that a program has open. */
  const open = 'for file in .git/cm-tui/rescue/landing-*/replaced/a.txt; do echo late >> $file; done';

  test('a program that has a file open writes before the branch moves: all goes back', async () => {
    const { repo, base, result } = await landWhile({ before: '--refresh', script: open });
    expect(result).toMatchObject({ outcome: 'blocked', paths: ['a.txt'] });
    expect(repo.read('a.txt')).toBe('a\nlate\n');
    expect(repo.git('rev-parse', 'main')).toBe(base);
    expect(repo.git('status', '--porcelain')).toBe(' M a.txt\n M mine.txt');
  });

  test('… or when the branch moves: what it wrote is kept, and where', async () => {
    const { repo, result } = await landWhile({ before: 'cm-tui: land 001', script: open });
    if (result.outcome !== 'landed') throw new Error(JSON.stringify(result));
    const folder = /kept in (\S+)\.$/.exec(result.remark ?? '')?.[1] ?? '';
    expect(result.remark).toMatch(/^a\.txt was saved/);
    expect(repo.read(join(folder, 'a.txt'))).toBe('a\nlate\n');
    expect(repo.read('a.txt')).toBe('changed\n');
  });

  test('… or later: what was replaced is read once more before it is removed', async () => {
    const { repo, git, result } = await landWhile({ before: 'read-tree', script: 'true' });
    expect(result).toEqual({ outcome: 'landed' });
    const rescue = join(repo.root, '.git/cm-tui/rescue');
    const [name = ''] = readdirSync(rescue);
    const replaced = join(rescue, name, 'replaced/a.txt');
    const soon = Date.now();
    expect(await git.releaseReplaced(soon)).toEqual([]);
    expect(repo.read(replaced)).toBe('a\n');
    appendFileSync(replaced, 'late\n');
    const later = soon + 3_600_000;
    expect(await git.releaseReplaced(later)).toEqual([expect.stringMatching(/^a\.txt was saved while/)]);
    expect(await git.releaseReplaced(later)).toEqual([]);
    expect(repo.read(replaced)).toBe('a\nlate\n');
  });

  test('nothing of a landing is left in our folder after a while', async () => {
    const { repo, git } = await landWhile({ before: 'read-tree', script: 'true' });
    expect(await git.releaseReplaced(Date.now() + 3_600_000)).toEqual([]);
    expect(readdirSync(join(repo.root, '.git/cm-tui/rescue'))).toEqual([]);
  });
});
