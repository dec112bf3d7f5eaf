import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { measureScopes } from '../../../scripts/lib/scope-measure.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

interface MadeCommit {
  readonly message: string;
  readonly files: readonly string[];
}

/** A repository with these commits, oldest first, made with one start of git. */
function historyOf(commits: readonly MadeCommit[]): string {
  const repo = createRepository({ files: {}, bare: true });
  opened.push(repo);
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const stream = commits.map(({ message, files }, at) => {
    const changes = files.map(file => `M 100644 inline ${file}\n${data(`${file} ${at}`)}`).join('');
    return `commit refs/heads/main\ncommitter A <a@b> ${1_700_000_000 + at} +0000\n${data(message)}${changes}\n`;
  });
  execFileSync('git', ['fast-import', '--quiet'], { cwd: repo.root, env: repo.env, input: stream.join('') });
  return repo.root;
}

const parts = ['parser', 'printer', 'router', 'logger'];
const all = parts.flatMap(part => [`src/${part}.ts`, `test/${part}.test.ts`]);

describe('measuring the guess', () => {
  test('a history in which words tell the files: sure, right, and never wrongly independent', async () => {
    const commits = Array.from({ length: 80 }, (_, at) => {
      const part = parts[at % 4] ?? 'parser';
      return { message: `${part}: case ${at}`, files: [`src/${part}.ts`, `test/${part}.test.ts`] };
    });
    const result = await measureScopes(historyOf([{ message: 'First', files: all }, ...commits]), 20);
    expect(result).toMatchObject({ commits: 20, sure: 20, recall: 1, pairs: 190, independent: 150, wrong: 0 });
    expect(result.precision).toBe(1);
  });

  test('a history in which words say nothing: asks instead of guessing', async () => {
    const commits = Array.from({ length: 80 }, (_, at) => ({
      message: `Step ${at} of the ${parts[at % 4]}`,
      files: [all[(at * 5) % 8] ?? '', all[(at * 3 + 1) % 8] ?? ''],
    }));
    const result = await measureScopes(historyOf([{ message: 'First', files: all }, ...commits]), 20);
    expect(result.wrong).toBeLessThanOrEqual(0.02 * result.independent);
  });

  test('a history without a commit that could be hidden is said to be one', async () => {
    await expect(measureScopes(historyOf([{ message: 'First', files: all }]), 20)).rejects.toThrow('could be hidden');
  });
});
