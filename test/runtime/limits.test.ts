import { describe, expect, it } from 'vitest';
import { initialState } from '../../source/coordinator/update.ts';
import type { Instance } from '../../source/domain/instance.ts';
import { defaultSettings, type Settings } from '../../source/domain/settings.ts';
import { Limits } from '../../source/runtime/watch/limits.ts';
import { fakeCoordinator } from '../helpers/core/coordinators.ts';
import { makeInstance, makeItem } from '../helpers/core/planning.ts';

/** A world with two clocks of its own, one running agent, and nothing that happens by itself. */
function world(settings: Partial<Settings>, changes: Partial<Instance> = {}) {
  const reached: string[] = [];
  const silent: string[][] = [];
  const state = {
    now: 1_000_000,
    up: 50_000,
    lastOutput: null as number | null,
    cooldowns: {} as Record<string, number>,
    woken: 0,
    timer: null as { at: number; callback: () => void } | null,
    interactive: false,
  };
  const instance = makeInstance(makeItem('US-1'), {
    state: 'running',
    startTime: state.now,
    startedUp: state.up,
    ...changes,
  });
  const limits = new Limits(
    {
      now: () => state.now,
      monotonic: () => state.up,
      newId: () => 'x',
      setTimer: (delay, callback) => {
        state.timer = { at: state.up + delay, callback };
        return () => {
          state.timer = null;
        };
      },
    },
    { ...fakeCoordinator().logs, lastOutput: () => state.lastOutput },
    {
      state: () => ({
        ...initialState({ ...defaultSettings, noOutputTimeout: 0, resultGraceSeconds: 0, ...settings }),
        instances: [instance],
        cooldowns: state.cooldowns,
        silent: silent.at(-1) ?? [],
      }),
      reached: (_, cause, seconds) => reached.push(`${cause} ${seconds}`),
      silent: runIds => silent.push([...runIds]),
      wake: () => state.woken++,
      interactive: () => state.interactive,
    },
  );
  /** Lets time pass on both clocks, and the timers in it fire. */
  const pass = (ms: number) => {
    const end = state.up + ms;
    while (state.timer !== null && state.timer.at <= end) {
      const { at, callback } = state.timer;
      state.now += at - state.up;
      state.up = at;
      state.timer = null;
      callback();
    }
    state.now += end - state.up;
    state.up = end;
  };
  limits.look();
  return { runId: instance.runId, limits, state, reached, silent, pass, print: () => (state.lastOutput = state.now) };
}

describe('limits of running agents', () => {
  it('no limit set: no timer stands', () => {
    expect(world({}).state.timer).toBeNull();
  });

  it('time is over exactly once it is over, and not when the wall clock jumps a day', () => {
    const one = world({ agentTimeout: 60 });
    one.state.now += 86_400_000;
    one.limits.look();
    one.pass(59_999);
    expect(one.reached).toEqual([]);
    one.state.now -= 2 * 86_400_000;
    one.pass(1);
    expect(one.reached).toEqual(['time 60']);
  });

  it('a restart of ours begins nothing anew: what was journaled counts', () => {
    const one = world({ agentTimeout: 60 }, { startedUp: 0 });
    one.pass(9_999);
    expect(one.reached).toEqual([]);
    one.pass(1);
    expect(one.reached).toEqual(['time 60']);
  });

  it('a silent run is said once, and once more when it prints again', () => {
    const one = world({ holdSilent: 60 });
    one.pass(59_999);
    expect(one.silent).toEqual([]);
    one.pass(1);
    one.pass(30_000);
    expect(one.silent).toEqual([[one.runId]]);
    one.print();
    one.pass(2_000);
    expect(one.silent).toEqual([[one.runId], []]);
    expect(one.reached).toEqual([]);
  });

  it('an agent that asks a person, or that a person works with, is never silent', () => {
    const asks = { open: [{ ask: 1, words: '', detail: '', since: 0 }], last: 1 };
    const one = world({ holdSilent: 60 }, { asks });
    one.pass(600_000);
    expect(one.silent).toEqual([]);
  });

  it('silence begins anew with every byte', () => {
    const one = world({ noOutputTimeout: 10 });
    one.pass(8_000);
    one.print();
    one.pass(9_999);
    expect(one.reached).toEqual([]);
    one.pass(1);
    expect(one.reached).toEqual(['silence 10']);
  });

  it('after a restart silence is as old as the log, and no older than the run', () => {
    const old = world({ noOutputTimeout: 10 }, { startedUp: 0 });
    expect(old.reached).toEqual(['silence 10']);
    const one = world({ noOutputTimeout: 10 }, { startedUp: 45_000 });
    one.pass(4_999);
    expect(one.reached).toEqual([]);
    one.pass(1);
    expect(one.reached).toEqual(['silence 10']);
  });

  it('a person at work in the agent may be silent', () => {
    const one = world({ noOutputTimeout: 10 });
    one.state.interactive = true;
    one.limits.look();
    one.pass(60_000);
    expect(one.reached).toEqual([]);
  });

  it('the grace counts from the result, and anew from what the agent did after it', () => {
    const one = world({ resultGraceSeconds: 30 }, { result: { ok: true, message: 'done', up: 50_000 } });
    one.pass(20_000);
    one.limits.worked(one.runId);
    one.pass(29_999);
    expect(one.reached).toEqual([]);
    one.pass(1);
    expect(one.reached).toEqual(['result 30']);
  });

  it('wakes the plan when a cooldown is over, not before', () => {
    const one = world({});
    one.state.cooldowns = { claude: one.state.now + 5_000 };
    one.limits.look();
    one.pass(4_999);
    expect(one.state.woken).toBe(0);
    one.pass(1);
    expect(one.state.woken).toBe(1);
    expect(one.state.timer).toBeNull();
  });
});
