import { join } from 'node:path';
import { CmError } from '../../domain/errors.ts';
import { contactMs, dispatchId } from '../../domain/fleet/remote-run.ts';
import type { RunId } from '../../domain/ids.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Claim, FleetObservation, FleetPort, Refused, RunRef, WorkerSeen } from '../../ports/fleet/fleet.ts';
import type { Depot } from '../git/depot/depot.ts';
import type { RefHolder } from '../git/depot/refs.ts';
import { type Engine, openEngine } from './engine.ts';
import { keyFile } from './key-file.ts';
import { queues, requireSafe } from './names.ts';
import { createReplayGuard, createSequence } from './sequence.ts';
import { coordinatorId, fingerprintOf, loadSigner, openSealed } from './sign.ts';
import { type Beat, beatSchema, reportSchema, wireVersion } from './wire.ts';

export interface FleetOptions {
  readonly engine: string;
  readonly insecure: boolean;
  readonly pools: readonly string[];
  /** Our state folder: the coordinator's key is in it. */
  readonly stateDir: string;
  readonly depot: Depot;
}

interface Heard {
  readonly beat: Beat;
  readonly key: string;
  readonly at: number;
}

/** The coordinator's side. Its engine is `redis(s)://` or `postgres://`; a version that it cannot read is ignored. */
export function createFleet({
  engine: url,
  insecure,
  pools,
  stateDir,
  depot,
}: FleetOptions): Omit<FleetPort, 'keepLog'> {
  requireSafe(url, insecure);
  const signer = loadSigner(keyFile(stateDir));
  const me = coordinatorId(signer.publicKey);
  const engine: Engine = openEngine(url);
  const next = createSequence(join(stateDir, 'fleet', 'sequence'));
  const guard = createReplayGuard(join(stateDir, 'fleet', 'heard'));
  const refused = new Map<string, Refused>();
  const workers = new Map<string, Heard>();
  const heard = new Map<string, number>();
  const homeward: HomeQueue = createHomeQueue(depot);
  let listens = false;

  const tellHost = (worker: string, id: string, words: object) =>
    engine.send({
      queue: queues.host(me, worker),
      id,
      data: signer.seal({ v: wireVersion, seq: next(), worker, ...words }),
      brief: true,
    });

  /** It is said once for each worker and reason. */
  const refuse = (why: Refused['why'], worker: string | null) => {
    refused.set(`${why} ${worker}`, { why, worker });
  };

  function hearBeat(sealed: unknown): void {
    const opened = openSealed(sealed);
    const beat = opened === null ? null : beatSchema.safeParse(opened.body);
    if (opened === null) return refuse('forged', null);
    if (beat?.success !== true) return refuse('malformed', null);
    if (!guard.isNewest(opened.key, beat.data.seq)) return refuse('replayed', beat.data.name);
    const at = performance.now();
    workers.set(`${beat.data.name} ${opened.key}`, { beat: beat.data, key: opened.key, at });
    for (const id of beat.data.running) heard.set(id, at);
  }

  return {
    async dispatch(dispatch) {
      await depot.offerBase(dispatch.base);
      const data = signer.seal({ v: wireVersion, seq: next(), ...dispatch });
      if (JSON.stringify(data).length > 256 * 1024)
        throw new CmError('its prompt is too long for another machine (256 kB)');
      const queue = queues.runs(me, dispatch.pool);
      const id = dispatchId(dispatch.runId, dispatch.epoch);
      // One that was added before and is over is in the way of the same id.
      if (!(await engine.waiting(queue)).some(job => job.id === id)) await engine.withdraw(queue, id);
      await engine.send({ queue, id, data });
    },
    async cancel(runId, epoch, pool, worker) {
      const id = dispatchId(runId, epoch);
      await engine.withdraw(queues.runs(me, pool), id).catch(() => undefined);
      const result = await depot.claimForCancel(runId, epoch);
      if (result === 'asked' && worker !== null)
        await tellHost(worker, `cancel-${id}`, { word: 'cancel', runId, epoch });
      return result;
    },
    async observe(): Promise<FleetObservation> {
      const unread = await engine.waiting(queues.reports(me)).catch(() => null);
      const claims = await depot.claims().catch(() => null);
      const served = [...workers.values()].flatMap(({ beat }) => beat.pools);
      const names = [...new Set([...pools, ...served])];
      const jobs = await Promise.all(names.map(pool => engine.waiting(queues.runs(me, pool)))).catch(() => null);
      const now = performance.now();
      // Whoever has just claimed a run has until now to say that it holds it.
      for (const id of Object.keys(claims ?? {})) if (!heard.has(id)) heard.set(id, now);
      const connectedMs = listens ? engine.connectedMs() : null;
      return {
        listeningMs: connectedMs,
        workers: seenWorkers(workers, now),
        heard: Object.fromEntries([...heard].map(([id, at]) => [id, now - at])),
        unread: unread?.flatMap(({ data }) => runOf(data) ?? []) ?? null,
        claims: claims === null ? null : provenClaims(claims),
        refused: [...refused.values()],
        jobs: jobs?.flatMap(list => list.map(({ id }) => id)) ?? null,
      };
    },
    listen(on) {
      listens = true;
      const beats = engine.receive(queues.beats(me), async sealed => hearBeat(sealed), { atOnce: 20, again: false });
      const hear = async (sealed: unknown) => {
        const opened = openSealed(sealed);
        const report = opened === null ? null : reportSchema.safeParse(opened.body);
        if (opened === null) return refuse('forged', null);
        if (report?.success !== true) return refuse('malformed', null);
        const { v: _, seq, ...words } = report.data;
        if (!guard.isFirst(opened.key, seq)) return refuse('replayed', words.worker);
        await on({ ...words, key: opened.key });
        guard.take(opened.key, seq);
      };
      const reports = engine.receive(queues.reports(me), hear, { atOnce: 1, again: true });
      return () => {
        listens = false;
        void beats.stop();
        void reports.stop();
      };
    },
    bringHome: ref => homeward(ref),
    createBranch: (branchName, head) => depot.createBranch(branchName, head),
    forget: (runId, epoch, worker) =>
      tellHost(worker, `forget-${dispatchId(runId, epoch)}`, { word: 'forget', runId, epoch }),
    tell: (worker, word) => tellHost(worker, `word-${word}`, { word }),
    close: () => engine.close(),
  };
}

