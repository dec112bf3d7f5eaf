import * as z from 'zod/mini';
import type { Item } from '../../domain/item.ts';
import { queueClasses } from '../../domain/queue/order.ts';
import { afterSteps } from '../../domain/settings.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';

/** Version of the lines that owner and clients exchange; both are the same program, and usually the same version of it. */
export const protocolVersion = 2;

/** Bytes of one line; a longer one ends the connection. */
export const lineLimit = 8 * 1024 * 1024;

const text = () => z.string();
const texts = () => z.array(z.string());
const count = () => z.int().check(z.nonnegative());

const scope = z.object({ kind: z.enum(['known', 'inferred', 'unknown']), paths: texts() });

const priority: z.ZodMiniType<Item> = z.object({
  id: text(),
  key: text(),
  aliases: texts(),
  title: text(),
  status: z.enum([
    'planned',
    'in-progress',
    'complete',
    'blocked',
    'manual-review',
    'testing',
    'failed',
    'cancelled',
    'unknown',
  ]),
  heading: text(),
  line: count(),
  endLine: count(),
  dependsOn: texts(),
  notes: texts(),
  scope,
  agentType: text(),
  agentProgram: z.nullable(text()),
  model: z.exactOptional(text()),
  agents: z.exactOptional(texts()),
  after: z.exactOptional(z.array(z.enum(afterSteps))),
  reviewAgent: z.exactOptional(text()),
  estimateHours: z.nullable(z.number()),
  duplicate: z.boolean(),
  prompt: z.nullable(text()),
  source: z.exactOptional(text()),
  group: z.exactOptional(z.nullable(text())),
  parallel: z.exactOptional(z.nullable(z.boolean())),
  priority: z.exactOptional(z.nullable(z.number())),
  name: z.exactOptional(text()),
  writes: z.exactOptional(z.enum(['program', 'none'])),
  path: z.exactOptional(text()),
});

const overCapacity = z.exactOptional(z.boolean());
const stack = z.exactOptional(z.boolean());

const command: z.ZodMiniType<Command> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('spawn'), id: text(), agent: z.exactOptional(text()), overCapacity, stack }),
  z.object({ type: z.literal('race'), id: text(), agents: texts(), overCapacity }),
  z.object({ type: z.literal('run'), item: priority, agent: z.exactOptional(text()), overCapacity }),
  z.object({ type: z.literal('cancel'), id: text() }),
  z.object({
    type: z.literal('edit-item'),
    id: text(),
    change: z.object({
      title: z.exactOptional(text()),
      prompt: z.exactOptional(z.nullable(text())),
      scope: z.exactOptional(scope),
      agentProgram: z.exactOptional(z.nullable(text())),
      dependsOn: z.exactOptional(texts()),
      model: z.exactOptional(text()),
    }),
  }),
  z.object({ type: z.literal('remove-item'), id: text() }),
  z.object({
    type: z.literal('approve'),
    id: text(),
    head: z.exactOptional(text()),
    accept: z.exactOptional(texts()),
    by: z.exactOptional(z.enum(['user', 'policy'])),
  }),
  z.object({ type: z.literal('approve-all') }),
  z.object({ type: z.literal('reject'), id: text(), reason: text() }),
  z.object({ type: z.literal('retry'), id: text(), inPlace: z.exactOptional(z.boolean()), overCapacity }),
  z.object({
    type: z.literal('resume'),
    id: text(),
    message: text(),
    comments: z.exactOptional(texts()),
    overCapacity,
  }),
  z.object({
    type: z.literal('comment'),
    id: text(),
    commentId: z.exactOptional(text()),
    comment: z.object({
      path: text(),
      side: z.enum(['new', 'old']),
      from: count(),
      to: count(),
      quote: texts(),
      text: text(),
      head: text(),
    }),
  }),
  z.object({ type: z.literal('uncomment'), id: text(), commentId: text() }),
  z.object({ type: z.literal('mark-viewed'), id: text(), path: text(), mark: z.nullable(text()) }),
  z.object({
    type: z.literal('answer'),
    id: text(),
    allow: z.boolean(),
    ask: z.exactOptional(count()),
    always: z.exactOptional(text()),
  }),
  z.object({ type: z.literal('say'), id: text(), message: text(), now: z.exactOptional(z.boolean()) }),
  z.object({ type: z.literal('interrupt'), id: text() }),
  z.object({ type: z.literal('commit-left'), id: text() }),
  z.object({ type: z.literal('resume-queue'), reason: z.exactOptional(text()) }),
  z.object({ type: z.literal('clean'), ids: texts(), confirmedLoss: z.record(z.string(), texts()) }),
  z.object({ type: z.literal('discard'), ids: texts() }),
  z.object({ type: z.literal('restore'), id: text() }),
  z.object({ type: z.literal('set-mode'), mode: z.enum(['auto', 'manual']) }),
  z.object({ type: z.literal('pause'), paused: z.boolean() }),
  z.object({ type: z.literal('undo'), id: z.exactOptional(text()) }),
  z.object({ type: z.literal('replay'), id: text() }),
  z.object({ type: z.literal('update'), id: text() }),
  z.object({ type: z.literal('retarget'), id: z.exactOptional(text()), branch: text() }),
  z.object({ type: z.literal('open-pr'), id: text() }),
  z.object({ type: z.literal('send-comments'), id: text() }),
  z.object({ type: z.literal('export'), id: text(), branchName: text() }),
  z.object({ type: z.literal('jump'), id: text() }),
  z.object({ type: z.literal('hold'), id: text(), held: z.boolean() }),
  z.object({ type: z.literal('dismiss'), id: text(), dismissed: z.boolean() }),
  z.object({ type: z.literal('requeue'), id: text(), class: z.exactOptional(z.nullable(z.enum(queueClasses))) }),
  z.object({ type: z.literal('pin'), id: text(), pinned: z.boolean() }),
  z.object({ type: z.literal('set-group'), group: z.nullable(text()) }),
  z.object({
    type: z.literal('set-scopes'),
    scopes: z.array(z.object({ id: text(), paths: texts(), dependsOn: texts() })),
  }),
  z.object({ type: z.literal('accept-settings'), sealed: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('accept-worker'), worker: text(), key: text() }),
  z.object({ type: z.literal('drain-worker'), worker: text(), drained: z.boolean() }),
  z.object({ type: z.literal('forget-worker'), worker: text() }),
  z.object({ type: z.literal('stop-all') }),
  z.object({ type: z.literal('refresh') }),
]);

