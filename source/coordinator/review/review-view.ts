import { type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import { pullRequestWords } from '../../domain/queue/pull-request.ts';
import { isGenerated } from '../../domain/review/generated.ts';
import { changeMark } from '../../domain/review/mark.ts';
import type { ReviewMaterial } from '../../domain/review/material.ts';
import type { Diff } from '../../domain/review/parse-diff.ts';
import { noReview } from '../../domain/review/review.ts';
import { widerScope } from '../../domain/scope/set-scopes.ts';
import { runsBelow } from '../../domain/stack/standing.ts';
import { noUsage } from '../../domain/usage.ts';
import { violationsOf } from '../landing/queue-order.ts';
import { allItems } from '../state/planning.ts';
import { touches } from '../state/selectors.ts';
import type { State } from '../state/state.ts';
import { checksOf } from './checks-view.ts';
import { raceView } from './race-view.ts';
import { judgeView, readingUsage, reviewerView } from './reading-view.ts';

/** What a branch overlaps with: a sentence each; null: nobody has compared it with the others. */
function overlapOf(state: State, { runId }: Instance): readonly string[] | null {
  return state.radar === undefined ? null : (touches(state)[runId] ?? []);
}

/** How many other branches are at work or wait to land. */
export function othersOf({ instances }: Pick<State, 'instances'>, { runId }: Pick<Instance, 'runId'>): number {
  return instances.filter(one => one.runId !== runId && (isAlive(one.state) || waitsToLand(one.state))).length;
}

/** The document of `cm-tui review ID --json` (docs/contract.md); the review page shows the same. Times are ISO 8601. `marks`: those of the files, where they are known. */
export function reviewView(
  state: State,
  instance: Instance,
  material: ReviewMaterial,
  diff: Diff,
  now: number,
  marks: readonly string[] = diff.files.map(({ from, to }) => changeMark(diff.lines, from, to)),
) {
  const { runId, priorityId, key, title, merge, startTime, endTime, review = noReview } = instance;
  const [below] = runsBelow(instance, state.instances);
  return {
    key,
    priorityId,
    runId,
    title,
    state: instance.state,
    reason: instance.reason,
    branchName: instance.branchName,
    worktreePath: instance.worktreePath,
    target: instance.target,
    targetTip: below === undefined ? targetTipOf(state, instance) : below.head,
    /** Key of the run from whose branch it was begun, and after which it lands; null: it lands by itself. */
    stackedOn: below?.key ?? null,
    base: instance.base,
    /** What an approval of this page would be for. */
    head: instance.head,
    itemText: material.itemText,
    summary: material.summary,
    commits: material.commits?.map(commit => ({ ...commit, at: iso(commit.at) })) ?? null,
    agent: instance.agent,
    agentType: instance.agentType,
    startTime: iso(startTime),
    endTime: iso(endTime),
    durationMs: startTime === null ? null : (endTime ?? now) - startTime,
    usage: instance.usage ?? noUsage,
    checks: checksOf(state, instance),
    /** Runs of the same item side by side, itself included; empty: it is alone. */
    race: raceView(state, instance, now),
    prediction: merge.prediction,
    conflicts: merge.conflicts,
    violations: violationsOf(state, instance),
    warnings: merge.warnings ?? [],
    /** Its item's scope can be widened to what it changed outside of it. */
    widens: widensScope(state, instance),
    /** Other branches that touch the same lines; null: not known. */
    overlap: overlapOf(state, instance),
    others: othersOf(state, instance),
    outside: instance.outside ?? [],
    /** Commands that its agent wanted to run and was not permitted to. */
    refused: instance.refused?.first ?? [],
    /** What the forge says of its pull request, and where it is; null: there is none. */
    pullRequest: instance.pr === undefined ? null : { words: pullRequestWords(instance.pr), url: instance.pr.url },
    files: diff.files.map((file, index) => ({
      path: file.path,
      oldPath: file.oldPath,
      change: file.change,
      insertions: file.insertions,
      deletions: file.deletions,
      binary: file.binary,
      generated: isGenerated(file.path),
      viewed: review.viewed[file.path] === marks[index],
    })),
    /** The review by another agent; null: none is asked for. */
    review: reviewerView(state, instance, now),
    /** What an agent says of the runs side by side; null: nothing. It decides nothing. */
    judge: judgeView(state, instance),
    /** What the agents that only read have used. */
    reviewUsage: readingUsage(instance),
    comments: review.comments.map(comment => ({
      ...comment,
      by: comment.by ?? null,
      at: iso(comment.at),
      sentAt: iso(comment.sentAt),
    })),
  };
}

export type ReviewView = ReturnType<typeof reviewView>;

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** Null: it lands on another branch than this start's. */
function targetTipOf({ target, targetTip }: State, instance: Instance): string | null {
  return instance.target === target ? targetTip : null;
}

function widensScope(state: State, instance: Instance): boolean {
  const item = allItems(state).find(({ id }) => id === instance.priorityId);
  return item !== undefined && widerScope(item, instance, state.roadmap.path) !== null;
}
