import { expect, test } from 'vitest';
import type { RadarReading } from '../../source/coordinator/state/messages.ts';
import type { ClockPort } from '../../source/ports/clock.ts';
import type { WorkPort } from '../../source/ports/work.ts';
import { Radar } from '../../source/runtime/watch/radar.ts';
import { fakeCoordinator } from '../helpers/core/coordinators.ts';
import { fakeInstance, fakeState } from '../helpers/core/fake-handle.ts';

const oid = (letter: string) => letter.repeat(40);

test('branches are compared only once it is known where the target stands: what it changed itself is nobody’s overlap', async () => {
  let due: (() => void) | null = null;
  const clock: ClockPort = {
    now: () => 0,
    monotonic: () => 0,
    newId: () => 'x'.repeat(16),
    setTimer(_, callback) {
      due = callback;
      return () => undefined;
    },
  };
  const targets: (string | null)[] = [];
  const work: WorkPort = {
    workStamp: () => null,
    snapshotWork: async () => null,
    changedPaths: async () => null,
    async predictPair(_one, _other, target = null) {
      targets.push(target);
      return ['a.txt'];
    },
    uncommittedFiles: async () => ({}),
    forgetWork: async () => undefined,
  };
  const instances = ['a', 'b'].map((letter, index) =>
    fakeInstance(`US-00${index + 1}`, { runId: letter.repeat(16), state: 'awaiting-approval', head: oid(letter) }),
  );
  let state = { ...fakeState({ instances }), targetTip: null as string | null };
  const told: RadarReading[] = [];
  const radar = new Radar({ clock, logs: fakeCoordinator().logs }, work, {
    state: () => state,
    tell: reading => told.push(reading),
  });
  const look = async () => {
    radar.wake();
    due?.();
    for (let turn = 0; turn < 30; turn++) await Promise.resolve();
  };
  await look();
  expect(targets).toEqual([]);
  expect(told).toEqual([]);
  state = { ...state, targetTip: oid('c') };
  await look();
  expect(targets).toEqual([oid('c')]);
  expect(told.at(-1)?.radar).toHaveLength(1);
});
