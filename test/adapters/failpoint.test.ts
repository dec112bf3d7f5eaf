import { afterEach, expect, test } from 'vitest';
import { armFailpoints, asyncFailpoint, failpoint, isArmed } from '../../source/adapters/failpoint.ts';

afterEach(() => armFailpoints(null));

test('acts at every hit, or only at the one that is named', () => {
  armFailpoints('git.land.before:throw, journal.open:enospc:2');
  expect(() => failpoint('git.land.before')).toThrow('failpoint git.land.before');
  expect(() => failpoint('git.land.before')).toThrow();
  failpoint('journal.open');
  expect(() => failpoint('journal.open')).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
  failpoint('journal.open');
  failpoint('git.land.after');
  expect([isArmed('journal.open'), isArmed('git.land.after')]).toEqual([true, false]);
});

test('a delay lets an asynchronous caller go on later and a synchronous one wait', async () => {
  armFailpoints('process.start.before:delay=1,checks.before:delay=1,checks.after:throw');
  failpoint('process.start.before');
  await asyncFailpoint('checks.before');
  await expect(asyncFailpoint('checks.after')).rejects.toThrow('checks.after');
});

test.each([
  'nothing.here:kill',
  'git.land.before',
  'git.land.before:burn',
  'git.land.before:kill:x',
  'git.land.before:delay=x',
])('a name or action that does not exist is an error, not a fault that never comes: %s', text => {
  expect(() => armFailpoints(text)).toThrow(/Invalid CM_FAILPOINT/);
});

test('disarmed, nothing happens', async () => {
  failpoint('git.land.before');
  await asyncFailpoint('git.land.before');
});
