import { describe, expect, it } from 'vitest';
import { readFindings } from '../../../source/domain/review/findings.ts';
import { parseDiff } from '../../../source/domain/review/parse-diff.ts';
import { placeFinding } from '../../../source/domain/review/placed-finding.ts';

const texts = (output: string) =>
  readFindings(output).findings?.map(({ path, line, text }) => `${path}:${line} ${text}`);

describe('what a reviewing agent found', () => {
  it.each([
    ['after the heading', 'Good work.\n\nFINDINGS\nsrc/a.ts:3: wrong', ['src/a.ts:3 wrong']],
    ['with a heading of markdown', '## Findings:\n- `src/a.ts:3` - wrong', ['src/a.ts:3 wrong']],
    ['of several lines', 'FINDINGS\n* src/a.ts:3-7: wrong', ['src/a.ts:3 wrong']],
    ['of a file without an ending', 'FINDINGS\nMakefile:2: wrong', ['Makefile:2 wrong']],
    ['as JSON lines', 'FINDINGS\n{"path":"src/a.ts","line":3,"text":"wrong"}', ['src/a.ts:3 wrong']],
    ['as one JSON list', 'FINDINGS\n[{"file":"a.ts","line":"3","message":"wrong"}]', ['a.ts:3 wrong']],
    ['of a file as a whole', '{"findings":[{"path":"a.ts","comment":"wrong"}]}', ['a.ts:0 wrong']],
    ['without a heading', 'I looked.\nsrc/a.ts:3: wrong\nThat is all.', ['src/a.ts:3 wrong']],
    ['only once', 'FINDINGS\na.ts:1: x\na.ts:1: x', ['a.ts:1 x']],
    ['none', 'All is well.\nNO FINDINGS', []],
    ['none in other words', 'FINDINGS\n\nNone.', []],
    ['none after the heading', '**Findings**: none', []],
    ['the last list alone', 'FINDINGS\nold.ts:1: quoted\n\nNO FINDINGS', []],
  ])('is read %s', (_, output, expected) => {
    expect(texts(output)).toEqual(expected);
  });

  it.each(['', 'All is well.', 'FINDINGS', 'at 12:30: lunch', 'see https://example.org:80: no', '{"path":'])(
    'is unknown, and never none, where it says neither: %j',
    output => {
      expect(readFindings(output).findings).toBeNull();
    },
  );

  it.each(['/etc/passwd:1: x', '../up.ts:1: x', 'a/../../b.ts:1: x', '{"path":"a.ts","line":1,"text":""}'])(
    'holds nothing outside of the repository, and nothing empty: %s',
    line => {
      expect(readFindings(`FINDINGS\n${line}`).findings).toBeNull();
    },
  );

  it('keeps what was said before as words, and is bounded', () => {
    expect(readFindings('One.\nTwo.\nFINDINGS\na.ts:1: x').words).toBe('One.\nTwo.');
    const many = Array.from({ length: 5000 }, (_, at) => `a.ts:${at + 1}: x`).join('\n');
    expect(readFindings(`FINDINGS\n${many}`).findings).toHaveLength(100);
    expect(readFindings(`FINDINGS\na.ts:1: ${'x'.repeat(100_000)}`).findings?.[0]?.text.length).toBe(2000);
  });
});

const diff = parseDiff(
  [
    'diff --git a/src/a.ts b/src/a.ts',
    '--- a/src/a.ts',
    '+++ b/src/a.ts',
    '@@ -1,2 +1,3 @@',
    ' one',
    '-two',
    '+2',
    '+3',
    '@@ -10,1 +11,1 @@',
    ' ten',
    '',
  ].join('\n'),
);

describe('its place in the diff', () => {
  const place = (path: string, line: number, to = line) => placeFinding(diff, { path, line, to, text: 'x\u001b[2J' });

  it('quotes the lines of the new file that it names', () => {
    expect(place('src/a.ts', 2, 3)).toEqual({
      path: 'src/a.ts',
      side: 'new',
      from: 2,
      to: 3,
      quote: ['+2', '+3'],
      text: 'x',
    });
    expect(place('src/a.ts', 11).quote).toEqual([' ten']);
  });

  it('is that of the file where it is named as a diff does, or by an end that no other has', () => {
    expect(place('b/src/a.ts', 1)).toMatchObject({ path: 'src/a.ts', quote: [' one'] });
    expect(place('a.ts', 1)).toMatchObject({ path: 'src/a.ts', quote: [' one'] });
  });

  it('quotes nothing where the diff does not show it', () => {
    expect(place('src/a.ts', 7).quote).toEqual([]);
    expect(place('src/a.ts', 0)).toMatchObject({ from: 1, quote: [] });
    expect(place('other.ts', 1)).toMatchObject({ path: 'other.ts', quote: [] });
  });
});
