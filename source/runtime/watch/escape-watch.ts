import { isNews } from '../../coordinator/runs/escape.ts';
import type { Effect } from '../../coordinator/state/effects.ts';
import type { OutsideReport } from '../../coordinator/state/messages.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError, messageOf } from '../../domain/errors.ts';
import type { OutsideChange } from '../../domain/escape.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import type { UserChange } from '../../domain/user-work/changes.ts';
import type { StashEntry } from '../../domain/user-work/look.ts';
import type { BranchFacts, GitPort } from '../../ports/git.ts';
import type { LookBefore, OutsidePort, TreesLook } from '../../ports/outside.ts';
import { settingsBetween, treesBetween, unknownOf } from './outside-changes.ts';
import { retry } from './retry.ts';
import { SetupWatch } from './setup-watch.ts';
import { namesOfRuns, treesOf, usersTrees } from './whose.ts';

/** Entries of the stash that are remembered beside those from before a run. */
const seenLimit = 100;

interface Look {
  /** Resolves once the user's work is written down and pinned and the settings are read; rejects where that cannot be. */
  first: Promise<LookBefore>;
  whole: Promise<LookBefore>;
  /** Entries that came into the stash since. */
  seen: readonly StashEntry[];
}

type Tell = (runId: RunId, report: OutsideReport) => void;

interface World {
  readonly outside: OutsidePort;
  readonly git: Pick<GitPort, 'targetTip' | 'isAncestor'>;
}

/**
 * The escape watch: looks at what lies outside a run's worktree before its agent starts and when it has ended, and tells what has
 * changed meanwhile. Who did it, it does not know; the core decides what that means.
 */
export class EscapeWatch {
  readonly #outside: OutsidePort;
  readonly #git: World['git'];
  readonly #state: () => State;
  readonly #tell: Tell;
  readonly #before = new Map<RunId, Look>();
  readonly #setups: SetupWatch;
  #stopStash: (() => void) | null = null;

  /** `tell` hears what was seen beside a run that is still at work. */
  constructor({ outside, git }: World, state: () => State, tell: Tell) {
    this.#outside = outside;
    this.#git = git;
    this.#state = state;
    this.#tell = tell;
    this.#setups = new SetupWatch(() => retry(() => outside.readSettings()), state);
  }

