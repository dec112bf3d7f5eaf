import { expect, test } from 'vitest';
import type { State } from '../../source/coordinator/state/state.ts';
import type { SettingsLook } from '../../source/ports/outside.ts';
import { SetupWatch } from '../../source/runtime/watch/setup-watch.ts';

const look = (hooksPath?: string): SettingsLook => ({
  executables: { alias: 'a', ...(hooksPath === undefined ? {} : { 'config core.hookspath': hooksPath }) },
  settings: { other: 'o' },
});

const process = { pid: 1, startTime: '1', bootId: 'b' };

/** What is found beside a setup during which the settings change, and these runs are known before and after it. */
async function around(before: readonly object[], after: readonly object[]) {
  let instances = before;
  let settings = look();
  const watch = new SetupWatch(
    async () => settings,
    () => ({ instances }) as unknown as State,
  );
  await watch.before('run1');
  settings = look('.husky/_');
  instances = after;
  return watch.after('run1');
}

test('what the setup changed becomes a part of every look from before', async () => {
  const over = { runId: 'old', state: 'merged', process };
  const amend = await around([over], [over, { runId: 'run1', state: 'preparing', process: null }]);
  expect(amend?.(look())).toEqual(look('.husky/_'));
});

test('what somebody had changed before the setup stays a change', async () => {
  const amend = await around([], []);
  expect(amend?.(look('elsewhere'))).toEqual(look('elsewhere'));
});

test.each([
  ['was at work all along', [{ runId: 'b', state: 'running', process }], [{ runId: 'b', state: 'running', process }]],
  ['came and went meanwhile', [], [{ runId: 'b', state: 'completed', process }]],
  ['ended meanwhile', [{ runId: 'b', state: 'running', process }], [{ runId: 'b', state: 'completed', process }]],
])('nobody can tell whose change it is while an agent %s', async (_, before, after) => {
  expect(await around(before, after)).toBeNull();
});
