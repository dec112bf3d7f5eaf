import type { State } from '../../../source/coordinator/state/state.ts';
import { dispatchId } from '../../../source/domain/fleet/remote-run.ts';
import type { Oid, RunId } from '../../../source/domain/ids.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import type { CancelResult, FleetObservation, FleetReport, Said } from '../../../source/ports/fleet/fleet.ts';
import { BrokenPromise } from './invariants.ts';
import type { Random } from './random.ts';
import type { Repository } from './repository/repository.ts';

interface Job {
  readonly id: string;
  readonly runId: RunId;
  readonly epoch: number;
  readonly slug: string;
  readonly base: Oid;
  readonly files: readonly string[];
}

/** What a worker has in a run folder: it outlives the worker's own program. */
interface Held {
  readonly job: Job;
  /** It has won the claim, or has lost it and stops. */
  claimed: boolean;
  started: boolean;
  head: Oid;
  cancelled: boolean;
  ended: boolean;
}

interface Worker {
  readonly name: string;
  readonly key: string;
  readonly held: Map<string, Held>;
  /** Its program or its network is away; its runs are kept. */
  awayUntil: number;
  lastBeat: number;
}

/**
 * Other machines in memory: a courier that loses, doubles and reorders what it carries, a depot in which the first to create a ref has the
 * run, and workers that vanish and wake up late. Holds them to J1 to J4.
 */
export class FleetWorld {
  readonly workers: readonly Worker[];
  jobs: Job[] = [];
  readonly depot = new Map<string, { readonly worker: string; oid: Oid }>();
  reports: FleetReport[] = [];
  /** Dispatch → workers whose agent has begun. */
  readonly begun = new Map<string, string>();
  /** Results that were pushed, by run. */
  readonly pushed = new Map<RunId, Oid[]>();
  #listeningSince: number;
  readonly #random: Random;
  readonly #repository: Repository;

  constructor(random: Random, repository: Repository, now: number) {
    this.#random = random;
    this.#repository = repository;
    this.#listeningSince = now;
    const names = ['w1', 'w2', 'w3'].slice(0, 1 + random.int(3));
    this.workers = names.map(name => ({ name, key: `key-${name}`, held: new Map(), awayUntil: 0, lastBeat: now }));
  }

  /** Idempotent by run and epoch, as long as the engine remembers. */
  dispatch(instance: Instance): void {
    const { runId, slug, remote, scope, key } = instance;
    if (remote === undefined) throw new Error('a run of this machine was dispatched');
    const id = dispatchId(runId, remote.epoch);
    if (this.jobs.some(job => job.id === id)) return;
    const files = (scope.paths.length > 0 ? scope.paths : [`src/${key}/`]).map(folder => `${folder}a.txt`);
    this.jobs.push({ id, runId, epoch: remote.epoch, slug, base: remote.base, files });
  }

  cancel({ runId, remote }: Instance): CancelResult {
    if (remote === undefined) throw new Error('a run of this machine was cancelled there');
    const id = dispatchId(runId, remote.epoch);
    this.jobs = this.jobs.filter(job => job.id !== id);
    const claim = this.depot.get(id);
    if (claim === undefined) {
      this.depot.set(id, { worker: 'coordinator', oid: remote.base });
      return 'nobody-has-it';
    }
    if (claim.worker === 'coordinator') return 'nobody-has-it';
    const held = this.workers.find(({ name }) => name === claim.worker)?.held.get(id);
    if (held !== undefined) held.cancelled = true;
    return 'asked';
  }

