import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { parseRoadmap } from '../../../../source/domain/roadmap/parse.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const path = 'docs/ROADMAP.md';
const roadmap =
  '# Roadmap\r\n\r\n## US-001: First\r\n**Status**: 📝 Planned\r\n\r\n## US-002: Second\r\n**Status**: 📝 Planned\r\n';

async function open(content: string | Buffer = roadmap) {
  const repo = createRepository({ files: { 'a.txt': 'a\n' } });
  opened.push(repo);
  repo.write(path, content);
  repo.commit('Add the ROADMAP');
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const items = parseRoadmap(content.toString(), { path }).items.map(({ key, line, heading }) => ({
    key,
    line,
    heading,
  }));
  const write = () =>
    git.writeScopes({
      target: 'main',
      path,
      items: items.map((item, at) => ({ ...item, paths: [`src/${at}.ts`], dependsOn: [] })),
    });
  return { repo, git, write };
}

describe('scopes on the target', () => {
  test('are written in one commit, and nothing else changes', async () => {
    const { repo, write } = await open();
    repo.write('a.txt', 'mine\n');
    expect(await write()).toEqual({ written: ['US-002', 'US-001'], problem: null });
    expect(repo.git('log', '-1', '--format=%s')).toBe('Set the scope of US-001, US-002');
    expect(repo.git('diff', '--stat', 'HEAD~1', 'HEAD')).toMatch(/1 file changed, 2 insertions\(\+\)$/);
    expect(repo.read(path)).toContain('Planned\r\n**Files**: `src/0.ts`\r\n');
    expect(repo.git('status', '--porcelain')).toBe(' M a.txt');
  });

  test('leave bytes alone that are not UTF-8', async () => {
    const latin = Buffer.concat([
      Buffer.from([0xe9, 0x0a]),
      Buffer.from(roadmap.replaceAll('\r', '')),
      Buffer.from([0xff]),
    ]);
    const { repo, write } = await open(latin);
    expect((await write()).problem).toBeNull();
    const after = Buffer.from(repo.git('show', `HEAD:${path}`), 'utf8');
    expect(after.toString()).toContain('**Files**: `src/1.ts`');
    const bytes = repo.git('cat-file', '-s', `HEAD:${path}`);
    expect(Number(bytes)).toBe(latin.length + 2 * '**Files**: `src/0.ts`\n'.length);
  });

  test('are not written over the edits of a person', async () => {
    const { repo, write } = await open();
    repo.write(path, `${roadmap}mine\n`);
    const tip = repo.git('rev-parse', 'main');
    expect(await write()).toEqual({ written: [], problem: `${path} has uncommitted changes` });
    expect(repo.git('rev-parse', 'main')).toBe(tip);
    expect(repo.read(path)).toContain('mine');
  });
});

test('names are searched for in a commit, with where they are defined', async () => {
  const { repo, git } = await open();
  repo.write('src/one.ts', 'export function parseIt(text: string) {\n  return text;\n}\n');
  repo.write('src/two.ts', "import { parseIt } from './one.ts';\nparseItAll(parseIt('x'));\n");
  const commit = repo.commit('Parse it');
  expect(await git.usesOf(commit, ['parseIt', '--none'])).toEqual([
    { name: 'parseIt', files: ['src/one.ts', 'src/two.ts'], defined: ['src/one.ts'] },
    { name: '--none', files: [], defined: [] },
  ]);
  expect(await git.trackedFiles(commit)).toContain('src/two.ts');
  expect(await git.pastChanges(commit, 1)).toEqual([{ text: 'Parse it', files: ['src/one.ts', 'src/two.ts'] }]);
});
