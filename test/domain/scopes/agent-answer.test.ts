import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../../source/cli/scopes/agent-answer.ts';

const ids = new Set(['US-1']);
const answer = (files: unknown, more: object = {}) => JSON.stringify({ items: [{ id: 'US-1', files, ...more }] });

describe('the answer of an agent', () => {
  test('is found among other words, the last one counts', () => {
    const text = `I think:\n${answer(['old.ts'])}\nNo, rather:\n\`\`\`json\n${answer([{ path: './a.ts', reason: 'r' }])}\n\`\`\`\nDone {x}`;
    expect(readAnswer(text, ids)).toEqual([{ id: 'US-1', files: [{ path: 'a.ts', reason: 'r' }], dependsOn: [] }]);
  });

  test.each([
    ['leads out', ['../a', '/etc/passwd', '~/x', 'a/../../b', 'C:\\x', 'a\nb']],
    ['is everything', ['**', '*', '**/*', '/']],
    ['is none', [1, null, {}, '']],
  ])('a path that %s is left out', (_, paths) => {
    expect(readAnswer(answer(paths), ids)?.[0]?.files).toEqual([]);
  });

  test('of other items, of another form, or broken is none', () => {
    expect(readAnswer(JSON.stringify({ items: [{ id: 'US-9', files: ['a'] }, 7, { __proto__: null }] }), ids)).toEqual(
      [],
    );
    for (const text of ['', 'no', '{"items":', '{"items":{}}', '[]', '{'.repeat(10_000)])
      expect(readAnswer(text, ids)).toBeNull();
  });
});
