import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { setStatusInFile } from '../../../../source/adapters/sources/formats.ts';
import type { PrepareRequest } from '../../../../source/ports/git.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const roadmap = `# Roadmap

### US-001: First 📝 Planned
**Status**: 📝 Planned

### US-002: Second
**Status**: 📝 Planned
`;
const place = 'docs/roadmap/ROADMAP.md';
const status = { path: place, itemKey: 'US-001', line: 3, heading: '### US-001: First 📝 Planned' };

interface Stage {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  request(changes?: Partial<PrepareRequest>): PrepareRequest;
}

async function open(
  files: Record<string, string> = {},
  work: Record<string, string | null> = { 'a.txt': 'changed\n' },
): Promise<Stage> {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'docs/other.md': 'o\n', [place]: roadmap, ...files } });
  opened.push(repo);
  const head = repo.branch('roadmap-001', work);
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  return {
    repo,
    git,
    request: changes => ({
      runId,
      slug: '001',
      target: 'main',
      branchName: 'roadmap-001',
      head,
      message: 'Merge US-001 parallel execution',
      trailers: {},
      status,
      ...changes,
    }),
  };
}

/** A git that does something else once, just before it does the step for the first time: it collects garbage, or fails. */
function troubledAt(repo: TestRepository, step: string, trouble: 'garbage' | 'failure') {
  const bin = join(repo.base, 'bin');
  const flag = join(bin, 'collected');
  const real =
    (repo.env.PATH ?? '')
      .split(delimiter)
      .map(folder => join(folder, 'git'))
      .find(existsSync) ?? 'git';
  const what = trouble === 'failure' ? 'exit 128' : `'${real}' -C '${repo.root}' gc -q --prune=now </dev/null`;
  const script = [
    '#!/bin/sh',
    `case " $* " in *" ${step} "*)`,
    `  if [ ! -e '${flag}' ]; then : >'${flag}'; ${what}; fi ;;`,
    'esac',
    `exec '${real}' "$@"`,
  ];
  mkdirSync(bin);
  writeFileSync(join(bin, 'git'), `${script.join('\n')}\n`, { mode: 0o755 });
  const environment = { ...repo.env, PATH: `${bin}${delimiter}${repo.env.PATH ?? ''}` };
  return { environment, hasRun: () => existsSync(flag) };
}

describe('predict', () => {
  test('clean, conflict, empty and unknown are told apart', async () => {
    const { repo, git } = await open();
    const base = repo.git('rev-parse', 'main');
    const head = repo.git('rev-parse', 'roadmap-001');
    expect(await git.predict('main', head)).toEqual({
      outcome: 'clean',
      base,
      head,
      tree: repo.git('rev-parse', `${head}^{tree}`),
    });
    expect(await git.predict('main', base)).toEqual({ outcome: 'empty', base, head: base });
    repo.write('a.txt', 'differently\n');
    const moved = repo.commit('Move on');
    expect(await git.predict('main', head)).toEqual({ outcome: 'conflict', base: moved, head, paths: ['a.txt'] });
    expect((await git.predict('nowhere', head)).outcome).toBe('unknown');
    expect((await git.predict('main', '0123456789'.repeat(4))).outcome).toBe('unknown');
  });

  test('branches without a common commit cannot be told, and shallow clones hear why', async () => {
    const { repo, git } = await open();
    repo.git('switch', '-q', '--orphan', 'island');
    repo.write('x', 'x');
    const island = repo.commit('Island');
    expect(await git.predict('main', island)).toEqual({
      outcome: 'unknown',
      message: expect.stringMatching(/shares no commit/),
    });
  });

  test('paths of a conflict come through whole whatever they hold', async () => {
    const odd = ['with space.txt', 'new\nline.txt', '-dash', 'ü.txt', '"q".txt', ':x'];
    const all = (text: string) => Object.fromEntries(odd.map(name => [name, text]));
    const { repo, git, request } = await open(all('one\n'), all('two\n'));
    for (const name of odd) repo.write(name, 'three\n');
    repo.commit('Three');
    const result = await git.prepare(request());
    expect(result.outcome).toBe('conflict');
    if (result.outcome === 'conflict') expect([...result.paths].sort()).toEqual([...odd].sort());
  });

  test('two branches against each other', async () => {
    const { repo, git } = await open();
    const one = repo.git('rev-parse', 'roadmap-001');
    const two = repo.branch('roadmap-002', { 'a.txt': 'otherwise\n' }, 'main');
    const three = repo.branch('roadmap-003', { 'b.txt': 'b\n' }, 'main');
    expect(await git.predictPair(one, two)).toEqual(['a.txt']);
    expect(await git.predictPair(one, three)).toEqual([]);
    expect(await git.predictPair(one, '0123456789'.repeat(4))).toBeNull();
  });

  test('a merge driver of the repository has its say as it has in git merge', async () => {
    const { repo, git } = await open({ '.gitattributes': 'a.txt merge=union\n' });
    repo.write('a.txt', 'differently\n');
    repo.commit('Move on');
    const head = repo.git('rev-parse', 'roadmap-001');
    expect((await git.predict('main', head)).outcome).toBe('clean');
  });
});

describe('prepare', () => {
  test("sets the item's status line in the candidate, and nothing else", async () => {
    const { repo, git, request } = await open();
    const result = await git.prepare(request());
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    expect(result.statusWritten).toBe(true);
    expect(repo.git('diff', '--name-only', 'main', result.candidate).split('\n')).toEqual(['a.txt', place]);
    const text = repo.git('show', `${result.candidate}:${place}`);
    const changed = text.split('\n').filter((line, at) => line !== roadmap.split('\n')[at]);
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatch(/^\*\*Status\*\*:.*✅/);
    expect(repo.git('fsck', '--strict', '--no-dangling')).toBe('');
    expect(repo.read(place)).toBe(roadmap);
    await git.land({ runId, slug: '001', target: 'main', base: result.base, candidate: result.candidate });
    expect(repo.git('status', '--porcelain')).toBe('');
    expect(repo.read(place)).toBe(`${text}\n`);
  });

  test('sets it back for what takes a landing back, unless somebody has said something else since', async () => {
    const done = roadmap.replace('**Status**: 📝 Planned', '**Status**: ✅ Complete');
    const back = { ...status, to: 'planned' } as const;
    for (const [before, after] of [
      [done, '**Status**: 📝 Planned'],
      [roadmap.replace('**Status**: 📝 Planned', '**Status**: 🚧 Manual Review'), '**Status**: 🚧 Manual Review'],
      [roadmap, '**Status**: 📝 Planned'],
    ] as const) {
      const { repo, git, request } = await open({ [place]: before });
      const result = await git.prepare(request({ status: back }));
      expect(result).toMatchObject({ outcome: 'prepared', statusWritten: true });
      if (result.outcome === 'prepared')
        expect(repo.git('show', `${result.candidate}:${place}`).split('\n')[3]).toBe(after);
    }
    const { repo, git } = await open({ [place]: done });
    expect(await git.writeStatus({ target: 'main', status: back })).toBe(true);
    expect(repo.git('log', '-1', '--format=%s')).toBe('Set US-001 to planned');
    expect(repo.read(place)).toBe(roadmap);
  });

  test('bytes elsewhere in the file which are no UTF-8 stay as they are', async () => {
    const { repo, git, request } = await open();
    repo.write(place, Buffer.concat([Buffer.from(roadmap), Buffer.from([0xff, 0xfe, 0x0a])]));
    repo.commit('Odd bytes');
    const result = await git.prepare(request());
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    await git.land({ runId, slug: '001', target: 'main', base: result.base, candidate: result.candidate });
    const bytes = readFileSync(join(repo.root, place));
    expect([...bytes.subarray(-3)]).toEqual([0xff, 0xfe, 0x0a]);
    expect(bytes.toString('utf8')).toContain('✅');
  });

  test('a line with bytes which are no UTF-8 is left as it is', async () => {
    const { repo, request } = await open();
    const options = { root: repo.root, runtimeDir: null, environment: repo.env };
    const git = await createGit({ ...options, setStatus: setStatusInFile });
    const list = Buffer.from('{"userStories":[{"id":"A","title":"caf\xe9","passes":false}]}\n', 'latin1');
    repo.write('prd.json', list);
    repo.commit('Odd bytes');
    const wanted = { path: 'prd.json', itemKey: 'A', name: 'A', line: 1, heading: 'A caf', source: 'ralph' };
    const result = await git.prepare(request({ status: wanted }));
    expect(result).toMatchObject({ outcome: 'prepared', statusWritten: false });
    // Where the bytes are in another line, it is set.
    repo.write('prd.json', Buffer.from(list.toString('latin1').replace('"passes"', '\n"passes"'), 'latin1'));
    repo.commit('Two lines');
    expect(await git.prepare(request({ status: wanted }))).toMatchObject({ outcome: 'prepared', statusWritten: true });
  });

  test.each(['dirty', 'missing file', 'missing item', 'link'] as const)(
    'leaves the status out when it cannot be set: %s',
    async how => {
      const { repo, git, request } = await open();
      if (how === 'dirty') repo.write(place, `${roadmap}\nA line of the user's\n`);
      const path = how === 'missing file' ? 'nowhere/ROADMAP.md' : place;
      if (how === 'link') {
        repo.git('rm', '-q', place);
        const { mkdirSync, symlinkSync } = await import('node:fs');
        mkdirSync(join(repo.root, 'docs/roadmap'), { recursive: true });
        symlinkSync('../other.md', join(repo.root, place));
        repo.commit('A link');
      }
      const item = how === 'missing item' ? { itemKey: 'US-999', line: 90, heading: '### US-999: None' } : {};
      const result = await git.prepare(request({ status: { ...status, path, ...item } }));
      expect(result).toMatchObject({ outcome: 'prepared', statusWritten: false });
      if (result.outcome === 'prepared') {
        expect(repo.git('diff', '--name-only', 'main', result.candidate)).toBe('a.txt');
      }
    },
  );

  test('a moved head, a branch that is gone, a branch with nothing new', async () => {
    const { repo, git, request } = await open();
    const other = repo.branch('other', { 'b.txt': 'b\n' });
    repo.git('branch', '-f', 'roadmap-001', other);
    expect(await git.prepare(request())).toEqual({ outcome: 'moved', head: other });
    repo.git('branch', '-D', 'roadmap-001');
    expect(await git.prepare(request())).toEqual({ outcome: 'moved', head: null });
    repo.git('branch', 'roadmap-001', 'main');
    expect(await git.prepare(request({ head: repo.git('rev-parse', 'main') }))).toEqual({ outcome: 'empty' });
    repo.git('branch', '-f', 'roadmap-001', repo.git('commit-tree', '-p', 'main', '-m', 'Nothing', 'main^{tree}'));
    expect(await git.prepare(request({ head: repo.git('rev-parse', 'roadmap-001') }))).toEqual({ outcome: 'empty' });
  });

  test('an approved head that another one replaces stays reachable', async () => {
    const { repo, git, request } = await open();
    const first = request().head;
    await git.prepare(request());
    repo.git('branch', '-D', 'roadmap-001');
    const second = repo.branch('roadmap-001', { 'a.txt': 'again\n' });
    expect((await git.prepare(request({ head: second }))).outcome).toBe('prepared');
    expect(repo.git('rev-parse', 'refs/cm/head/001', `refs/cm/old/001/${first}`).split('\n')).toEqual([second, first]);
  });

  test('pins survive a collection of garbage, and packed refs are read as well as loose ones', async () => {
    const { repo, git, request } = await open();
    repo.git('pack-refs', '--all');
    const result = await git.prepare(request());
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    repo.git('pack-refs', '--all');
    repo.git('gc', '-q', '--prune=now');
    const landed = await git.land({
      runId,
      slug: '001',
      target: 'main',
      base: result.base,
      candidate: result.candidate,
    });
    expect(landed).toEqual({ outcome: 'landed' });
    expect(await git.targetTip('main')).toBe(result.candidate);
  });

  // Each is a step between the merge on paper and the pin, which needs what no ref names yet.
  test.each(['mktree', 'commit-tree', 'update-ref'])(
    'garbage that is collected just before %s takes nothing away for good',
    async step => {
      const { repo, request } = await open();
      const { environment, hasRun } = troubledAt(repo, step, 'garbage');
      const git = await createGit({ root: repo.root, runtimeDir: null, environment });
      const result = await git.prepare(request());
      expect(hasRun()).toBe(true);
      expect(result).toMatchObject({ outcome: 'prepared', statusWritten: true });
      if (result.outcome !== 'prepared') return;
      const { base, candidate } = result;
      expect(await git.land({ runId, slug: '001', target: 'main', base, candidate })).toEqual({ outcome: 'landed' });
      expect(await repo.tryGit(repo.root, 'fsck', '--full')).toMatchObject({ code: 0 });
    },
  );

  // What is just being written goes before what stands already, so nothing need be missing when the step fails.
  test.each(['mktree', 'commit-tree'])('a %s that fails while all is there is tried again', async step => {
    const { repo, request } = await open();
    const { environment, hasRun } = troubledAt(repo, step, 'failure');
    const git = await createGit({ root: repo.root, runtimeDir: null, environment });
    expect(await git.prepare(request())).toMatchObject({ outcome: 'prepared', statusWritten: true });
    expect(hasRun()).toBe(true);
  });

  test.each(['checked out', 'not checked out'])(
    'a candidate of which parts are gone never lands and can be built again, the target %s',
    async how => {
      const { repo, git, request } = await open({}, { 'new/b.txt': 'b\n' });
      if (how === 'not checked out') repo.git('checkout', '-q', '-b', 'elsewhere');
      const result = await git.prepare(request());
      if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
      const { base, candidate } = result;
      const tree = repo.git('rev-parse', `${candidate}^{tree}`);
      rmSync(join(repo.root, '.git/objects', tree.slice(0, 2), tree.slice(2)));
      const landing = { runId, slug: '001', target: 'main', base, candidate };
      expect(await git.land(landing)).toEqual({ outcome: 'target-moved', tip: base, rewound: false });
      expect(repo.git('rev-parse', 'main')).toBe(base);
      expect(repo.git('status', '--porcelain')).toBe('');
      const again = await git.prepare(request());
      if (again.outcome !== 'prepared') throw new Error(JSON.stringify(again));
      expect(await git.land({ ...landing, candidate: again.candidate })).toEqual({ outcome: 'landed' });
      expect(await repo.tryGit(repo.root, 'fsck', '--full')).toMatchObject({ code: 0 });
    },
  );

  test('trailers and message cannot smuggle lines or controls', async () => {
    const { repo, git, request } = await open();
    const result = await git.prepare(
      request({ message: 'Merge\u001b[31m US-001\n', trailers: { 'Cm-Task': 'x\nCm-Head: forged', 'bad name': 'y' } }),
    );
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    const body = repo.git('log', '-1', '--format=%B', result.candidate);
    expect(body).not.toContain('\u001b');
    expect(body.split('\n').filter(line => line.startsWith('Cm-Head:'))).toEqual([`Cm-Head: ${request().head}`]);
    expect(body).not.toContain('bad name');
  });
});

