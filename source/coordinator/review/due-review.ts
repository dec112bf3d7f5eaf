import { costSentence, spendingOf } from '../../domain/cost/caps.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { createLedger } from '../../domain/plan/ledger.ts';
import { type AgentReading, countReadings, readingsAtWork } from '../../domain/review/reading.ts';
import { noReview, pendingComments, type ReviewComment } from '../../domain/review/review.ts';
import { reviewerOf } from '../../domain/review/reviewer-choice.ts';
import { isTried } from '../../domain/state-labels.ts';
import { allItems, planInput } from '../state/planning.ts';
import type { State } from '../state/state.ts';
import { dueComparison } from './comparison.ts';

/** The agent that has to review this commit still; null: none has to. */
export function dueReviewer(state: State, instance: Instance): string | null {
  const { head, merge, readings, priorityId } = instance;
  if (instance.state !== 'awaiting-approval' || head === null || !isTried(instance)) return null;
  if (merge.prediction === 'empty' || instance.reverts !== undefined || instance.removed !== undefined) return null;
  const last = readings?.review;
  const isRead = last?.head === head && last.until === undefined && last.outcome !== 'dropped';
  if (isRead || !mayReview(state)) return null;
  return reviewerOf(
    state.settings,
    instance,
    allItems(state).find(({ id }) => id === priorityId),
  );
}

/** Does anything ask for reviews at all? */
function mayReview(state: State): boolean {
  const { after, agents } = state.settings;
  if (after.length > 0 || allItems(state).some(item => item.after !== undefined)) return true;
  return Object.values(agents).some(agent => (agent.after?.length ?? 0) > 0);
}

/** Why it does not start now, one clause; `lasts`: not before a person does something. Null: it may. */
export function readingWait(
  state: State,
  now: number,
  runId: string,
  agent: string,
  last: AgentReading | undefined,
): { readonly why: string; readonly lasts: boolean } | null {
  if (state.paused) return { why: 'new spawns are paused', lasts: true };
  const cost = costOf(state, now, runId);
  if (cost !== null) return { why: cost, lasts: true };
  const until = Math.max(state.cooldowns[agent] ?? 0, last?.until ?? 0);
  if (until > now) return { why: `not before ${new Date(until).toISOString()}`, lasts: false };
  const most = Math.min(state.settings.maxParallel, state.resources.capacity);
  const running = atWork(state);
  return running < most ? null : { why: `limit reached: ${running} of ${most} running`, lasts: false };
}

/** Runs and readings that have an agent at work. */
function atWork({ instances }: State): number {
  return instances.filter(one => isAlive(one.state)).length + countReadings(instances);
}

function costOf(state: State, now: number, runId: string): string | null {
  if (state.settings.costCapUsd === null) return null;
  const input = planInput(state, now);
  const ledger = createLedger(input.items, input.instances);
  const instance = state.instances.find(one => one.runId === runId);
  return costSentence(instance?.priorityId ?? '', spendingOf(input, ledger));
}

/** True where an agent has to review it, or has found something, and a person has not decided: no policy may. */
export function isReviewOpen(state: State, instance: Instance): boolean {
  if (dueReviewer(state, instance) !== null) return true;
  const { readings, review = noReview, head } = instance;
  const last = readings?.review;
  if (last === undefined) return false;
  return last.head !== head || last.outcome !== 'done' || found(pendingComments(review)).length > 0;
}

function found(comments: readonly ReviewComment[]): readonly ReviewComment[] {
  return comments.filter(({ by }) => by !== undefined);
}

/** The findings that go back by themselves; none once a person has begun to write comments of their own, or the rounds are used up. */
export function returningFindings({ settings }: State, instance: Instance): readonly ReviewComment[] {
  const { readings, review = noReview, head, state } = instance;
  const last = readings?.review;
  if (state !== 'awaiting-approval' || last?.outcome !== 'done' || last.head !== head) return [];
  if ((readings?.rounds ?? 0) >= settings.reviewRounds) return [];
  const comments = pendingComments(review);
  return found(comments).length < comments.length ? [] : comments;
}

/** An agent reads, or will without a person doing anything, or findings go back by themselves. */
export function isReadingGoingOn(state: State, now: number): boolean {
  return state.instances.some(instance => {
    if (readingsAtWork(instance).length > 0) return true;
    const { runId, readings } = instance;
    const author = returningFindings(state, instance).length > 0 ? instance.agent : null;
    const reviewer = author ?? dueReviewer(state, instance);
    if (reviewer !== null) return readingWait(state, now, runId, reviewer, readings?.review)?.lasts !== true;
    const judge = dueComparison(state, instance);
    return judge !== null && readingWait(state, now, runId, judge.agent, readings?.judge)?.lasts !== true;
  });
}
