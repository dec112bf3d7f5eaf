import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { textsOf } from './texts.ts';
import { type Avoided, avoided, avoidedInNames, avoidedInProse, exceptions } from './words.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** All code: its strings, comments and names follow the vocabulary. */
const rooms = ['cli.tsx', 'scripts/', 'bench/', 'source/'];

/** All pages that a person reads. */
const pages = ['*.md', 'docs/*.md', 'docs/settings.schema.json', 'test/e2e/commands/help/', '.github/'];

function filesIn(places: readonly string[], pattern: RegExp): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...places], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter(file => pattern.test(file));
  expect(files.length).toBeGreaterThan(0);
  return files;
}

const used = new Set<RegExp>();

function isException(path: string, text: string): boolean {
  const found = exceptions.filter(one => path.startsWith(one.path) && one.text.test(text));
  for (const one of found) used.add(one.text);
  return found.length > 0;
}

/** Code inside prose does not count: options, placeholders, quoted code. */
function withoutCode(text: string): string {
  return text.replaceAll(/--[a-z-]+|<[a-z ]+>|`[^`\n]+`|"cm-tui [^"]*"/g, ' ');
}

/** The lines of a page, with JSON left empty: its names are those of the contract. Of a schema only the descriptions are prose. */
function proseOf(path: string, page: string): readonly string[] {
  if (path.endsWith('.json')) return page.split('\n').map(line => (line.includes('"description"') ? line : ''));
  return page.replaceAll(/```json\n[\s\S]*?```/g, code => code.replaceAll(/.*/g, '')).split('\n');
}

/** What a page says behind the name of a test is the title of that test. */
function withoutTitles(text: string): string {
  return text.replaceAll(/`[a-z0-9-]+(?:\/[a-z0-9-]+)+`: [^|]*/g, ' ');
}

function complaints(path: string, line: number, text: string, words: readonly Avoided[]): readonly string[] {
  const prose = withoutCode(withoutTitles(text));
  return words.flatMap(({ pattern, use }) =>
    pattern.test(prose) && !isException(path, text)
      ? [`${path}:${line}: "${pattern.exec(prose)?.[0]}" in "${text.trim().slice(0, 120)}", use: ${use}`]
      : [],
  );
}

describe('the vocabulary', () => {
  test('is used in every string that can reach a person, in comments and in names', () => {
    const found = filesIn(rooms, /\.(tsx?|mjs)$/).flatMap(path =>
      textsOf(readFileSync(`${root}${path}`, 'utf8'), path).flatMap(({ kind, line, text }) => {
        if (kind === 'string') return complaints(path, line, text, avoidedInProse);
        if (kind === 'comment') return complaints(path, line, text, avoided);
        const parts = text
          .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
          .toLowerCase()
          .split(/[ _]/);
        const bad = parts.find(part => avoidedInNames.includes(part));
        return bad === undefined || isException(path, text)
          ? []
          : [`${path}:${line}: the name ${text} has "${bad}" in it`];
      }),
    );
    expect(found).toEqual([]);
  });

  test('is used in the help pages and in the documentation', () => {
    const found = filesIn(pages, /\.(md|txt|json|ya?ml)$/).flatMap(path =>
      proseOf(path, readFileSync(`${root}${path}`, 'utf8')).flatMap((text, index) =>
        complaints(path, index + 1, text, avoidedInProse),
      ),
    );
    expect(found).toEqual([]);
  });

  test('has no exception that is not needed', () => {
    expect(exceptions.filter(({ text }) => !used.has(text))).toEqual([]);
  });
});

describe('the check', () => {
  const bad = (source: string, words = avoidedInProse): boolean =>
    textsOf(source, 'x.tsx').some(({ text }) => complaints('x.tsx', 1, text, words).length > 0);

  test.each([
    "say('What shall it do?')",
    'const a = `$' + '{key} is mended`;',
    '<p>It meets none of them</p>;',
    '// Nobody is told.',
    "const x = { hint: 'mend' };",
    "fail('`foo` is no setting.')",
    "const label = ['breach', 'breaches'];",
  ])('finds %s', source => {
    expect(bad(source)).toBe(true);
  });

  test.each([
    "import { x } from './priority/task.ts';",
    "if (kind === 'task') send({ type: 'instance-started', 'told': 1 });",
    "option('--priority <id>', 'the item');",
    'const pattern = /shall we/;',
    "say('The circuit breaker is open. There is no ROADMAP.')",
  ])('accepts %s', source => {
    expect(bad(source)).toBe(false);
  });
});