const id = count();

const request = z.discriminatedUnion('type', [
  /** Answered only to a client that has proven to be a person's. */
  z.object({ id, type: z.literal('command'), command }),
  /** "I am process `pid`"; answered with the name of the file that it opens to prove it. */
  z.object({ id, type: z.literal('identify'), pid: z.int().check(z.positive()) }),
  /** "The file is open." */
  z.object({ id, type: z.literal('prove') }),
  /** The present state and what the runs use of the machine. */
  z.object({ id, type: z.literal('look') }),
  /** From now on every state is pushed, beginning with the present one. */
  z.object({ id, type: z.literal('subscribe') }),
  z.object({ id, type: z.literal('tail'), runId: text(), after: count() }),
  z.object({
    id,
    type: z.literal('diff'),
    runId: text(),
    ignoreWhitespace: z.boolean(),
    head: z.exactOptional(text()),
  }),
  /** What a reviewer reads beside the state and the diff. */
  z.object({ id, type: z.literal('review'), runId: text() }),
  z.object({ id, type: z.literal('probe-clean') }),
  z.object({ id, type: z.literal('usage') }),
  /** What the runs do and use just now. */
  z.object({ id, type: z.literal('signals') }),
]);

/** What a client may ask; every request is answered once, under its id. */
export type Request = z.infer<typeof request>;

/** Without the id, which the client gives it. */
export type Question = Request extends infer R ? (R extends { readonly id: number } ? Omit<R, 'id'> : never) : never;

const serverLine = z.discriminatedUnion('type', [
  /** The first line of every connection. */
  z.object({ type: z.literal('hello'), protocol: z.int(), pid: z.int() }),
  z.object({ type: z.literal('answer'), id, ok: z.literal(true), value: z.unknown() }),
  z.object({ type: z.literal('refusal'), id, message: text(), exitCode: z.int() }),
  z.object({ type: z.literal('state'), state: z.unknown() }),
]);

/** What the owner sends. */
export type ServerLine = z.infer<typeof serverLine>;

const answer: z.ZodMiniType<CommandAnswer> = z.object({
  ok: z.boolean(),
  message: text(),
  runIds: texts(),
  ask: z.exactOptional(z.object({ question: text(), command })),
});

export const parseRequest = (line: string): Request | null => parse(request, line);
export const parseServerLine = (line: string): ServerLine | null => parse(serverLine, line);

/** The answer to a command, or null for anything else. */
export function parseAnswer(value: unknown): CommandAnswer | null {
  const parsed = answer.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function parse<T>(schema: z.ZodMiniType<T>, line: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
