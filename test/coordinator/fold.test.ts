import { describe, expect, it } from 'vitest';
import { durablePart, fold, initialDurableState } from '../../source/coordinator/fold/fold.ts';
import type { DurableState } from '../../source/coordinator/state/state.ts';
import { replay } from '../../source/coordinator/update.ts';
import type { CoordinatorEvent } from '../../source/ports/events.ts';
import { makeItem } from '../helpers/core/planning.ts';
import { type Fact, oid, Scene } from '../helpers/core/scene.ts';

function facts(play: (one: Scene, record: (told: { readonly facts: readonly Fact[] }) => void) => void): {
  readonly events: readonly CoordinatorEvent[];
  readonly scene: Scene;
} {
  const scene = new Scene([makeItem('US-001')]);
  const events: CoordinatorEvent[] = [];
  play(scene, told => events.push(...told.facts.map(fact => ({ ...fact, at: scene.at }))));
  return { events, scene };
}

const spawned = facts((one, record) => {
  record(one.ready());
  record(one.command({ type: 'spawn', id: 'US-001' }));
  record(one.command({ type: 'cancel', id: 'US-001' }));
});

describe('the fold of the journal', () => {
  it('is what the state knows, and survives being written and read', () => {
    const { events, scene } = spawned;
    const written = JSON.parse(JSON.stringify(events)) as CoordinatorEvent[];
    const started = {
      type: 'coordinator-started',
      pid: 1,
      target: 'main',
      mode: 'manual',
      version: '1',
      at: 1000,
    } as const;
    expect(replay([started, ...written])).toEqual(durablePart(scene.state));
  });

  it('is the same from a snapshot and what came after it', () => {
    const { events } = spawned;
    for (let cut = 0; cut <= events.length; cut++) {
      const snapshot = JSON.parse(JSON.stringify(durablePart(replay(events.slice(0, cut))))) as DurableState;
      expect(replay(events.slice(cut), snapshot)).toEqual(replay(events));
    }
  });

  it('is not disturbed by a request that a snapshot knows already', () => {
    const { events } = spawned;
    const once = replay(events);
    expect(fold(once, events[0] ?? never()).instances).toEqual(once.instances);
  });

  it('is total: a fact about an unknown run changes no run', () => {
    const event: CoordinatorEvent = { type: 'cancel-requested', runId: 'nobody', reason: 'no', at: 1 };
    expect(fold(initialDurableState, event)).toBe(initialDurableState);
  });

  it('keeps the last two hundred notices', () => {
    let state = initialDurableState;
    for (let at = 0; at < 250; at++)
      state = fold(state, { type: 'notice-raised', level: 'info', text: `${at}`, runId: null, at });
    expect(state.notices.map(notice => notice.at)).toEqual(Array.from({ length: 200 }, (_, index) => index + 50));
  });

  it('does not say of a run what was said of it last', () => {
    const say = (text: string, runId: string | null): CoordinatorEvent => ({
      type: 'notice-raised',
      level: 'info',
      text,
      runId,
      at: 1,
    });
    const state = [say('a', 'x'), say('b', 'y'), say('a', 'x'), say('c', 'x'), say('a', 'x')].reduce(
      fold,
      initialDurableState,
    );
    expect(state.notices.map(notice => notice.text)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('forgets what was to follow a landing that was undone', () => {
    const runId = 'run'.padEnd(16, '0');
    const state: DurableState = { ...initialDurableState, pendingStatus: [runId], cleaning: [runId] };
    const undone = {
      type: 'landing-stopped',
      runId,
      priorityId: 'x',
      state: 'blocked',
      reason: 'no',
      paths: [],
      at: 1,
    } as const;
    expect(fold(state, undone)).toMatchObject({ pendingStatus: [], cleaning: [] });
  });

  it('remembers mode, pauses, pins and items of the user’s own', () => {
    const item = makeItem('TASK-1');
    const state = replay([
      { type: 'loop-changed', mode: 'auto', at: 1 },
      { type: 'spawns-paused', paused: true, at: 1 },
      { type: 'queue-paused', paused: true, reason: null, at: 1 },
      { type: 'item-added', item, at: 1 },
      { type: 'item-added', item, at: 1 },
      { type: 'item-pinned', priorityId: 'a', pinned: true, at: 1 },
      { type: 'item-pinned', priorityId: 'b', pinned: true, at: 1 },
      { type: 'item-pinned', priorityId: 'a', pinned: false, at: 1 },
    ]);
    expect(state).toEqual({
      ...initialDurableState,
      mode: 'auto',
      paused: true,
      queuePaused: 'paused by the user',
      adHoc: [item],
      addedAt: { 'TASK-1': 1 },
      lastTask: 1,
      pins: ['b'],
    });
  });

  it('lets a candidate go with the target that it was built on, and keeps it for a user in the way', () => {
    const one = new Scene([makeItem('US-001')]);
    one.ready();
    const { runId, priorityId } = one.prepared();
    const stop = (state: 'queued' | 'blocked'): CoordinatorEvent => ({
      type: 'landing-stopped',
      runId,
      priorityId,
      state,
      reason: '',
      paths: [],
      at: 1,
    });
    const candidateAfter = (...list: CoordinatorEvent[]) =>
      replay(list, one.state).instances[0]?.merge.candidate?.oid ?? null;
    expect(candidateAfter(stop('queued'))).toBeNull();
    expect(candidateAfter(stop('blocked'))).toBe(oid('c'));
    expect(candidateAfter(stop('blocked'), stop('queued'))).toBe(oid('c'));
  });
});

function never(): never {
  throw new Error('there are facts');
}