  /** Pins what the depot holds, and makes the branch where the name is free. */
  bringHome({ runId, remote, branchName, slug }: Instance, late: boolean): { head: Oid | null; taken: boolean } {
    const epoch = late ? remote?.late?.epoch : remote?.epoch;
    const result = this.depot.get(dispatchId(runId, epoch ?? 0));
    const head = result?.oid ?? null;
    if (head === null || remote === undefined) return { head: null, taken: false };
    this.#repository.refs.set(`refs/cm/${late ? 'late' : 'fleet'}/${slug}/${epoch}`, head);
    if (late) return { head, taken: false };
    const there = this.#repository.refs.get(`refs/heads/${branchName}`);
    if (there === undefined) this.#repository.refs.set(`refs/heads/${branchName}`, head);
    return { head, taken: there !== undefined && there !== head };
  }

  forget(runId: RunId, epoch: number): void {
    for (const { held } of this.workers) held.delete(dispatchId(runId, epoch));
  }

  /** Everybody gives a sign. */
  beat(now: number): void {
    for (const worker of this.workers) worker.lastBeat = now;
  }

  look(now: number, blind: boolean): FleetObservation {
    const unknown = (chance: number) => blind && this.#random.chance(chance);
    const beating = this.workers.map(worker => ({ worker, silentMs: now - worker.lastBeat }));
    const heard: Record<string, number> = {};
    for (const { worker, silentMs } of beating) {
      if (silentMs > now - this.#listeningSince) continue;
      for (const [id, { claimed }] of worker.held) if (claimed) heard[id] = silentMs;
    }
    return {
      listeningMs: unknown(0.2) ? null : now - this.#listeningSince,
      workers: beating.map(({ worker: { name, key, held }, silentMs }) => ({
        name,
        key,
        fingerprint: key,
        silentMs,
        pools: ['default'],
        slots: 2,
        running: [...held].filter(([, one]) => one.claimed).map(([id]) => id),
        draining: false,
        welcome: true,
        version: 'test',
        cpuPercent: null,
        memoryPercent: null,
      })),
      heard,
      unread: unknown(0.2) ? null : [...new Set(this.reports.map(({ runId }) => runId))],
      claims: unknown(0.2)
        ? null
        : Object.fromEntries([...this.depot].map(([id, { worker }]) => [id, { worker, key: `key-${worker}` }])),
      refused: [],
      jobs: unknown(0.2) ? null : this.jobs.map(({ id }) => id),
    };
  }

  /** The coordinator listens anew: what was silent before it did counts for nothing. */
  restarted(now: number): void {
    this.#listeningSince = now;
  }

  /** One thing that workers, engine or network do. */
  act(now: number, calm: boolean): void {
    const random = this.#random;
    const worker = random.pick(this.workers);
    if (!calm && random.chance(0.02)) {
      worker.awayUntil = now + random.int(120_000);
      return;
    }
    if (calm) worker.awayUntil = 0;
    // J4: the engine forgets everything.
    if (!calm && random.chance(0.01)) {
      this.jobs = [];
      this.reports = [];
    }
    if (!calm && random.chance(0.05) && this.reports.length > 0) this.reports.push(random.pick(this.reports));
    if (worker.awayUntil > now) return;
    worker.lastBeat = now;
    const held = [...worker.held.values()];
    const [some] = held.length === 0 ? [undefined] : [random.pick(held)];
    if (some === undefined || (held.length < 2 && random.chance(0.4))) return this.#take(worker, calm);
    this.#work(worker, some, calm);
  }

  /** A job is delivered, perhaps a second time. */
  #take(worker: Worker, calm: boolean): void {
    const random = this.#random;
    if (this.jobs.length === 0) return;
    const job = random.pick(this.jobs);
    if (calm || random.chance(0.8)) this.jobs = this.jobs.filter(one => one !== job);
    if (worker.held.has(job.id)) return;
    worker.held.set(job.id, { job, claimed: false, started: false, head: job.base, cancelled: false, ended: false });
  }

