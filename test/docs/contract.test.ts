import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/contract.md');

/** The members of a union type of strings. */
function membersOf(path: string, type: string): readonly string[] {
  const body = new RegExp(`export type ${type} =([^;]*);`).exec(read(path))?.[1] ?? '';
  return [...body.matchAll(/'([a-z-]+)'/g)].map(match => match[1] ?? '');
}

function filesOf(...patterns: string[]): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--', ...patterns], { cwd: root, encoding: 'utf8' });
  return listed.split('\n').filter(file => file !== '' && existsSync(join(root, file)));
}

describe('docs/contract.md', () => {
  test.each([
    ['reason', 'source/domain/plan-types.ts', 'ReasonCode', '## When an item may run'],
    ['state', 'source/domain/instance.ts', 'InstanceState', '## States of a run'],
    ['original status', 'source/domain/instance.ts', 'OriginalStatus', '## States of a run'],
  ])('names every %s', (_, path, type, heading) => {
    const members = membersOf(path, type);
    const section = page.split(heading)[1]?.split('\n## ')[0] ?? '';
    expect(members.length).toBeGreaterThan(2);
    for (const member of members) expect(section).toMatch(new RegExp(`(?<![a-z-])${member}(?![a-z-])`));
  });

  test('names every exit code', () => {
    const codes = /export type ExitCode = ([^;]*);/.exec(read('source/domain/errors.ts'))?.[1]?.match(/\d+/g) ?? [];
    expect(codes.length).toBeGreaterThan(4);
    for (const code of codes) expect(page).toContain(`| ${code} | `);
  });

  test('defines every invariant that a test checks by number', () => {
    const numbers = filesOf('test/helpers', 'test/faults', 'test/simulation', 'source').flatMap(file =>
      [...read(file).matchAll(/\bI\d+\b/g)].map(match => match[0]),
    );
    expect(numbers.length).toBeGreaterThan(20);
    for (const number of new Set(numbers)) expect(page).toContain(`| ${number} | `);
  });
});

test('every rule of SECURITY.md that a test checks by number is there', () => {
  const rules = read('SECURITY.md');
  const numbers = filesOf('test/security').flatMap(file =>
    [...read(file).matchAll(/\bS\d+\b/g)].map(match => match[0]),
  );
  expect(numbers.length).toBeGreaterThan(5);
  for (const number of new Set(numbers)) expect(rules).toContain(`| ${number} | `);
});

test('comments and pages refer only to documents that are in the repository', () => {
  const named = filesOf('source', 'cli.tsx')
    .filter(file => /\.tsx?$/.test(file))
    .flatMap(file =>
      read(file)
        .split('\n')
        .filter(line => /^\s*(\/\*|\*|\/\/)/.test(line))
        .flatMap(line => [...line.matchAll(/docs\/[a-z-]+\.md\b/g)].map(([path]) => ({ file, path }))),
    );
  const linked = filesOf('*.md', ':!test').flatMap(file =>
    [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(match => ({
      file,
      path: join(dirname(file), match[1] ?? ''),
    })),
  );
  const missing = [...named, ...linked].filter(({ path }) => !existsSync(join(root, path)));
  expect(named.length).toBeGreaterThan(10);
  expect(missing).toEqual([]);
});
