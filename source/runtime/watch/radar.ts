import type { EffectKind } from '../../coordinator/state/effects.ts';
import type { RadarReading } from '../../coordinator/state/messages.ts';
import type { RadarPair, State } from '../../coordinator/state/state.ts';
import type { Oid, RunId } from '../../domain/ids.ts';
import { type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import { areRivals } from '../../domain/race/race.ts';

import type { ClockPort } from '../../ports/clock.ts';
import type { LogsPort } from '../../ports/logs.ts';
import type { WorkPort, WorkSnapshot } from '../../ports/work.ts';

interface Host {
  readonly state: () => State;
  readonly tell: (reading: RadarReading) => void;
}

/** Time between looks while agents are at work; a look at work that has not moved costs no start of git. */
const lookMs = 2000;
/** Work is looked at this often even where nothing tells that it moved: an edit can go unnoticed. */
const staleMs = 30_000;
/** Snapshots that are kept at most. */
const snapshotLimit = 300;
/** So soon after something has changed in the state is looked. */
const wakeMs = 300;

/** So long it waits before it asks again whether it is in nobody's way. */
const giveWayMs = 50;
const urgent: ReadonlySet<EffectKind> = new Set<EffectKind>([
  'git.createWorktree',
  'process.start',
  'git.judge',
  'git.prepare',
  'git.land',
  'git.undo',
  'git.writeStatus',
]);

interface Seen {
  readonly stamp: string;
  readonly at: number;
  readonly snapshot: WorkSnapshot;
}

/** What a run at work has changed so far. */
interface Changed {
  /** From where to where its commits were read. */
  readonly span: string;
  readonly committed: readonly string[];
  readonly snapshot: WorkSnapshot;
  /** Committed or not; the same array while nothing has moved. */
  readonly paths: readonly string[];
}

/** What the paths were last checked with: other rules find other things in the same paths. */
interface CheckedPaths extends Pick<State, 'ownership' | 'settings'> {
  readonly changed: Readonly<Record<RunId, readonly string[]>>;
}

/** One piece of work that may meet others. */
interface Work {
  readonly instance: Instance;
  readonly commit: Oid;
}

/**
 * The conflict radar: while agents work, trial merges of what they have done so far, committed or not, with the target and with all other
 * work that runs or waits to land. One start of git at a time, and only where something has moved. The paths that it reads are reported
 * too, so that work in the wrong place is noticed before it ends.
 */
export class Radar {
  readonly #clock: ClockPort;
  readonly #logs: LogsPort;
  readonly #work: WorkPort;
  readonly #host: Host;
  readonly #seen = new Map<RunId, Seen>();
  readonly #changed = new Map<RunId, Changed>();
  #checked: CheckedPaths | null = null;
  #looked: { readonly instances: State['instances']; readonly tip: State['targetTip'] } | null = null;
  #cancel: (() => void) | null = null;
  #looking = false;
  #snapshots = 0;
  #stopped = false;

  constructor({ clock, logs }: { readonly clock: ClockPort; readonly logs: LogsPort }, work: WorkPort, host: Host) {
    this.#clock = clock;
    this.#logs = logs;
    this.#work = work;
    this.#host = host;
    // What an earlier coordinator tried is of no use any more.
    void work.forgetWork().catch(() => undefined);
  }

  /** The state has changed: looks soon. */
  wake(): void {
    if (this.#stopped || this.#looking || this.#cancel !== null || !this.#isNews()) return;
    this.#cancel = this.#clock.setTimer(wakeMs, () => this.#fire());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #isNews(): boolean {
    const { instances, targetTip } = this.#host.state();
    return instances !== this.#looked?.instances || targetTip !== this.#looked.tip;
  }

  #fire(): void {
    this.#cancel = null;
    this.#looking = true;
    void this.#look()
      .catch(() => undefined)
      .then(() => this.#rest())
      .then(() => {
        this.#looking = false;
        if (this.#stopped) return;
        if (this.#isBusy()) this.#cancel = this.#clock.setTimer(lookMs, () => this.#fire());
        else this.wake();
      });
  }

  #isBusy(): boolean {
    return this.#host.state().instances.some(isAtWork);
  }

  /** Snapshots take room on the disk; those of work that has ended, or of many hours, are of no use. */
  async #rest(): Promise<void> {
    if (this.#snapshots === 0 || (this.#isBusy() && this.#snapshots < snapshotLimit)) return;
    this.#snapshots = 0;
    this.#seen.clear();
    this.#changed.clear();
    await this.#work.forgetWork().catch(() => undefined);
  }

  async #look(): Promise<void> {
    const state = this.#host.state();
    this.#looked = { instances: state.instances, tip: state.targetTip };
    const works: Work[] = [];
    const changed: Record<RunId, readonly string[]> = {};
    for (const instance of state.instances.filter(one => one.target === state.target)) {
      const commit = await this.#commitOf(instance);
      if (commit !== null) works.push({ instance, commit });
      const paths = await this.#changedBy(instance, state.targetTip);
      if (paths !== null) changed[instance.runId] = paths;
    }
    const pairs = await this.#compare(works, state.targetTip);
    const { radar = [], ownership, settings } = this.#host.state();
    const checked = { changed, ownership, settings };
    if (this.#stopped || (samePairs(pairs, radar) && sameChanges(checked, this.#checked))) return;
    this.#checked = checked;
    this.#host.tell({ radar: pairs, changed });
  }

  /** What it has committed is read only where its tip or the target's has moved. Null: it is not at work, or nobody can tell. */
  async #changedBy({ runId, base }: Instance, tip: Oid | null): Promise<readonly string[] | null> {
    const snapshot = this.#seen.get(runId)?.snapshot;
    const before = this.#changed.get(runId);
    if (snapshot === undefined || tip === null) return null;
    const { head } = snapshot;
    const span = `${tip} ${head}`;
    if (before?.span === span && before.snapshot === snapshot) return before.paths;
    const known = before?.span === span ? before.committed : head === base ? [] : null;
    const committed = known ?? (await this.#committed(tip, head));
    // What cannot be read now is as it was.
    if (committed === null) return before?.paths ?? null;
    const paths = [...new Set([...committed, ...snapshot.paths])];
    this.#changed.set(runId, { span, committed, snapshot, paths });
    return paths;
  }

  async #committed(tip: Oid, head: Oid): Promise<readonly string[] | null> {
    await this.#giveWay();
    return this.#stopped ? null : this.#work.changedPaths(tip, head);
  }

  /** Null: it has done nothing yet, or nobody can tell what. */
  async #commitOf(instance: Instance): Promise<Oid | null> {
    if (!isAtWork(instance)) {
      this.#seen.delete(instance.runId);
      this.#changed.delete(instance.runId);
      return waitsToLand(instance.state) ? instance.head : null;
    }
    const snapshot = await this.#snapshotOf(instance);
    return snapshot === null || snapshot.commit === instance.base ? null : snapshot.commit;
  }

  async #snapshotOf({ runId, worktreePath }: Instance): Promise<WorkSnapshot | null> {
    const seen = this.#seen.get(runId);
    const stamp = this.#stampOf(runId, worktreePath, seen?.snapshot.paths ?? []);
    const now = this.#clock.monotonic();
    if (seen !== undefined && stamp === seen.stamp && now - seen.at < staleMs) return seen.snapshot;
    await this.#giveWay();
    if (this.#stopped) return null;
    this.#snapshots++;
    const snapshot = await this.#work.snapshotWork(worktreePath);
    if (snapshot === null) return null;
    // What changes while it is looked at is seen the next time.
    const after = this.#stampOf(runId, worktreePath, snapshot.paths);
    const settled = stamp === this.#stampOf(runId, worktreePath, seen?.snapshot.paths ?? []);
    this.#seen.set(runId, { stamp: settled ? after : '', at: now, snapshot });
    return snapshot;
  }

  /** Nobody waits for the radar: what somebody waits for goes first. */
  async #giveWay(): Promise<void> {
    while (!this.#stopped && Object.values(this.#host.state().inFlight).some(({ kind }) => urgent.has(kind))) {
      await new Promise<void>(resolve => {
        this.#cancel = this.#clock.setTimer(giveWayMs, resolve);
      });
    }
    this.#cancel = null;
  }

  /** An agent that says something has most likely done something. */
  #stampOf(runId: RunId, worktreePath: string, paths: readonly string[]): string {
    return `${this.#work.workStamp(worktreePath, paths)} ${this.#logs.lastOutput(runId)}`;
  }

  async #compare(works: readonly Work[], tip: Oid | null): Promise<readonly RadarPair[]> {
    // Without it, what the target itself changed would look like a branch's own change.
    if (tip === null) return [];
    const pairs: RadarPair[] = [];
    const compare = async (a: Work, b: RunId | null, commit: Oid) => {
      await this.#giveWay();
      if (this.#stopped) return;
      const paths = await this.#work.predictPair(a.commit, commit, b === null ? null : tip);
      if (paths === null || paths.length > 0) pairs.push({ a: a.instance.runId, b, paths });
    };
    for (const [index, work] of works.entries()) {
      // What has ended is predicted against the target by the queue itself.
      if (isAtWork(work.instance)) await compare(work, null, tip);
      for (const other of works.slice(index + 1)) {
        // Of runs side by side only one lands.
        if (areRivals(work.instance, other.instance)) continue;
        await compare(work, other.instance.runId, other.commit);
      }
    }
    return pairs;
  }
}

function isAtWork({ state, base, remote }: Instance): boolean {
  return base !== null && remote === undefined && (isAlive(state) || state === 'completed');
}

function sameChanges(one: CheckedPaths, other: CheckedPaths | null): boolean {
  if (other === null) return Object.keys(one.changed).length === 0;
  const runs = Object.keys(one.changed);
  const rules = one.ownership === other.ownership && one.settings === other.settings;
  return (
    rules &&
    runs.length === Object.keys(other.changed).length &&
    runs.every(id => one.changed[id] === other.changed[id])
  );
}

function samePairs(one: readonly RadarPair[], other: readonly RadarPair[]): boolean {
  return one.length === other.length && JSON.stringify(one) === JSON.stringify(other);
}
