import { type FSWatcher, watch } from 'node:fs';
import type { RunId } from '../../domain/ids.ts';
import type { AgentReader } from '../../ports/agents.ts';
import { RunFollower } from './run-follower.ts';
import type { SignalListener } from './signals.ts';

/** While a run prints, its logs are read this often; listeners hear no more often either. */
const paceMs = 100;
/** This many reads without news: the run is quiet, and only the system's own notice wakes us. */
const quietAfter = 10;
/** Safety net for file systems that give no notice: sizes are compared. */
const safetyMs = 2_000;
/** Chunks of a run in a row before the others have their turn. */
const stepsPerTurn = 16;
const bufferSize = 64 * 1024;
/** Ended runs whose lines are kept in full, and what is kept of those before. */
const fullRings = 24;
const shortRing = 200;

interface Tracked {
  readonly run: RunFollower;
  readonly folder: string;
  /** Reads without news; at `quietAfter` the run is quiet. */
  idle: number;
  ended: boolean;
  watcher: FSWatcher | null;
}

/**
 * Follows the logs of any number of runs. A run that prints is read ten times a second and not watched, since its notices would come
 * by the thousand; a quiet one is watched and costs nothing. All reading is one queue, with one buffer.
 */
export class Follower {
  readonly #rotateAbove: number | null;
  readonly #redact: (text: string) => string;
  readonly #buffer = Buffer.allocUnsafe(bufferSize);
  readonly #tracked = new Map<RunId, Tracked>();
  readonly #listeners = new Set<() => void>();
  #queue: Promise<void> = Promise.resolve();
  #reading = false;
  #pace: NodeJS.Timeout | null = null;
  #safety: NodeJS.Timeout | null = null;
  #notice: NodeJS.Timeout | null = null;
  #lastNotice = 0;

  /**
   * @param rotateAbove size in bytes from which a log is moved aside; null: never
   * @param redact what is done to every text before it leaves
   */
  constructor(rotateAbove: number | null, redact: (text: string) => string) {
    this.#rotateAbove = rotateAbove;
    this.#redact = redact;
  }

  get(runId: RunId): RunFollower | undefined {
    return this.#tracked.get(runId)?.run;
  }

  track(
    runId: RunId,
    folder: string,
    createReader: () => AgentReader,
    onSignal: SignalListener,
    fromStart: boolean,
    ended = false,
  ): void {
    this.untrack(runId);
    const run = new RunFollower(
      folder,
      createReader,
      onSignal,
      fromStart,
      this.#buffer,
      this.#redact,
      this.#rotateAbove !== null && !ended,
    );
    const tracked: Tracked = { run, folder, idle: ended ? quietAfter : 0, ended: false, watcher: null };
    this.#tracked.set(runId, tracked);
    if (ended) {
      void this.#enqueue(() => this.#finish(tracked));
      return;
    }
    this.#safety ??= setInterval(() => void this.#enqueue(() => this.#compare()), safetyMs).unref();
    this.#wake();
  }

  drain(runId: RunId): Promise<void> {
    return this.#enqueue(async () => {
      const tracked = this.#tracked.get(runId);
      if (tracked !== undefined) await this.#finish(tracked);
    });
  }

  /** Reads what is left of an ended run, and follows it no more. */
  async #finish(tracked: Tracked): Promise<void> {
    if (tracked.ended) return;
    while (await tracked.run.step());
    tracked.run.end();
    tracked.ended = true;
    this.#unwatch(tracked);
    await tracked.run.close();
    this.#shrink();
    this.#announce();
  }

  untrack(runId: RunId): void {
    const tracked = this.#tracked.get(runId);
    if (tracked === undefined) return;
    this.#tracked.delete(runId);
    this.#unwatch(tracked);
    tracked.ended = true;
    void this.#enqueue(() => tracked.run.close());
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    for (const runId of [...this.#tracked.keys()]) this.untrack(runId);
    this.#listeners.clear();
    for (const timer of [this.#pace, this.#safety, this.#notice]) if (timer !== null) clearTimeout(timer);
    this.#pace = null;
    this.#safety = null;
    this.#notice = null;
  }

  /** One job after the other; one that fails ends nothing but itself. */
  #enqueue(job: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(job);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Reads at once, then at the pace, until all are quiet. */
  #wake(): void {
    this.#pace ??= setInterval(() => this.#readActive(), paceMs).unref();
    this.#readActive();
  }

  #readActive(): void {
    if (this.#reading) return;
    this.#reading = true;
    const done = () => {
      this.#reading = false;
    };
    this.#enqueue(() => this.#round()).then(done, done);
  }

  async #round(): Promise<void> {
    const active = [...this.#tracked.values()].filter(tracked => !tracked.ended && tracked.idle < quietAfter);
    for (const tracked of active) await this.#read(tracked);
    this.#announce();
    if (this.#pace === null || [...this.#tracked.values()].some(one => !one.ended && one.idle < quietAfter)) return;
    clearInterval(this.#pace);
    this.#pace = null;
  }

  async #read(tracked: Tracked): Promise<void> {
    const before = tracked.run.bytesRead;
    for (let step = 0; step < stepsPerTurn && (await tracked.run.step()); step++);
    tracked.run.deliver();
    if (tracked.ended) return;
    tracked.idle = tracked.run.bytesRead === before ? tracked.idle + 1 : 0;
    if (this.#rotateAbove !== null) await tracked.run.rotate(this.#rotateAbove);
    if (tracked.idle === quietAfter) await this.#rest(tracked);
  }

  /** Lets a quiet run wait for the system's notice. */
  async #rest(tracked: Tracked): Promise<void> {
    tracked.run.pause();
    try {
      tracked.watcher = watch(tracked.folder, { persistent: false }, () => this.#rouse(tracked));
      tracked.watcher.on('error', () => this.#unwatch(tracked));
    } catch {
      // No folder, or no watches left: the safety net finds what is new.
    }
    // It may have printed before the watch stood.
    if (await tracked.run.hasNews()) this.#rouse(tracked);
  }

  #rouse(tracked: Tracked): void {
    if (tracked.ended || tracked.idle < quietAfter) return;
    this.#unwatch(tracked);
    tracked.idle = 0;
    this.#wake();
  }

  #unwatch(tracked: Tracked): void {
    tracked.watcher?.close();
    tracked.watcher = null;
  }

  async #compare(): Promise<void> {
    for (const tracked of this.#tracked.values()) {
      if (!tracked.ended && tracked.idle >= quietAfter && (await tracked.run.hasNews())) this.#rouse(tracked);
    }
  }

  #shrink(): void {
    const ended = [...this.#tracked.values()].filter(tracked => tracked.ended);
    for (const tracked of ended.slice(0, -fullRings)) tracked.run.ring.shrink(shortRing);
  }

  /** Tells listeners, at most once per pace, if any run has new lines. */
  #announce(): void {
    if (this.#notice !== null || ![...this.#tracked.values()].some(tracked => tracked.run.changed)) return;
    const wait = Math.max(0, this.#lastNotice + paceMs - performance.now());
    this.#notice = setTimeout(() => this.#tell(), wait).unref();
  }

  #tell(): void {
    this.#notice = null;
    this.#lastNotice = performance.now();
    for (const tracked of this.#tracked.values()) tracked.run.changed = false;
    for (const listener of this.#listeners) listener();
  }
}