/** Somebody who has been silent for an hour is left out. */
function seenWorkers(workers: ReadonlyMap<string, Heard>, now: number): readonly WorkerSeen[] {
  const longest = 180 * contactMs;
  return [...workers.values()]
    .filter(({ at }) => now - at < longest)
    .map(({ beat: { v: _, seq: __, ...beat }, key, at }) => ({
      ...beat,
      key,
      fingerprint: fingerprintOf(key),
      version: sanitizeLine(beat.version, 40),
      pools: beat.pools.map(pool => sanitizeLine(pool, 32)),
      silentMs: now - at,
    }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** Whose key has signed each claim. */
function provenClaims(claims: Readonly<Record<string, RefHolder>>): Readonly<Record<string, Claim>> {
  const proven = Object.entries(claims).map(([id, { worker, proof }]) => {
    const opened = openSealed(proof === null ? null : { v: 1, ...proof });
    return [id, { worker, key: opened?.key ?? null }] as const;
  });
  return Object.fromEntries(proven);
}

function runOf(sealed: unknown): RunId | null {
  const opened = openSealed(sealed);
  const report = opened === null ? null : reportSchema.safeParse(opened.body);
  return report?.success === true ? report.data.runId : null;
}

type HomeQueue = (ref: RunRef) => Promise<string | null>;

/** Those that are wanted while a fetch is under way come together with the next one. */
function createHomeQueue(depot: Depot): HomeQueue {
  let waiting: { ref: RunRef; resolve: (head: string | null) => void; reject: (error: unknown) => void }[] = [];
  let busy = false;
  const next = async () => {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const heads = await depot.bringHome(batch.map(({ ref }) => ref));
        for (const { ref, resolve } of batch) resolve(heads[ref.runId] ?? null);
      } catch (error) {
        await oneByOne(depot, batch, error);
      }
    }
    busy = false;
  };
  return ref =>
    new Promise((resolve, reject) => {
      waiting.push({ ref, resolve, reject });
      void next();
    });
}

/** One result that git refuses does not hold up the others. */
async function oneByOne(
  depot: Depot,
  batch: readonly { ref: RunRef; resolve: (head: string | null) => void; reject: (error: unknown) => void }[],
  error: unknown,
): Promise<void> {
  for (const { ref, resolve, reject } of batch) {
    if (batch.length === 1) reject(error);
    else await depot.bringHome([ref]).then(heads => resolve(heads[ref.runId] ?? null), reject);
  }
}
