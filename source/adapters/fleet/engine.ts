import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { CmError } from '../../domain/errors.ts';
import { type EngineFacts, prefix, redisFacts, redisOptions } from './redis.ts';

/** What a queue needs for a job: an id under which it is added once, as long as it is kept. */
export interface Sending {
  readonly queue: string;
  readonly id: string;
  readonly data: unknown;
  /** It is not kept once it is done, so that the same id can be sent again. */
  readonly brief?: true;
}

export interface WaitingJob {
  readonly id: string;
  readonly data: unknown;
}

/** The courier between machines. It holds no truth: whatever it loses is said again. Every call ends within seconds. */
export interface Engine {
  send(sending: Sending): Promise<void>;
  /** Jobs that wait, or are with somebody. */
  waiting(queue: string): Promise<readonly WaitingJob[]>;
  /** Withdraws a job that nobody has; whether it was there says nothing. */
  withdraw(queue: string, id: string): Promise<void>;
  /** `handle` acknowledges by resolving; what rejects is delivered again where `again` is set. Returns the stop function. */
  receive(
    queue: string,
    handle: (data: unknown) => Promise<void>,
    options: { readonly atOnce: number; readonly again: boolean },
  ): Receiver;
  /** Its version, and what is wrong with how it is set up. Rejects where it does not answer. */
  facts(): Promise<EngineFacts>;
  /** Milliseconds since which it has answered without a break; null: it does not. */
  connectedMs(): number | null;
  close(): Promise<void>;
}

export interface Receiver {
  /** How many jobs it takes at once; 0 pauses it. */
  setRoom(atOnce: number): void;
  stop(): Promise<void>;
}

const answerMs = 8000;
const lockMs = 60_000;
const kept = { age: 24 * 3600, count: 5000 };

/** Connects to `redis(s)://` or `postgres://`. */
export function openEngine(url: string): Engine {
  const make = backendOf(url);
  const queues = new Map<string, GivenQueue>();
  const receivers = new Set<GivenWorker>();
  let answeredSince: number | null = null;
  const answered = () => {
    answeredSince ??= performance.now();
  };
  const silent = () => {
    answeredSince = null;
  };

  function queueOf(name: string): GivenQueue {
    const before = queues.get(name);
    if (before !== undefined) return before;
    const queue = make.queue(name);
    queue.on('error', silent);
    queues.set(name, queue);
    return queue;
  }

  async function asked<T>(what: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CmError('the engine of other machines does not answer', 3)), answerMs);
    });
    try {
      const answer = await Promise.race([what, late]);
      answered();
      return answer;
    } catch (error) {
      silent();
      throw error;
    } finally {
      clearTimeout(timer);
      what.catch(() => undefined);
    }
  }

  return {
    async send({ queue, id, data, brief }) {
      const keep = brief === true ? true : kept;
      const options = { jobId: id, attempts: 1, removeOnComplete: keep, removeOnFail: keep };
      await asked(queueOf(queue).add('cm', data, options));
    },
    async waiting(queue) {
      const jobs = await asked(queueOf(queue).getJobs(['waiting', 'active', 'delayed', 'prioritized']));
      return jobs.flatMap(job => (job?.id === undefined ? [] : [{ id: job.id, data: job.data }]));
    },
    async withdraw(queue, id) {
      await asked(queueOf(queue).remove(id));
    },
    receive(queue, handle, { atOnce, again }) {
      const run = async (job: GivenJob) => {
        for (;;) {
          try {
            return await handle(job.data);
          } catch (error) {
            if (!again || worker.closing !== undefined) throw error;
            await new Promise<void>(resolve => setTimeout(resolve, 500));
          }
        }
      };
      // Who asked for it is dead if its lease is over. A run is never begun twice by the engine, a report is delivered again.
      const options = { concurrency: Math.max(1, atOnce), lockDuration: lockMs, maxStalledCount: again ? 1000 : 0 };
      const worker = make.worker(queue, run, { ...options, stalledInterval: again ? 5000 : 30_000 });
      worker.on('error', silent);
      worker.on('ready', answered);
      receivers.add(worker);
      if (atOnce === 0) void worker.pause(true);
      return {
        setRoom(room) {
          if (room === 0) return void worker.pause(true);
          worker.concurrency = room;
          if (worker.isPaused()) worker.resume();
        },
        async stop() {
          receivers.delete(worker);
          await worker.close(true).catch(() => undefined);
        },
      };
    },
    async facts() {
      const look = make.look();
      try {
        return await asked(look.read());
      } finally {
        void look.end().catch(() => undefined);
      }
    },
    connectedMs: () => (answeredSince === null ? null : performance.now() - answeredSince),
    async close() {
      const all = [...receivers, ...queues.values()];
      await Promise.race([
        Promise.all([...receivers].map(one => one.close(true)).concat([...queues.values()].map(one => one.close()))),
        new Promise<void>(resolve => setTimeout(resolve, all.length === 0 ? 0 : 1000).unref()),
      ]).catch(() => undefined);
    },
  };
}

type Run = (job: GivenJob) => Promise<void>;
type Options = { concurrency: number; lockDuration: number; maxStalledCount: number; stalledInterval: number };

/** What is used of a job, a queue and a worker of the library, whatever stores them. */
interface GivenJob {
  readonly id?: string | undefined;
  readonly data: unknown;
}

interface GivenQueue {
  add(name: string, data: unknown, options: object): Promise<unknown>;
  getJobs(types: ('waiting' | 'active' | 'delayed' | 'prioritized')[]): Promise<(GivenJob | undefined)[]>;
  remove(id: string): Promise<unknown>;
  on(event: 'error', heard: () => void): unknown;
  close(): Promise<void>;
}

interface GivenWorker {
  concurrency: number;
  readonly closing?: Promise<void> | undefined;
  on(event: 'error' | 'ready', heard: () => void): unknown;
  pause(dontWait: boolean): Promise<void>;
  resume(): void;
  isPaused(): boolean;
  close(force: boolean): Promise<void>;
}

interface Backend {
  queue(name: string): GivenQueue;
  worker(name: string, run: Run, options: Options): GivenWorker;
  /** A connection of its own, which ends also where it never came about. */
  look(): { read(): Promise<EngineFacts>; end(): Promise<void> };
}

/** The two stores, with one way to make queues in each. */
function backendOf(url: string): Backend {
  if (/^postgres(ql)?:/.test(url)) {
    const connection = { connectionString: url, migrate: true };
    const queue = (name: string) => new Queue(name, { connection }, createPostgresBackend);
    return {
      queue,
      worker: (name, run, options) => new Worker(name, run, { connection, ...options }, createPostgresBackend),
      look() {
        const one = queue('cm-facts');
        one.on('error', () => undefined);
        const read = async () => {
          const { rows } = await one.backend.connection.pool.query('show server_version');
          return { version: `PostgreSQL ${String(rows[0]?.server_version).split(' ')[0]}`, warnings: [] };
        };
        return { read, end: () => one.close() };
      },
    };
  }
  const connection = redisOptions(url, answerMs, lockMs);
  const queue = (name: string) => new Queue(name, { connection, prefix });
  return {
    queue,
    worker: (name, run, options) =>
      new Worker(name, run, { connection: { ...connection, maxRetriesPerRequest: null }, prefix, ...options }),
    look() {
      const one = queue('cm-facts');
      one.on('error', () => undefined);
      const read = async () => redisFacts(await (await one.backend.client).info());
      return { read, end: () => one.close() };
    },
  };
}
