import type { Instance } from '../../domain/instance.ts';
import { describeRun, newsOf } from '../../domain/state-labels.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { sanitizeReason } from './sentences.ts';
import type { State } from './state.ts';

/** What a program outside is notified of. The names of the fields are part of `notify.command`'s contract. */
export interface NewsEvent {
  /** The state that a run has reached (`awaiting-approval`, `merged`, `conflict`, …), `landing-paused`, or `several`. */
  readonly type: string;
  /** Key of the item; null: it is about no single one. */
  readonly key: string | null;
  /** Title of the item; empty without one. */
  readonly title: string;
  /** One sentence that stands for itself. */
  readonly text: string;
}

type Known = Pick<State, 'instances' | 'queuePaused'>;

/** What happened between two states that somebody who is not looking wants to know. */
export function newsEvents(before: Known, now: Known): readonly NewsEvent[] {
  const known = new Map(before.instances.map(one => [one.runId, one]));
  const runs =
    before.instances === now.instances
      ? []
      : now.instances.filter(one => {
          const was = known.get(one.runId);
          const word = newsOf(one);
          return was !== undefined && word !== null && newsOf(was) !== word;
        });
  const paused = before.queuePaused === null && now.queuePaused !== null ? [landingPaused(now.queuePaused)] : [];
  return [...runs.map(ofRun), ...paused];
}

function ofRun(one: Instance): NewsEvent {
  const text = sanitizeReason(`${describeRun(one)}.`.replace(/\.\.$/, '.'));
  return { type: one.state, key: sanitizeLine(one.key, 60), title: sanitizeLine(one.title, 200), text };
}

function landingPaused(reason: string): NewsEvent {
  return { type: 'landing-paused', key: null, title: '', text: sanitizeReason(`Landing is paused: ${reason}`) };
}

/** Several events as one. */
export function joinNews(events: readonly NewsEvent[]): NewsEvent | null {
  const [first] = events;
  if (first === undefined || events.length === 1) return first ?? null;
  const text = events.map(one => one.text).join(' ');
  return { type: 'several', key: null, title: `${events.length} events`, text: sanitizeLine(text, 4000) };
}
