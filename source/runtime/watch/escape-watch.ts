import type { Effect } from '../../coordinator/state/effects.ts';
import type { Outcome } from '../../coordinator/state/messages.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { OutsideChange } from '../../domain/escape.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import type { BranchFacts, GitPort } from '../../ports/git.ts';
import type { OutsideLook, OutsidePort } from '../../ports/outside.ts';

type Judged = Extract<Outcome, { readonly type: 'judged' }>;

/** Worktrees of ended runs that are looked at beside the user's own: the latest ones. */
const othersLimit = 6;

/**
 * The escape watch: looks at what lies outside a run's worktree before its agent starts and when it has ended, and tells what has
 * changed meanwhile. Who did it, it does not know; the core decides what that means.
 */
export class EscapeWatch {
  readonly #outside: OutsidePort;
  readonly #git: Pick<GitPort, 'targetTip' | 'isAncestor'>;
  readonly #state: () => State;
  readonly #before = new Map<RunId, Promise<OutsideLook | null>>();

  constructor(outside: OutsidePort, git: Pick<GitPort, 'targetTip' | 'isAncestor'>, state: () => State) {
    this.#outside = outside;
    this.#git = git;
    this.#state = state;
  }

  /** An effect is about to be performed: before a run begins, or goes on, everything is looked at. Nothing waits for it. */
  before(effect: Effect, instance: Instance): void {
    const begins = effect.type === 'git.createWorktree';
    const goesOn = effect.type === 'process.start' && instance.continued !== undefined;
    if (!begins && !goesOn) return;
    const { runId } = instance;
    const look: Promise<OutsideLook | null> = this.#outside
      .readOutside(this.#others(runId), false)
      .then(found => {
        if (found !== null && this.#before.get(runId) === look) this.#outside.keepOutside(runId, found);
        return found;
      })
      .catch(() => null);
    this.#before.set(runId, look);
  }

  /** The state has changed: what ended without being judged, as a run that never began, is not compared with anything any more. */
  stateChanged(): void {
    if (this.#before.size === 0) return;
    const open = this.#open();
    for (const runId of [...this.#before.keys()].filter(one => !open.has(one))) {
      this.#before.delete(runId);
      this.#outside.keepOutside(runId, null);
    }
  }

  /** Looks that an earlier coordinator kept of runs that are over. */
  tidy(): void {
    this.#outside.forgetOutside(this.#open());
  }

  /** Runs whose end is still to be judged. */
  #open(): ReadonlySet<RunId> {
    const open = this.#state().instances.filter(({ state }) => isAlive(state) || state === 'completed');
    return new Set(open.map(({ runId }) => runId));
  }

  /** A run has been judged; where that was its end, the outcome tells too what is not as it was before it. */
  async judged(outcome: Judged, { runId, state, target }: Instance): Promise<Judged> {
    if (state !== 'completed' && state !== 'stopping') return outcome;
    const before = (await this.#before.get(runId)) ?? this.#outside.keptOutside(runId);
    const trees = Object.keys(before?.trees ?? {});
    const now = before === null ? null : await this.#outside.readOutside(trees, true).catch(() => null);
    this.#before.delete(runId);
    this.#outside.keepOutside(runId, null);
    const changes = before === null || now === null ? [] : changesBetween(before, now);
    return { ...outcome, outside: { changes, onTarget: await this.#isOnTarget(outcome.facts, target) } };
  }

  /** The target is read anew: an agent that moved it with its last step ends before anybody has noticed. */
  async #isOnTarget({ head, commits }: BranchFacts, target: string): Promise<boolean> {
    if (head === null || commits === 0) return false;
    const tip = await this.#git.targetTip(target).catch(() => null);
    return tip !== null && this.#git.isAncestor(head, tip).catch(() => false);
  }

  #others(runId: RunId): readonly string[] {
    const ended = this.#state().instances.filter(
      one => one.runId !== runId && !isAlive(one.state) && waitsToLand(one.state),
    );
    return ended.slice(-othersLimit).map(one => one.worktreePath);
  }
}

/** What has gone back to how it is committed is no escape: somebody committed it, or took it back. */
function changesBetween(before: OutsideLook, now: OutsideLook): readonly OutsideChange[] {
  const changes: OutsideChange[] = [];
  for (const [tree, was] of Object.entries(before.trees)) {
    for (const [path, stamp] of Object.entries(now.trees[tree] ?? {})) {
      if (was[path] !== stamp) changes.push({ tree, path, stamp });
    }
  }
  const names = new Set([...Object.keys(before.executables), ...Object.keys(now.executables)]);
  for (const path of [...names].sort()) {
    const stamp = now.executables[path] ?? 'gone';
    if (stamp !== (before.executables[path] ?? 'gone')) changes.push({ tree: null, path, stamp });
  }
  return changes;
}
