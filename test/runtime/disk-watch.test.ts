import { beforeEach, describe, expect, test } from 'vitest';
import type { State } from '../../source/coordinator/state/state.ts';
import type { Instance } from '../../source/domain/instance.ts';
import type { ClockPort } from '../../source/ports/clock.ts';
import { DiskWatch } from '../../source/runtime/watch/disk-watch.ts';
import { fakeInstance, fakeState } from '../helpers/core/fake-handle.ts';

const second = 1000;
const minute = 60 * second;

/** A clock that stands until it is told to go on; one timer at a time. */
class Clock implements ClockPort {
  at = 0;
  due: { readonly at: number; readonly callback: () => void } | null = null;
  now = () => this.at;
  monotonic = () => this.at;
  newId = () => 'x'.repeat(16);

  setTimer(delayMs: number, callback: () => void): () => void {
    this.due = { at: this.at + delayMs, callback };
    return () => {
      this.due = null;
    };
  }

  /** Lets time pass up to the timer, and everything that it starts come to an end. */
  async next(): Promise<void> {
    const { due } = this;
    if (due === null) throw new Error('no timer is set');
    this.due = null;
    this.at = Math.max(this.at, due.at);
    due.callback();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

let clock: Clock;
let state: State;
let looked: string[];
let took: number;

beforeEach(() => {
  clock = new Clock();
  looked = [];
  took = 10;
});

function watch(instances: readonly Instance[]): DiskWatch {
  state = fakeState({ instances });
  const folderBytes = async (path: string): Promise<number | null> => {
    looked.push(path);
    clock.at += took;
    return path.endsWith('009') ? null : looked.length * 1000;
  };
  const one = new DiskWatch({ folderBytes }, clock, () => state);
  one.start();
  return one;
}

describe('what worktrees take on disk', () => {
  test('is measured once for each that is there, and told beside what is known of the run', async () => {
    const running = fakeInstance('US-001');
    const one = watch([running, fakeInstance('US-002', { state: 'cleaned' }), fakeInstance('US-009')]);
    expect(one.addTo({})).toEqual({});
    await clock.next();
    expect(looked).toEqual(['/tmp/shop-wt001', '/tmp/shop-wt009']);
    const heard = { [running.runId]: { activity: 'testing', lastOutput: 5, usage: null } };
    expect(one.addTo(heard)).toEqual({
      [running.runId]: { activity: 'testing', lastOutput: 5, usage: null, diskBytes: 1000 },
    });
  });

  test('is measured again when the state has changed, or after ten minutes of work, and else never', async () => {
    const landed = fakeInstance('US-001', { state: 'merged' });
    const running = fakeInstance('US-002');
    watch([landed, running]);
    await clock.next();
    looked = [];
    while (clock.at < 9 * minute) await clock.next();
    expect(looked).toEqual([]);
    while (clock.at < 11 * minute) await clock.next();
    expect(looked).toEqual(['/tmp/shop-wt002']);
    state = fakeState({ instances: [landed, { ...running, state: 'awaiting-approval' }] });
    looked = [];
    await clock.next();
    expect(looked).toEqual(['/tmp/shop-wt002']);
    looked = [];
    while (clock.at < 60 * minute) await clock.next();
    expect(looked).toEqual([]);
  });

  test('the longer it takes the more seldom it is done; a worktree that is gone is forgotten', async () => {
    took = 10 * second;
    const one = watch([fakeInstance('US-001')]);
    await clock.next();
    expect((clock.due?.at ?? 0) - clock.at).toBeGreaterThanOrEqual(200 * took);
    state = fakeState({ instances: [] });
    await clock.next();
    expect(one.addTo({})).toEqual({});
  });

  test('nothing is measured after the end', async () => {
    const one = watch([fakeInstance('US-001')]);
    one.stop();
    expect(clock.due).toBeNull();
    expect(looked).toEqual([]);
  });
});
