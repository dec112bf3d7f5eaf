import type { Oid } from '../../domain/ids.ts';
import { type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import type { CoordinatorEvent } from '../../ports/events.ts';
import type { GitObservation } from '../../ports/git.ts';
import { fold } from '../fold/fold.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { DurableState } from '../state/state.ts';
import { isListed, lostRuns } from './lost-runs.ts';
import type { Remains } from './remains.ts';

export interface Rebuilt {
  readonly state: DurableState;
  /** What was found, one sentence each, for the person who has to agree. */
  readonly findings: readonly string[];
}

/**
 * A state as close to the lost one as the world can prove; never an empty one if anything is left. What it adds is recorded as facts and
 * folded like any other; the usual reconciliation then finds processes, exit codes and branches. Approvals are void, since their withdrawal
 * may be among what was lost.
 */
export function rebuildJournal(remains: Remains): Rebuilt {
  const lost = lostRuns(remains);
  let state = remains.before;
  const add = (events: readonly CoordinatorEvent[]): void => {
    for (const event of events) state = fold(state, event);
  };
  add(lost.flatMap(run => run.facts));
  add(remains.later);
  const corrections = state.instances.map(instance => ({ instance, facts: corrected(instance, remains) }));
  add(corrections.flatMap(({ facts }) => facts));
  const voided = corrections.flatMap(({ instance, facts }) =>
    facts.some(fact => fact.type === 'approval-voided') ? [`${instance.key} needs approval again.`] : [],
  );
  const known = state.instances.length - lost.length;
  return {
    state,
    findings: [
      `${known} ${known === 1 ? 'run is' : 'runs are'} recovered from the intact part of the journal.`,
      ...lost.map(run => run.finding),
      ...state.instances.filter(({ state: now }) => isAlive(now)).map(describeAlive),
      ...voided,
    ],
  };
}

/** Commits of which it has to be known whether they are part of the target. */
export function commitsInQuestion(
  { before, later }: Pick<Remains, 'before' | 'later'>,
  { pins }: GitObservation,
): readonly Oid[] {
  const state = later.reduce(fold, before);
  const candidates = state.instances.flatMap(({ merge }) => (merge.candidate === null ? [] : [merge.candidate.oid]));
  const pinned = Object.entries(pins ?? {}).flatMap(([name, oid]) =>
    /^refs\/cm\/(cand|landed)\//.test(name) ? [oid] : [],
  );
  return [...new Set([...candidates, ...pinned])];
}

/** What the world says better than a journal with a gap. */
function corrected(instance: Instance, { git, bases, onTarget, at }: Remains): readonly CoordinatorEvent[] {
  const { runId, priorityId, state, merge, base, branchName } = instance;
  const { candidate } = merge;
  if (waitsToLand(state) && candidate !== null && onTarget.has(candidate.oid)) {
    return [
      { type: 'landed', runId, priorityId, candidate: candidate.oid, statusWritten: candidate.statusWritten, at },
    ];
  }
  if (state === 'queued' || state === 'checking' || state === 'landing') {
    const reason = 'the journal was damaged after it was approved; approve it again';
    return [{ type: 'approval-voided', runId, priorityId, reason, at }];
  }
  const left = bases[branchName];
  if (isAlive(state) && base === null && left !== undefined && isListed(instance.worktreePath, git)) {
    return [{ type: 'worktree-created', runId, base: left, at }];
  }
  return [];
}

function describeAlive({ key, state, branchName }: Instance): string {
  return `${sanitizeReason(key)} was ${state} on ${branchName}. Looking for its process.`;
}
