import * as z from 'zod/mini';

/** Version of what is said between coordinators and workers; the one before is understood too. */
export const wireVersion = 1;

const runId = () => z.string().check(z.regex(/^[a-z0-9]{16}$/));
const oid = () => z.string().check(z.regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/));
/** Grows with everything that a key signs, so that what is played again is recognised. */
const seq = () => z.int().check(z.minimum(1));
const epoch = () => z.int().check(z.minimum(1));
const text = (length: number) => z.string().check(z.maxLength(length));
const count = () => z.number().check(z.minimum(0));
const process = () => z.object({ pid: z.int(), startTime: text(100), bootId: text(100) });
export const workerName = () => z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/));
const known = () => z.nullable(count());

/** What is asked of a worker. */
export const dispatchSchema = z.object({
  v: z.int(),
  seq: seq(),
  runId: runId(),
  epoch: epoch(),
  pool: text(32),
  base: oid(),
  slug: text(100),
  branchName: text(200),
  item: text(200),
  key: text(200),
  title: text(1000),
  agent: text(64),
  prompt: text(200_000),
  setup: z.array(z.union([text(10_000), z.array(text(10_000))])),
  limits: z.object({ agentTimeout: count(), noOutputTimeout: count(), resultGraceSeconds: count() }),
  committer: z.nullable(z.object({ name: text(200), email: text(200) })),
});

const said = z.discriminatedUnion('what', [
  z.object({ what: z.literal('claimed') }),
  z.object({ what: z.literal('started'), process: process() }),
  z.object({ what: z.literal('session'), sessionId: text(200) }),
  z.object({
    what: z.literal('result'),
    ok: z.boolean(),
    message: text(20_000),
    asks: z.exactOptional(z.literal(true)),
  }),
  z.object({
    what: z.literal('usage'),
    usage: z.object({ inputTokens: known(), outputTokens: known(), costUsd: known() }),
  }),
  z.object({ what: z.literal('cooldown'), agent: text(64), until: known() }),
  z.object({
    what: z.literal('ended'),
    exitCode: z.nullable(z.int()),
    lost: z.nullable(z.enum(['killed', 'reboot', 'pid-reused'])),
    limit: z.nullable(text(500)),
    head: z.nullable(oid()),
    dirty: z.array(text(4096)).check(z.maxLength(200)),
    operation: z.nullable(text(40)),
    tail: text(32_768),
  }),
  z.object({ what: z.literal('refused'), why: text(1000) }),
]);

/** What a worker says of a run. */
export const reportSchema = z.object({
  v: z.int(),
  seq: seq(),
  runId: runId(),
  epoch: epoch(),
  worker: workerName(),
  said,
});

/** A sign of life. */
export const beatSchema = z.object({
  v: z.int(),
  seq: seq(),
  name: workerName(),
  pools: z.array(text(32)).check(z.maxLength(32)),
  slots: z.int().check(z.minimum(0), z.maximum(1000)),
  running: z.array(text(40)).check(z.maxLength(5000)),
  draining: z.boolean(),
  welcome: z.boolean(),
  version: text(40),
  cpuPercent: z.nullable(z.number()),
  memoryPercent: z.nullable(z.number()),
});

/** A word to one worker. */
export const wordSchema = z.union([
  z.object({ v: z.int(), seq: seq(), word: z.enum(['welcome', 'drain', 'work', 'leave']), worker: workerName() }),
  z.object({
    v: z.int(),
    seq: seq(),
    word: z.enum(['cancel', 'forget']),
    worker: workerName(),
    runId: runId(),
    epoch: epoch(),
  }),
]);

export type Beat = z.infer<typeof beatSchema>;
export type Word = z.infer<typeof wordSchema>;
