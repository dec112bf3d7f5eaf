import type { Instance } from '../../domain/instance.ts';
import { raceOf } from '../../domain/race/race.ts';
import type { AgentReading } from '../../domain/review/reading.ts';
import { noUsage } from '../../domain/usage.ts';
import type { State } from '../state/state.ts';
import { dueReviewer, readingWait } from './due-review.ts';

/** How the review of a run by another agent stands, or the comparison of its race. */
export interface ReadingView {
  readonly agent: string;
  /** `due`: it has not begun, and `words` says why. */
  readonly state: 'due' | 'running' | 'done' | 'failed' | 'stopped' | 'dropped';
  /** What it said on the whole, or why it gave no answer. */
  readonly words: string;
  readonly found: number;
  /** The commit that it read; null: it has not begun. */
  readonly head: string | null;
  /** It changed files of its worktree, which were thrown away. */
  readonly changed: boolean;
}

/** The review of the commit that is up for review; null: none is asked for, and there was none. */
export function reviewerView(state: State, instance: Instance, now: number): ReadingView | null {
  const last = instance.readings?.review;
  const due = last?.ended === false ? null : dueReviewer(state, instance);
  if (due === null) return last === undefined ? null : viewOf(last);
  const why = readingWait(state, now, instance.runId, due, last)?.why ?? 'starts now';
  const before = last?.until === undefined ? '' : `${last.words ?? ''}; `;
  return { agent: due, state: 'due', words: `${before}${why}`, found: 0, head: null, changed: false };
}

/** The comparison of the runs of its race; null: there is none. */
export function judgeView(state: Pick<State, 'instances'>, instance: Instance): ReadingView | null {
  const judged = raceOf(state.instances, instance).find(one => one.readings?.judge !== undefined)?.readings?.judge;
  return judged === undefined ? null : viewOf(judged);
}

function viewOf({ agent, ended, outcome, words = '', found = 0, head, changed }: AgentReading): ReadingView {
  const state = ended ? (outcome ?? 'dropped') : 'running';
  return { agent, state, words, found, head, changed: changed === true };
}

/** What the agents that read its work have used together. */
export function readingUsage({ readings }: Instance) {
  return readings?.usage ?? noUsage;
}
