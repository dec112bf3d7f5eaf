import { expect, test } from 'vitest';
import { readFrontMatter } from '../../../source/adapters/sources/reading/front-matter.ts';

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
  ['a comment, which is no value', ['title: #12', 'id: a'], { title: null, id: 'a' }],
  ['text over several lines', ['note: |', '  one', '  two'], { note: 'one\ntwo\n' }],
])('%s', (_what, lines, values) => {
  expect(valuesOf(...lines)).toEqual(values);
});
