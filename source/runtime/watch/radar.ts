import type { EffectKind } from '../../coordinator/state/effects.ts';
import type { RadarPair, State } from '../../coordinator/state/state.ts';
import type { Oid, RunId } from '../../domain/ids.ts';
import { type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { LogsPort } from '../../ports/logs.ts';
import type { WorkPort, WorkSnapshot } from '../../ports/work.ts';

interface Host {
  readonly state: () => State;
  readonly tell: (radar: readonly RadarPair[]) => void;
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

/** One piece of work that may meet others. */
interface Work {
  readonly instance: Instance;
  readonly commit: Oid;
}

/**
 * The conflict radar: while agents are at work, what they have done so far, committed or not, is merged on paper with the target and
 * with all other work that runs or waits to land. One start of git at a time, and only where something has moved.
 */
export class Radar {
  readonly #clock: ClockPort;
  readonly #logs: LogsPort;
  readonly #work: WorkPort;
  readonly #host: Host;
  readonly #seen = new Map<RunId, Seen>();
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
    await this.#work.forgetWork().catch(() => undefined);
  }

  async #look(): Promise<void> {
    const state = this.#host.state();
    this.#looked = { instances: state.instances, tip: state.targetTip };
    const works: Work[] = [];
    for (const instance of state.instances.filter(one => one.target === state.target)) {
      const commit = await this.#commitOf(instance);
      if (commit !== null) works.push({ instance, commit });
    }
    const pairs = await this.#compare(works, state.targetTip);
    if (this.#stopped || samePairs(pairs, this.#host.state().radar ?? [])) return;
    this.#host.tell(pairs);
  }

  /** Null: it has done nothing yet, or nobody can tell what. */
  async #commitOf(instance: Instance): Promise<Oid | null> {
    if (!isAtWork(instance)) {
      this.#seen.delete(instance.runId);
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
    const pairs: RadarPair[] = [];
    const compare = async (a: Work, b: RunId | null, commit: Oid) => {
      await this.#giveWay();
      if (this.#stopped) return;
      const paths = await this.#work.predictPair(a.commit, commit);
      if (paths === null || paths.length > 0) pairs.push({ a: a.instance.runId, b, paths });
    };
    for (const [index, work] of works.entries()) {
      // What has ended is predicted against the target by the queue itself.
      if (tip !== null && isAtWork(work.instance)) await compare(work, null, tip);
      for (const other of works.slice(index + 1)) await compare(work, other.instance.runId, other.commit);
    }
    return pairs;
  }
}

function isAtWork({ state, base }: Instance): boolean {
  return base !== null && (isAlive(state) || state === 'completed');
}

function samePairs(one: readonly RadarPair[], other: readonly RadarPair[]): boolean {
  return one.length === other.length && JSON.stringify(one) === JSON.stringify(other);
}
