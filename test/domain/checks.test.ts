import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildCheckRunId,
  checkRunName,
  checkScript,
  checkSlotId,
  checksHash,
  slugOfChecks,
} from '../../source/domain/checks.ts';

function run(commands: Parameters<typeof checkScript>[0]) {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', checkScript(commands, 'checks-0')], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, CM_RUN_ID: 'own' },
  });
  return { status, lines: stdout.split('\n').slice(0, -1), stderr };
}

describe('the script of the checks', () => {
  test('runs one command after another, says which, and stops at the first that fails', () => {
    expect(run(['echo one; exit 0', ['sh', '-c', 'echo two >&2; exit 3'], 'echo three'])).toEqual({
      status: 3,
      lines: ['$ echo one; exit 0', 'one', '$ sh -c echo two >&2; exit 3', 'two'],
      stderr: '',
    });
    expect(run(['true', ['true']]).status).toBe(0);
    expect(run([['cm-tui-no-such-program']]).status).toBe(127);
  });

  test('never takes a builtin for a program, and marks whatever it starts', () => {
    expect(run([['exit', '0']]).status).toBe(127);
    expect(run(['echo "$CM_RUN_ID"']).lines).toEqual(['$ echo "$CM_RUN_ID"', 'checks-0']);
  });

  test('hands words over exactly as they are', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab \'"$`\\;&|<>*?~#!=\t(){}[]é', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), words => {
        const script = checkScript(
          [[process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...words]],
          'c',
        );
        const printed = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
        expect(JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '')).toEqual(words);
      }),
      { numRuns: 15 },
    );
  });
});

describe('names of the checks', () => {
  const check = { candidate: 'a'.repeat(40), commandHash: checksHash({ checks: ['x'] }), number: 1 };

  test('differ with the candidate, the commands and the try', () => {
    const others = [
      { ...check, candidate: 'b'.repeat(40) },
      { ...check, commandHash: checksHash({ checks: [['x']] }) },
      { ...check, number: 2 },
    ];
    expect(new Set([check, ...others].map(buildCheckRunId)).size).toBe(4);
    expect(buildCheckRunId(check)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(checkSlotId('/a/.git', 0)).not.toBe(checkSlotId('/a/.git', 1));
    expect(checkSlotId('/a/.git', 0)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  test('lead back to the branch', () => {
    expect(slugOfChecks(checkRunName('043-2'))).toBe('043-2');
    expect(slugOfChecks('043')).toBeNull();
  });
});
