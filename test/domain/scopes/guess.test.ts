import { describe, expect, test } from 'vitest';
import { createGuesser, type Guess, messageText } from '../../../source/domain/scope/guess/guess.ts';
import type { PastChange } from '../../../source/domain/scope/guess/history.ts';
import { namesIn, wordsOf } from '../../../source/domain/scope/guess/words.ts';

const files = [
  'src/parser.ts',
  'src/printer.ts',
  'src/router/match.ts',
  'src/router/table.ts',
  'test/parser.test.ts',
  'README.md',
];

function paths(guess: Guess) {
  return (guess.sure ? guess.files : guess.candidates).map(({ path }) => path);
}

function guessed(text: string, history: readonly PastChange[] = []) {
  return createGuesser(files, history).guess(messageText(text), []);
}

/** A history in which parser, printer and router change each for itself, with their own words. */
const parts = [
  ['parser', 'src/parser.ts', 'test/parser.test.ts'],
  ['printer', 'src/printer.ts'],
  ['router', 'src/router/match.ts', 'src/router/table.ts'],
] as const;
const history: readonly PastChange[] = Array.from({ length: 120 }, (_, at) => {
  const [name, ...changed] = parts[at % 3] ?? parts[0];
  return { text: `${name}: case ${at} of ${['quotes', 'widths', 'wildcards'][at % 3]}`, files: changed };
});

describe('words', () => {
  test('are the same however they are written', () => {
    expect(wordsOf('parseRoadmap')).toEqual(wordsOf('parsing-roadmaps'));
    expect(wordsOf('HTTPServer2')).toEqual(['http', 'serv']);
    expect(wordsOf('Add the new files and fix it')).toEqual([]);
  });

  test('names are those that are spelled as in code', () => {
    expect(namesIn('Call parseHeaders() from `retry` with --dry-run, and max_age too')).toEqual([
      'retry',
      'parseHeaders',
      '--dry-run',
      'max_age',
    ]);
    expect(namesIn('Plain words only, nothing else.')).toEqual([]);
  });

  test('take no more time for a huge text', () => {
    expect(wordsOf('word '.repeat(1_000_000))).toEqual(['word']);
  });
});

describe('the guess', () => {
  test('takes a file that the text names, with the reason', () => {
    const guess = guessed('Speed up src/printer.ts\n\nIt is slow.');
    expect(guess.sure).toBe(true);
    expect(guess.files[0]?.path).toBe('src/printer.ts');
    expect(guess.files[0]?.reasons).toContain('named in the text');
  });

  test('says that a named file is new', () => {
    const [first] = guessed('Write src/router/cache.ts').files;
    expect(first).toMatchObject({ path: 'src/router/cache.ts', reasons: ['named in the text, new'] });
  });

  test('takes where a name of the text is defined', () => {
    const uses = [{ name: 'printTree', files: ['src/printer.ts', 'README.md'], defined: ['src/printer.ts'] }];
    const guess = createGuesser(files, []).guess({ title: 'printTree drops the last line', body: '' }, uses);
    expect(paths(guess)[0]).toBe('src/printer.ts');
    const reasons = [...guess.files, ...guess.candidates][0]?.reasons;
    expect(reasons).toContain('defines printTree');
  });

  test('learns from earlier changes with like words, and of files that change together', () => {
    const guess = guessed('parser: strings with quotes', history);
    expect(guess.sure).toBe(true);
    expect(paths(guess).slice(0, 2).sort()).toEqual(['src/parser.ts', 'test/parser.test.ts']);
    expect(guess.files[0]?.reasons).toContain('earlier commits with like words changed it');
  });

  test('is not sure where nothing points to a file, nor of work that goes everywhere', () => {
    expect(guessed('Make it nicer', history)).toEqual({ sure: false, files: [], candidates: [] });
    expect(guessed('parser: rename quotes everywhere', history).sure).toBe(false);
  });

  test('calls nothing independent in a history where words say nothing about files', () => {
    const noise = Array.from({ length: 120 }, (_, at) => ({
      text: `Change ${['parser', 'printer', 'router'][at % 3]} part ${at}`,
      files: [files[(at * 7) % 5] ?? '', 'README.md'],
    }));
    const { learned } = createGuesser(files, noise);
    expect(learned.score?.independent ?? 0).toBe(0);
  });

  test('tells how it would have done with the commits of the repository', () => {
    const { score } = createGuesser(files, history).learned;
    expect(score).toMatchObject({ all: 120, wrong: 0 });
    expect(score?.independent).toBeGreaterThan(1000);
    expect(createGuesser(files, history.slice(0, 5)).learned.score).toBeNull();
  });
});