describe('writeStatus', () => {
  test('makes a commit of one line on the target, wherever that is', async () => {
    const { repo, git } = await open();
    repo.write('a.txt', 'dirty\n');
    expect(await git.writeStatus({ target: 'main', status })).toBe(true);
    expect(repo.git('diff', '--stat', 'HEAD~1', 'HEAD')).toMatch(/1 file changed, 1 insertion\(\+\), 1 deletion/);
    expect(repo.git('status', '--porcelain')).toBe(' M a.txt');
    const tip = repo.git('rev-parse', 'main');
    expect(await git.writeStatus({ target: 'main', status })).toBe(true);
    expect(repo.git('rev-parse', 'main')).toBe(tip);
    expect(
      await git.writeStatus({ target: 'main', status: { ...status, itemKey: 'US-999', heading: '### US-999: None' } }),
    ).toBe(false);
    repo.write(place, `${repo.read(place)}\nmine\n`);
    expect(
      await git.writeStatus({
        target: 'main',
        status: { ...status, itemKey: 'US-002', line: 6, heading: '### US-002: Second' },
      }),
    ).toBe(false);
    expect(repo.git('rev-parse', 'main')).toBe(tip);
  });
});

describe('undoLanding', () => {
  test.each(['checked out', 'not checked out'])('takes the last landing back, the target %s', async how => {
    const { repo, git, request } = await open();
    const result = await git.prepare(request());
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    const { base, candidate } = result;
    await git.land({ runId, slug: '001', target: 'main', base, candidate });
    if (how === 'not checked out') repo.git('switch', '-q', '--detach');
    repo.write('docs/other.md', 'mine\n');
    expect(await git.undoLanding({ slug: '001', target: 'main', landed: candidate, base, branches: [] })).toEqual({
      outcome: 'moved',
    });
    expect(repo.git('rev-parse', 'main')).toBe(base);
    expect(repo.git('status', '--porcelain')).toBe(' M docs/other.md');
    expect(repo.git('rev-parse', 'refs/cm/cand/001')).toBe(candidate);
    expect(repo.git('for-each-ref', 'refs/cm/landed')).toBe('');
  });

  test('is refused where a branch that may still land holds it, which is named', async () => {
    const { repo, git, request } = await open();
    const result = await git.prepare(request());
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    const { base, candidate } = result;
    await git.land({ runId, slug: '001', target: 'main', base, candidate });
    repo.git('branch', 'roadmap-002', base);
    repo.git('branch', 'roadmap-003', candidate);
    repo.git('branch', 'mine', candidate);
    const undo = (branches: readonly string[]) =>
      git.undoLanding({ slug: '001', target: 'main', landed: candidate, base, branches });
    expect(await undo(['roadmap-002', 'roadmap-003', 'roadmap-004'])).toEqual({
      outcome: 'built-on',
      branches: ['roadmap-003'],
    });
    expect(repo.git('rev-parse', 'main')).toBe(candidate);
    expect(await undo(['roadmap-002'])).toEqual({ outcome: 'moved' });
  });

  test('is refused when the target has moved on, and when it would touch what the user changed', async () => {
    const { repo, git, request } = await open();
    const result = await git.prepare(request());
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    const { base, candidate } = result;
    await git.land({ runId, slug: '001', target: 'main', base, candidate });
    repo.write('a.txt', 'my own\n');
    const undo = () => git.undoLanding({ slug: '001', target: 'main', landed: candidate, base, branches: [] });
    expect(await undo()).toMatchObject({ outcome: 'blocked', paths: ['a.txt'] });
    const tip = repo.commit('Mine');
    expect(await undo()).toEqual({ outcome: 'elsewhere', tip });
  });
});

