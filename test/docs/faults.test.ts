import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

/** Every reference to a test on a page: `` `room/file`: words of its title `` up to the next one or the end of the cell. */
function references(page: string): readonly { readonly file: string; readonly words: string }[] {
  const rows = read(page)
    .split('\n')
    .filter(line => line.startsWith('| '))
    .flatMap(line => line.split(' | ').at(-1) ?? []);
  return rows.flatMap(cell =>
    [...cell.matchAll(/`([a-z0-9-]+(?:\/[a-z0-9-]+)+)`: (.*?)(?=; `| \|?$|$)/g)].map(([, file = '', words = '']) => ({
      file,
      words: words.replace(/ \|$/, ''),
    })),
  );
}

function sourceOf(file: string): string {
  const path = [`test/${file}.test.ts`, `test/${file}.test.tsx`].find(candidate => existsSync(`${root}${candidate}`));
  expect(path, `${file} is a test`).toBeDefined();
  // A quote in a title is escaped where the title stands between the same ones.
  return path === undefined ? '' : read(path).replaceAll("\\'", "'");
}

describe.each(['docs/faults.md', 'docs/what-happens.md'])('%s', page => {
  const found = references(page);

  test('names tests in every row', () => {
    const [table = ''] = read(page).split('## How often');
    const rows = table
      .split('\n')
      .filter(line => /^\| (?!no\.|what happens \||---)/.test(line) && !line.startsWith('|---'));
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) expect(row, row).toMatch(/`[a-z0-9-]+\/[a-z0-9/-]+`: \S/);
  });

  test('names tests that are there', () => {
    expect(found.length).toBeGreaterThan(15);
    for (const { file, words } of found) expect(sourceOf(file), `${file}: ${words}`).toContain(words);
  });
});

test('the catalogue holds every case that concerns surviving', () => {
  const cases = [...read('docs/faults.md').matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const expected = [
    ...range(1, 5),
    8,
    ...range(10, 29),
    ...range(31, 52),
    54,
    ...range(56, 60),
    ...range(64, 71),
    ...range(75, 77),
  ];
  expect(cases).toEqual(expected);
  expect(read('docs/what-happens.md')).toContain(`| those that take seconds | ${cases.length} |`);
  expect(read('README.md')).toContain(`${cases.length} kinds of fault`);
});