  #work(worker: Worker, held: Held, calm: boolean): void {
    const { job } = held;
    if (!held.claimed) return this.#claim(worker, held, calm);
    const claim = this.depot.get(job.id);
    if (held.ended) return this.#report(worker, held, this.#endOf(held));
    if (!held.started) {
      const other = this.begun.get(job.id);
      if (other !== undefined && other !== worker.name)
        throw new BrokenPromise('J1 one agent for each dispatch', `${job.id} runs on ${other} and ${worker.name}`);
      this.begun.set(job.id, worker.name);
      held.started = true;
      const process = { pid: 7, startTime: '7', bootId: worker.name };
      return this.#report(worker, held, { what: 'started', process });
    }
    if (!held.cancelled && this.#random.chance(0.6)) {
      const tree = new Map(this.#repository.history.get(held.head).tree);
      for (const file of job.files) tree.set(file, `work ${job.runId} ${this.#random.int(1000)}`);
      held.head = this.#repository.history.commit([held.head], tree);
      return;
    }
    if (claim === undefined) throw new Error('a claim has vanished');
    claim.oid = held.head;
    held.ended = true;
    if (held.head !== job.base) this.pushed.set(job.runId, [...(this.pushed.get(job.runId) ?? []), held.head]);
    this.#report(worker, held, this.#endOf(held));
  }

  #claim(worker: Worker, held: Held, calm: boolean): void {
    const { job } = held;
    const claim = this.depot.get(job.id);
    // Delivered late, it may be one that this worker had, and has forgotten since.
    if (claim !== undefined) {
      worker.held.delete(job.id);
      return;
    }
    if (claim === undefined && !calm && this.#random.chance(0.05)) {
      this.depot.set(job.id, { worker: worker.name, oid: job.base });
      worker.held.delete(job.id);
      return this.#report(worker, held, { what: 'refused', why: 'the disk is full\u001b[2J' });
    }
    this.depot.set(job.id, { worker: worker.name, oid: job.base });
    held.claimed = true;
    this.#report(worker, held, { what: 'claimed' });
  }

  #endOf({ head, job, cancelled }: Held): Said {
    return {
      what: 'ended',
      exitCode: cancelled ? 143 : 0,
      lost: null,
      limit: null,
      head: head === job.base ? null : head,
      dirty: [],
      operation: null,
      tail: '',
    };
  }

  /** It is repeated until it is forgotten, so that one that is lost matters little. */
  #report({ name, key }: Worker, { job }: Held, said: Said): void {
    const report = { runId: job.runId, epoch: job.epoch, worker: name, key, said };
    const same = this.reports.some(one => JSON.stringify(one) === JSON.stringify(report));
    if (!same) this.reports.push(report);
    // Anybody who can write into the engine can say this.
    if (this.#random.chance(0.02)) this.reports.push({ ...report, key: 'forged', said: lieOf(job) });
  }

  /** J2 and J3 at rest: only the present dispatch of a run was judged, and whatever was pushed and is known to have ended can be reached here. */
  checkRest({ instances }: State): void {
    const here = this.#repository.reachable();
    for (const { runId, remote, key, endTime } of instances) {
      if (remote === undefined || endTime === null || remote.home !== true) continue;
      // What the present dispatch has pushed is what was believed, whatever came of earlier ones.
      const made = remote.ended?.head ?? null;
      const there = this.depot.get(dispatchId(runId, remote.epoch));
      if (made !== null && there?.oid !== made)
        throw new BrokenPromise(
          'J2 only the present dispatch is judged',
          `${key}: ${made}, and the depot has ${there?.oid}`,
        );
      if (made !== null && there?.worker !== remote.worker)
        throw new BrokenPromise('J2 only who holds it is believed', `${key}: ${remote.worker}, not ${there?.worker}`);
      for (const oid of this.pushed.get(runId) ?? [])
        if (!here.has(oid)) throw new BrokenPromise('J3 every result is reachable here', `${key}: ${oid}`);
    }
  }
}

/** That it has ended, with what it never made. */
function lieOf({ base }: Job): Said {
  const words = { exitCode: 0, lost: null, limit: null, dirty: [], operation: null, tail: '' };
  return { what: 'ended', ...words, head: base.replace(/./g, 'f') };
}