describe('the integration worktree', () => {
  test('stands at the candidate, outside of everything, and keeps what it is told to keep', async () => {
    const { repo, git, request } = await open({ '.gitignore': 'node_modules/\n*.log\n' });
    const result = await git.prepare(request());
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    const path = await git.checkoutCandidate(result.candidate, ['node_modules']);
    expect(path.startsWith(repo.root)).toBe(false);
    expect(path).not.toContain('/.git/');
    expect(repo.git('worktree', 'list', '--porcelain')).toContain('locked cm-tui checks');
    expect(repo.read(join(path, 'a.txt'))).toBe('changed\n');
    expect(await git.candidateIntact(result.candidate)).toBe(true);

    repo.write(join(path, 'node_modules/kept.js'), 'x');
    repo.write(join(path, 'build/out.txt'), 'x');
    repo.write(join(path, 'test.log'), 'x');
    expect(await git.candidateIntact(result.candidate)).toBe(true);
    repo.write(join(path, 'a.txt'), 'changed by the checks\n');
    expect(await git.candidateIntact(result.candidate)).toBe(false);
    expect(await git.checkoutCandidate(result.candidate, ['node_modules'])).toBe(path);
    expect(existsSync(join(path, 'node_modules/kept.js'))).toBe(true);
    expect(existsSync(join(path, 'build'))).toBe(false);
    expect(existsSync(join(path, 'test.log'))).toBe(false);
    expect(await git.candidateIntact(result.candidate)).toBe(true);

    repo.write(join(path, 'a.txt'), 'x\n');
    repo.commit('The checks commit', path);
    expect(await git.candidateIntact(result.candidate)).toBe(false);
    expect(repo.git('status', '--porcelain')).toBe('');
    await expect(git.checkoutCandidate(result.candidate, ['../x'])).rejects.toThrow(/Invalid checkKeep path/);
  });

  test('is made anew when the checks have removed it, or put something else there', async () => {
    const { repo, git, request } = await open();
    const result = await git.prepare(request());
    if (result.outcome !== 'prepared') throw new Error(JSON.stringify(result));
    const { rmSync } = await import('node:fs');
    const path = await git.checkoutCandidate(result.candidate, []);
    rmSync(path, { recursive: true });
    await git.checkoutCandidate(result.candidate, []);
    expect(await git.candidateIntact(result.candidate)).toBe(true);
    rmSync(join(path, '.git'));
    repo.gitIn(path, 'init', '-q');
    expect(await git.candidateIntact(result.candidate)).toBe(false);
    await git.checkoutCandidate(result.candidate, []);
    expect(await git.candidateIntact(result.candidate)).toBe(true);
    expect(repo.git('rev-parse', 'main')).toBe(result.base);
  });
});
