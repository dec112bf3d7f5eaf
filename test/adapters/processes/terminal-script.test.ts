import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote, terminalConfig, terminalScript } from '../../../source/adapters/processes/terminal-script.ts';

describe('words in the script of a terminal', () => {
  it('reach the program as they are, whatever stands in them', () => {
    const hostile = fc.string({
      unit: fc.constantFrom("'", '"', '\\', '$', '`', '(', ')', ';', '\n', ' ', '!', '*', 'é', 'a', '-', '#'),
    });
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 8 }), words => {
        const script = `printf '%s\\0' ${words.map(quote).join(' ')}`;
        const printed = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
        expect(printed.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });

  it('hold no NUL, which no argument can', () => {
    expect(quote('a\0b')).toBe("'ab'");
  });

  it('stand nowhere outside quotes', () => {
    const evil = '$(touch /tmp/owned); `id` #{x} #(y)';
    const script = terminalScript({ folder: '/a b', tmux: '/usr/bin/tmux', file: 'agent', args: [evil] });
    expect(script.replaceAll(quote(evil), '')).not.toContain('owned');
    expect(script.replaceAll(/'[^']*'/g, '')).not.toContain('/a b');
  });
});

it('the configuration keeps what an agent prints away from clipboard and title, and expands nothing', () => {
  const config = terminalConfig('041-2');
  expect(config).toContain('set -s set-clipboard off');
  expect(config).toContain('set -g set-titles off');
  expect(config).not.toMatch(/#[({]/);
});
