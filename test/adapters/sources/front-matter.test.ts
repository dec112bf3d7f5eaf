import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  placeOfValue,
  readFrontMatter,
  readYamlValues,
} from '../../../source/adapters/sources/reading/front-matter.ts';
import { isLong } from '../../helpers/tiers.ts';
import { createRandom } from '../../helpers/world/random.ts';

const valuesOf = (...lines: readonly string[]): unknown => {
  const read = readFrontMatter(`---\n${lines.join('\n')}\n---\nBody\n`);
  return read !== null && typeof read === 'object' ? { ...read.values } : read;
};

test.each([
  [
    'plain words and lists',
    ['id: TASK-1', 'labels:', '  - cart', '  - "two words"'],
    { id: 'TASK-1', labels: ['cart', 'two words'] },
  ],
  ['a name with an at sign, as people write it', ['assignee: @ada'], { assignee: '@ada' }],
  [
    'such a name beside what takes a parser',
    ['assignee: @ada', 'owners:', '  - @bob', 'labels: {a: 1}'],
    { assignee: '@ada', owners: ['@bob'], labels: { a: 1 } },
  ],
  ['a comment, which is no value', ['title: #12', 'id: a'], { title: null, id: 'a' }],
  ['text over several lines', ['note: |', '  one', '  two'], { note: 'one\ntwo\n' }],
])('%s', (_what, lines, values) => {
  expect(valuesOf(...lines)).toEqual(values);
});

test('the place of a value is found beside such a name', () => {
  const text = '---\nassignee: @ada\nlabels: {a: 1}\nstatus: To Do\n---\n';
  const matter = readFrontMatter(text);
  if (matter === null || typeof matter === 'string') throw new Error('no front matter');
  const place = placeOfValue(matter, 'status');
  expect(text.slice(place?.start, place?.end)).toBe('To Do');
});

// What is read without a parser has to say what the parser says.
test.each([
  ['a folded title', ['title: >-', '  One long title', '  in two lines', 'status: To Do']],
  ['a folded title at the end', ['id: a', 'title: >-', '  One long title', '  in two lines']],
  ['a folded title with an empty line', ['title: >-', '  One', '', '  two', 'id: a']],
  ['a folded title with deeper lines', ['title: >-', '  One', '    two', 'id: a']],
  ['a folded title with a blank at the end', ['title: >-', '  One ', '  two', 'id: a']],
  ['a folded title that ends in lines of its own', ['title: >-', '  One', 'id: a', '', 'status: b']],
  ['a folded title that keeps its end', ['title: >', '  One', 'id: a']],
  ['nothing folded', ['title: >-', 'id: a']],
  ['quotes within quotes', ["title: 'It''s here'", 'id: "a b"']],
  ['a backslash between quotes', ["title: 'a\\b'"]],
  ['entries that are indented differently', ['labels:', '  - one', '    - two', 'id: a']],
  ['entries that are not indented', ['labels:', '- one', '- two', 'id: a']],
  ['entries with an empty line between them', ['labels:', '  - one', '', '  - two', 'id: a']],
  ['a word that continues', ['title: One', '  and two', 'id: a']],
  ['both kinds of quotes', [`title: 'say "yes"'`, `note: "it's"`]],
])('%s: as the parser reads it', (_what, lines) => {
  expect(valuesOf(...lines)).toEqual(parse(`${lines.join('\n')}\n`));
});

test('any values: as the parser reads them, or not at all', () => {
  const parts = [
    ...'a e x o - + . , / @ _ ( ) [ ] = < $ ? | ~ \\ \u00a0 \u2028 \u0085'.split(' '),
    ...['0', '1', '9', 'Task', 'true', 'True', 'No', 'null', 'inf', '.nan', '1e3', '0x1f', '2025-01-02', '10:11'],
    ...[' ', '  ', '\t', '\r', "'", '"', '>-', '\n', '\n  ', '\n- ', '\n  - ', '\n    ', '\r\n'],
  ];
  const random = createRandom(13);
  const wrong: string[] = [];
  for (let round = 0; round < (isLong ? 60_000 : 4000); round++) {
    const value = Array.from({ length: 1 + random.int(5) }, () => random.pick(parts)).join('');
    const text = `id: ${value}\nb: c\n`;
    const read = readYamlValues(text);
    // An at sign before a name is read although a parser refuses it.
    if (typeof read === 'string' || /(?:^|\s)@/.test(value)) continue;
    if (!isDeepStrictEqual({ ...read }, parsed(text))) wrong.push(JSON.stringify(text));
  }
  expect(wrong).toEqual([]);
});

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch (error) {
    return error;
  }
}
