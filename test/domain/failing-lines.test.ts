import { describe, expect, it } from 'vitest';
import { FailingLines } from '../../source/domain/text/failing-lines.ts';

function failing(output: string): readonly string[] {
  const found = new FailingLines();
  for (const line of output.split('\n')) found.add(line);
  return found.lines();
}

const noise = Array.from({ length: 3000 }, (_, at) => `ok ${at} - fine`).join('\n');

describe('the lines that say what failed', () => {
  it('are found before any amount of other output (TAP)', () => {
    expect(failing(`ok 1 - a\nnot ok 2 - adds up\n${noise}\n# tests 3002\n# fail 1`)).toEqual(['not ok 2 - adds up']);
  });

  it('leave out what TAP allows to fail', () => {
    // TODO and SKIP are directives of TAP, not remarks on this test.
    expect(failing('not ok 1 - later # TODO not written\nnot ok 2 - never # SKIP\nnot ok 3 - now')).toEqual([
      'not ok 3 - now',
    ]);
  });

  it('hold the message of a block that only announces one (Node)', () => {
    const output = [
      'not ok 1 - total',
      '  ---',
      '  duration_ms: 1.2',
      '  error: |-',
      '    Expected values to be strictly equal:',
      '    1 !== 2',
      "  code: 'ERR_ASSERTION'",
    ];
    expect(failing(output.join('\n'))).toEqual([
      'not ok 1 - total',
      '  error: |-',
      '    Expected values to be strictly equal:',
    ]);
  });

  it('end with the last stack, from its error on', () => {
    const output = [
      'Error: first',
      '    at one (a.js:1:1)',
      'still going',
      'TypeError: x is not a function',
      '    at two (b.js:2:2)',
      '    at three (c.js:3:3)',
      'npm error code 1',
      'npm error A complete log of this run can be found in: x-debug-0.log',
    ];
    expect(failing(output.join('\n'))).toEqual([
      'Error: first',
      'TypeError: x is not a function',
      '    at two (b.js:2:2)',
      '    at three (c.js:3:3)',
    ]);
  });

  it.each([
    ['Vitest', ' FAIL  test/a.test.ts > adds\nAssertionError: expected 1 to be 2\n ❯ test/a.test.ts:3:13', 2],
    ['Jest', 'FAIL src/a.test.js\n  ● adds › up', 2],
    ['Mocha', '  ✖ adds up\n  1 passing', 1],
    ['pytest', 'E   assert 1 == 2\nFAILED test_a.py::test_add - assert 1 == 2', 2],
    ['Go', '--- FAIL: TestAdd (0.00s)\n    add_test.go:7: got 1\nFAIL\texample/shop\t0.003s', 2],
    ['Cargo', "test tests::adds ... FAILED\nthread 'tests::adds' panicked at src/lib.rs:9:9:", 2],
    ['tsc', "src/a.ts(3,5): error TS2322: Type 'x' is not assignable", 1],
    ['ESLint', '  3:5  error  Unexpected var  no-var', 1],
    ['make', 'make: *** [Makefile:2: test] Error 1', 1],
    ['a shell', 'sh: 1: vitest: command not found', 1],
  ])('are known as %s writes them', (_, output, count) => {
    expect(failing(output)).toHaveLength(count);
  });

  it.each([
    '0 errors, 2 warnings',
    'Tests: 3 passed, 0 failed',
    'no failures',
    'loading errors.json',
    'error handling: ok',
    'FAILSAFE mode',
  ])('are not: %s', output => {
    expect(failing(output)).toEqual([]);
  });

  it('are few, and the rest is counted', () => {
    const output = Array.from({ length: 40 }, (_, at) => `not ok ${at}`).join('\n');
    const lines = failing(`${output}\nError: last\n    at x (y.js:1:1)`);
    expect(lines).toHaveLength(12);
    expect(lines.slice(-3)).toEqual(['… and 32 more', 'Error: last', '    at x (y.js:1:1)']);
  });
});