  /**
   * An effect is about to be performed. Everything is recorded while the worktree of a run is created, and again when a run is resumed; no
   * agent starts before that. Throws if the user's work or the settings could not be recorded, and if something would land by settings that
   * were changed while an agent was running.
   */
  async before(effect: Effect, instance: Instance): Promise<void> {
    const { runId } = instance;
    if (effect.type === 'git.createWorktree') this.#begin(runId);
    if (effect.type === 'git.land') return this.#beforeLanding(runId);
    if (effect.type === 'worktree.setup') return this.#setups.before(runId);
    if (effect.type !== 'process.start') return;
    const known = instance.continued === undefined && (this.#before.has(runId) || this.#isKept(runId));
    if (!known) this.#begin(runId);
    const look = this.#before.get(runId);
    if (look === undefined) return;
    await look.whole;
  }

  /** The user's `setup` has run: what it changed of the settings is part of every look from before a run. */
  async afterSetup(runId: RunId): Promise<void> {
    const changed = await this.#setups.after(runId);
    if (changed === null) return;
    for (const [id, look] of this.#before) {
      const amend = (found: LookBefore): LookBefore => {
        const { outside } = found;
        const amended = outside === null ? found : { ...found, outside: { ...outside, ...changed(outside) } };
        if (this.#before.get(id) === look) this.#outside.keepOutside(id, amended);
        return amended;
      };
      look.first = look.first.then(amend);
      look.whole = look.whole.then(amend);
      look.first.catch(() => undefined);
      look.whole.catch(() => undefined);
    }
    await Promise.allSettled([...this.#before.values()].map(look => look.whole));
  }

  async #beforeLanding(landing: RunId): Promise<void> {
    this.adopt();
    const others = [...this.#before].filter(([runId]) => runId !== landing);
    const looks = await Promise.all(
      others.map(async ([runId, look]) => ({ runId, before: await look.first.catch(() => null) })),
    );
    if (looks.length === 0) return;
    const now = await retry(() => this.#outside.readSettings());
    for (const { runId, before } of looks) {
      const changes = before?.outside ? settingsBetween(before.outside, now) : [];
      const news = changes.filter(change => isNews(this.#state(), change));
      if (news.length === 0) continue;
      this.#tell(runId, { changes: news, work: [], onTarget: false, unknown: null });
      throw new CmError(
        'what git runs or shows for you changed while an agent was running; review it, then resume landing',
        1,
      );
    }
  }

  #isKept(runId: RunId): boolean {
    const kept = this.#outside.keptOutside(runId);
    // No agent starts before its look is whole: beside a part of one none has started, and it is taken again.
    return kept !== null && kept.work !== null && kept.outside !== null && kept.outside.trees !== null;
  }

  #begin(runId: RunId): void {
    const isCurrent = () => this.#before.get(runId) === look;
    const keep = (found: LookBefore) => {
      if (isCurrent()) this.#outside.keepOutside(runId, found);
      return found;
    };
    const first = this.#readFirst(runId).then(keep);
    const whole = first.then(async found => {
      const { work, outside } = found;
      if (work === null || outside === null) return found;
      const trees = await retry(() => this.#outside.readTrees(treesOf(this.#state(), work, runId), false)).catch(
        () => null,
      );
      const dirty = usersTrees(this.#state(), work).filter(path => Object.keys(trees?.[path] ?? {}).length > 0);
      const notSaved = () => Object.fromEntries(dirty.map(path => [path, null]));
      const saved = dirty.length === 0 ? {} : await this.#outside.saveTrees(runId, dirty).catch(notSaved);
      return keep({ work, outside: { ...outside, trees, saved } });
    });
    const look: Look = { first, whole, seen: [] };
    // Who starts the agent hears of it; a run that never gets there needs none.
    first.catch(() => undefined);
    whole.catch(() => undefined);
    this.#watch(runId, look);
  }

  /** Kept at once: a crash of ours while the rest is looked at must not lose it. */
  async #readFirst(runId: RunId): Promise<LookBefore> {
    const [work, settings] = await Promise.all([
      retry(() => this.#outside.writeDownWork(runId)),
      retry(() => this.#outside.readSettings()),
    ]);
    return { work, outside: { ...settings, trees: null } };
  }

  /** From now on its look grows by what comes into the stash. */
  #watch(runId: RunId, look: Look): void {
    this.#before.set(runId, look);
    this.#stopStash ??= this.#outside.watchStash(stash => this.#stashChanged(stash));
  }

  #stashChanged(stash: readonly StashEntry[]): void {
    for (const [runId, look] of this.#before) void this.#addSeen(runId, look, stash).catch(() => undefined);
  }

  async #addSeen(runId: RunId, look: Look, stash: readonly StashEntry[]): Promise<void> {
    const whole = await look.whole;
    const known = new Set([...(whole.work?.stash ?? []), ...look.seen].map(({ oid }) => oid));
    const added = stash.filter(({ oid }) => !known.has(oid));
    if (added.length === 0 || this.#before.get(runId) !== look) return;
    look.seen = [...look.seen, ...added].slice(-seenLimit);
    this.#outside.keepOutside(runId, { ...whole, seen: look.seen });
    await this.#outside.keepEntries(runId, added);
  }

  /** Runs that an earlier coordinator began and that are still at work. */
  adopt(): void {
    for (const runId of this.#open()) if (!this.#before.has(runId)) this.#recall(runId);
  }

  #recall(runId: RunId): LookBefore | null {
    const kept = this.#outside.keptOutside(runId);
    if (kept?.work == null) return kept;
    this.#watch(runId, { first: Promise.resolve(kept), whole: Promise.resolve(kept), seen: kept.seen ?? [] });
    return kept;
  }

  stop(): void {
    this.#stopStash?.();
    this.#stopStash = null;
  }

  /** The state has changed: what ended without being judged, as a run that never began, is not compared with anything any more. */
  stateChanged(): void {
    if (this.#before.size === 0) return;
    const open = this.#open();
    const over = [...this.#before.keys()].filter(one => !open.has(one));
    for (const runId of over) this.#forget(runId);
    if (over.length > 0) this.#release(open);
  }

  /** Looks that an earlier coordinator kept of runs that are over. */
  tidy(): void {
    const open = this.#open();
    this.#outside.forgetOutside(open);
    this.#release(open);
  }

  #forget(runId: RunId): void {
    this.#before.delete(runId);
    this.#outside.keepOutside(runId, null);
    if (this.#before.size === 0) this.stop();
  }

  /** Pins that stay for now go with the next run that ends. */
  #release(open: ReadonlySet<RunId>): void {
    void this.#outside.releaseWork(open).catch(() => undefined);
  }

  /** Runs whose end is still to be judged. */
  #open(): ReadonlySet<RunId> {
    const open = this.#state().instances.filter(({ state }) => isAlive(state) || state === 'completed');
    return new Set(open.map(({ runId }) => runId));
  }

  /**
   * What changed since before a run that is over now; `facts`: of its branch, null if git gave no answer. Null: it is not over, or it was
   * compared before and is only reviewed once more.
   */
  async report(instance: Instance, facts: BranchFacts | null): Promise<OutsideReport | null> {
    const { runId, state, target, merge, remote } = instance;
    // Nothing of it was near.
    if (remote !== undefined) return null;
    if (state !== 'completed' && state !== 'stopping') return null;
    const before = await this.#lookBefore(runId);
    if (before === null && (merge.approvedAt !== null || merge.judgedBefore === true)) return null;
    const onTarget = facts !== null && (await this.#isOnTarget(facts, target));
    const compared = await this.#compare(before, instance).catch((error: unknown) => messageOf(error));
    if (typeof compared === 'string') return { changes: [], work: [], onTarget, unknown: compared };
    return { ...compared, onTarget };
  }

  /** What was seen by this coordinator, or kept by an earlier one. It stays until the run has been judged. */
  async #lookBefore(runId: RunId): Promise<LookBefore | null> {
    const look = this.#before.get(runId);
    if (look === undefined) return this.#recall(runId);
    const before = await look.whole.catch(() => null);
    return before === null ? this.#outside.keptOutside(runId) : { ...before, seen: look.seen };
  }

  async #compare(before: LookBefore | null, instance: Instance): Promise<Omit<OutsideReport, 'onTarget'>> {
    if (before === null) throw new Error('the state before the run is unknown');
    const [work, changes] = await Promise.all([this.#workChanges(before, instance), this.#outsideChanges(before)]);
    return { work, changes, unknown: unknownOf(before) };
  }

  async #workChanges({ work, outside, seen = [] }: LookBefore, instance: Instance): Promise<readonly UserChange[]> {
    if (work === null) return [];
    const { branchName, target, base } = instance;
    const dirty = Object.fromEntries(
      Object.entries(outside?.trees ?? {}).map(([tree, paths]) => [tree, Object.keys(paths)]),
    );
    const saved = outside?.saved ?? {};
    return retry(() =>
      this.#outside.workChanges(work, { branchName, target, base, dirty, saved, seen }, namesOfRuns(this.#state())),
    );
  }

  async #outsideChanges({ outside: before }: LookBefore): Promise<readonly OutsideChange[]> {
    if (before === null) return [];
    const [trees, settings] = await Promise.all([
      this.#treesChanges(before.trees),
      retry(() => this.#outside.readSettings()),
    ]);
    return [...trees, ...settingsBetween(before, settings)];
  }

  async #treesChanges(before: TreesLook | null): Promise<readonly OutsideChange[]> {
    if (before === null) return [];
    const now = await retry(async () => {
      const trees = await this.#outside.readTrees(Object.keys(before), true);
      if (trees === null) throw new Error('git could not inspect your checkout');
      return trees;
    });
    return treesBetween(before, now);
  }

  /** The target is read again: an agent that moved it with its last step ends before anybody has noticed. */
  async #isOnTarget({ head, commits }: BranchFacts, target: string): Promise<boolean> {
    if (head === null || commits === 0) return false;
    const tip = await this.#git.targetTip(target).catch(() => null);
    return tip !== null && this.#git.isAncestor(head, tip).catch(() => false);
  }
}
