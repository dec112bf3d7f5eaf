import { expect, test } from 'vitest';
import type { Effect } from '../../source/coordinator/state/effects.ts';
import type { CoordinatorEvent } from '../../source/ports/events.ts';
import { EffectQueue } from '../../source/runtime/effect-queue.ts';
import { factsOnDisk, mustBeOnDisk } from '../helpers/core/facts-on-disk.ts';
import { notice } from '../helpers/core/journals.ts';

/** A queue over a journal that can be broken, and what became of its effects, in order. */
function desk() {
  const done: string[] = [];
  const timers: (() => void)[] = [];
  let trouble: string | null = null;
  const journal = {
    load: async () => ({ outcome: 'ok', events: [], tornTail: false }) as const,
    append(event: CoordinatorEvent, durable: boolean) {
      if (trouble !== null) throw new Error(trouble);
      done.push(`wrote ${event.type}${durable ? ' durably' : ''}`);
      return { v: 1, seq: 1, ts: '', boot: '', up: 0, type: event.type, data: {}, crc: '' } as const;
    },
    close: () => undefined,
  };
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    newId: () => '',
    setTimer: (_ms: number, work: () => void) => {
      timers.push(work);
      return () => undefined;
    },
  };
  const queue = new EffectQueue(
    { journal, clock },
    {
      carryOut: effect =>
        done.push(effect.type === 'answer' ? `answered ${effect.answer.ok} ${effect.answer.message}` : effect.type),
      recorded: () => done.push('told'),
      notRecorded: message => done.push(`not recorded: ${message}`),
    },
  );
  return {
    done,
    queue,
    fail: (message: string | null) => {
      trouble = message;
    },
    retry: () => timers.shift()?.(),
  };
}

const record = (event: CoordinatorEvent): Effect => ({ type: 'record', event });
const answer: Effect = { type: 'answer', requestId: 'r1', answer: { ok: true, message: 'Done.', runIds: [] } };
const requested = { at: 1, type: 'cancel-requested', runId: 'a', reason: 'asked' } as const;
const work: Effect = { type: 'sources.read' };

test('a fact that has to be on disk is forced to it with all before it, once, before anything acts on it', () => {
  const { queue, done } = desk();
  queue.add([record(notice(1)), record(requested), record(notice(2)), work, answer]);
  expect(done).toEqual([
    'wrote notice-raised',
    'wrote cancel-requested durably',
    'wrote notice-raised',
    'told',
    'told',
    'told',
    'sources.read',
    'answered true Done.',
  ]);
});

test('nothing is done that the journal could not take; who asked hears why at once, and it is done when it can be', () => {
  const one = desk();
  one.fail('The journal cannot be written.');
  one.queue.add([record(requested), work, answer]);
  const kept = 'Your request is kept and carried out as soon as possible.';
  expect(one.done).toEqual([
    'not recorded: The journal cannot be written.',
    `answered false The journal cannot be written. ${kept}`,
  ]);
  one.queue.add([answer]);
  expect(one.done.slice(2)).toEqual([
    'not recorded: The journal cannot be written.',
    `answered false The journal cannot be written. ${kept}`,
  ]);
  one.fail(null);
  one.retry();
  expect(one.done.slice(4)).toEqual(['wrote cancel-requested durably', 'told', 'sources.read']);
  expect(one.queue.isEmpty).toBe(true);
});

test('exactly the facts that have to be on disk are forced to it', () => {
  const { queue, done } = desk();
  for (const type of Object.keys(factsOnDisk)) {
    queue.add([record({ ...notice(1), type } as unknown as CoordinatorEvent)]);
    const [wrote] = done.splice(0);
    expect(wrote).toBe(`wrote ${type}${mustBeOnDisk.has(type) ? ' durably' : ''}`);
  }
});
