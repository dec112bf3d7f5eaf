import { describe, expect, it } from 'vitest';
import type { Command } from '../../source/ports/commands.ts';
import { makeItem } from '../helpers/core/planning.ts';
import { goodBranch, Scene } from '../helpers/core/scene.ts';

const items = [makeItem('US-001'), makeItem('US-002')];
const busy = { cpuPercent: 92, memoryPercent: 20, diskPercent: 30, freeDiskBytes: 50 * 1024 ** 3 };

describe('a command that comes before the repository has been read', () => {
  it('is kept and carried out once it has been read, in order', () => {
    const scene = new Scene(items);
    const early = scene.command({ type: 'spawn', id: 'US-002' });
    scene.command({ type: 'pin', id: 'US-001', pinned: true });
    expect(early).toEqual({ facts: [], effects: [], answer: null });
    const { facts, answer } = scene.ready();
    expect(facts.map(fact => fact.type)).toEqual(['instance-requested', 'item-pinned']);
    expect(answer?.message).toBe('US-001 is pinned.');
    expect(scene.run()).toMatchObject({ key: 'US-002' });
    expect(scene.state.kept).toEqual([]);
  });

  it('waits for no reading of the machine: one run is always allowed', () => {
    const scene = new Scene(items, {}, { unread: true });
    scene.command({ type: 'spawn', id: 'US-001' });
    scene.ready();
    expect(scene.state.resources.source).toBe('none');
    expect(scene.run()).toMatchObject({ key: 'US-001' });
  });
});

describe('a person who starts a run above the capacity is asked', () => {
  function atLimit(begin: (scene: Scene) => void = scene => void scene.running()): Scene {
    const scene = new Scene(items, {}, { unread: true });
    scene.send({ type: 'machine-read', reading: busy });
    scene.ready();
    begin(scene);
    return scene;
  }

  it('by a sentence that says how busy the machine is; a yes starts it', () => {
    const scene = atLimit();
    const { answer, facts } = scene.command({ type: 'spawn', id: 'US-002' });
    expect(facts).toEqual([]);
    const command: Command = { type: 'spawn', id: 'US-002', overCapacity: true };
    expect(answer).toEqual({
      ok: false,
      message: 'Cannot spawn US-002 now: limit reached: 1 of 1 running (CPU 92 %).',
      runIds: [],
      ask: { question: 'CPU is at 92 %: start anyway?', command },
    });
    expect(scene.command(command).answer?.ok).toBe(true);
  });

  it('for a retry and for a message to an agent that has ended, too', () => {
    const scene = atLimit(one => void one.judged(goodBranch({ commits: 0, files: [] })));
    scene.command({ type: 'spawn', id: 'US-002' });
    const message = { type: 'resume', id: 'US-001', message: 'go on' } as const;
    expect(scene.command(message).answer).toMatchObject({
      ok: false,
      ask: { question: 'CPU is at 92 %: start anyway?', command: { ...message, overCapacity: true } },
    });
    const again = scene.command({ type: 'retry', id: 'US-001' }).answer;
    expect(again?.ask?.command).toEqual({ type: 'retry', id: 'US-001', overCapacity: true });
    expect(scene.command({ ...message, overCapacity: true }).answer?.ok).toBe(true);
  });

  it('but never where something else is in the way as well', () => {
    const scene = atLimit();
    scene.readSources([items[0] ?? makeItem('US-001'), makeItem('US-002', { dependsOn: ['US-001'] })]);
    const { answer } = scene.command({ type: 'spawn', id: 'US-002', overCapacity: true });
    expect(answer).toEqual({ ok: false, message: 'Cannot spawn US-002 now: US-001 has not landed.', runIds: [] });
    expect(scene.command({ type: 'spawn', id: 'US-002' }).answer).not.toHaveProperty('ask');
  });
});
