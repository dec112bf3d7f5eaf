import { expect, test } from 'vitest';
import { describeFileChange } from '../../../source/coordinator/runs/settings-change.ts';
import { settingsDifference } from '../../../source/domain/settings/settings-difference.ts';

test('each value that differs is named by its place, removed before added; what is the same is left out', () => {
  const before = {
    agent: 'a',
    agents: { a: { command: 'x', args: ['1'] } },
    checks: [['npm', 'test'], ['lint']],
    env: {},
  };
  const after = { agent: 'a', agents: { a: { command: 'y', args: ['1'] } }, checks: [['true'], ['lint']], 'a.b': null };
  expect(settingsDifference(before, after)).toEqual([
    '+ "a.b": null',
    '- agents.a.command: "x"',
    '+ agents.a.command: "y"',
    '- checks[0]: ["npm","test"]',
    '+ checks[0]: ["true"]',
    '- env: {}',
  ]);
  expect(settingsDifference(after, after)).toEqual([]);
});

test('nothing is shortened, and nothing of it reaches a terminal as it is', () => {
  const long = 'x'.repeat(50_000);
  const [added = ''] = settingsDifference({}, { agents: { a: { command: `${long}\u001b[2J\u202e;evil` } } });
  const shown = describeFileChange({ name: 'n', file: '/f', digest: 'd', wasKnown: false, lines: [added] });
  expect(shown[0]).toBe('/f (all of it: what it said before is not known)');
  expect(shown[1]).toContain(';evil');
  expect(shown[1]?.length).toBeGreaterThan(50_000);
  expect(shown[1]).not.toContain('\u202e');
  expect(shown[1]).not.toContain('\u001b');
});
