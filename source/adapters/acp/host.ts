import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { decide } from '../../domain/permission/permission.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { HostConfig } from '../../ports/agents.ts';
import type { CallersPort } from '../../ports/callers.ts';
import { endGroup } from '../processes/piped/end-group.ts';
import { startPiped } from '../processes/piped/piped-program.ts';
import { serveHost } from './control-server.ts';
import { Conversation } from './conversation.ts';
import { ConversationError, wordsOfError } from './errors.ts';
import { type HostEntry, writeEntry } from './host-log.ts';
import { lastErrorLine } from './last-error.ts';
import { messageStream } from './messages.ts';

/** After its turn an agent has so long to end by itself, and then so long after SIGTERM. */
const graceMs = [5000, 3000] as const;

/**
 * Runs one agent over the Agent Client Protocol: its child on one side, a log on stdout and a socket for the coordinator on the other. It
 * outlives the coordinator, as every run does.
 * @returns the exit code: 0 when the agent ended its turn by itself
 */
export async function runHost(
  config: HostConfig,
  prompt: string,
  { env, cwd, callers }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string; readonly callers: CallersPort },
): Promise<number> {
  const log = (entry: HostEntry) => {
    try {
      writeEntry(entry);
    } catch (error) {
      // Nothing is answered that is not in the log: without one the agent ends.
      process.stderr.write(`The log cannot be written: ${messageOf(error)}\n`);
      program.signal('SIGKILL');
      process.exit(1);
    }
  };
  const program = startPiped(config.command, { cwd, env });
  let hung = false;
  let noise = false;
  const stream = messageStream(program.stdout, program.stdin, {
    noise: line => log({ type: 'note', text: sanitizeLine(line, 400) }),
    hopeless: () => {
      noise = true;
      program.signal('SIGTERM');
    },
  });
  const conversation = new Conversation(
    stream,
    {
      ...config,
      cwd,
      prompt,
      askTimeoutMs: config.askTimeoutSeconds * 1000,
      decide: action =>
        decide(action, {
          ...config,
          isInside: (path, from) => isInside(cwd, from === null ? cwd : resolve(cwd, from), path),
        }),
    },
    log,
    () => {
      hung = true;
      program.signal('SIGKILL');
    },
  );
  const control = await serveHost(config.runFolder, callers, saying => {
    switch (saying.type) {
      case 'answer':
        return conversation.asks.answer(saying.ask, saying.allow);
      case 'message':
        return conversation.say(saying.text, saying.now);
      case 'interrupt':
        return conversation.interrupt();
    }
  }).catch((error: unknown) => {
    log({ type: 'error', text: `Nobody can answer this agent: ${messageOf(error)}` });
    return null;
  });
  const died = program.ended.then(({ code, signal, error }) => {
    const how = error ?? (signal === null ? `exit code ${code}` : signal);
    const last = lastErrorLine(config.runFolder);
    if (hung) throw new ConversationError('it did not stop when it was interrupted, so it was ended');
    if (noise) throw new ConversationError('it does not speak the Agent Client Protocol: it writes something else');
    throw new ConversationError(`the agent ended before its turn was over (${how})${last === null ? '' : `: ${last}`}`);
  });
  died.catch(() => undefined);
  let ended: { readonly ok: boolean; readonly message: string };
  try {
    ended = await Promise.race([conversation.run(), died]);
  } catch (error) {
    // A closed connection is the death of the program, which says more.
    const cause =
      error instanceof ConversationError || isAnswer(error)
        ? error
        : await Promise.race([died, later(error)]).catch((one: unknown) => one);
    ended = { ok: false, message: cause instanceof ConversationError ? cause.message : wordsOfError(cause) };
  }
  control?.close();
  conversation.asks.cancelAll();
  log({ type: 'result', ...ended });
  await endProgram(program);
  return ended.ok ? 0 : 1;
}

function isAnswer(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

function later(error: unknown): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(error), 1000).unref());
}

/** Its input ends, at which many end; then come signals; then whatever else is left of the run. */
async function endProgram(program: ReturnType<typeof startPiped>): Promise<void> {
  const within = (ms: number) =>
    Promise.race([
      program.ended.then(() => true),
      new Promise<false>(done => setTimeout(() => done(false), ms).unref()),
    ]);
  program.stdin.end();
  if (!(await within(graceMs[0]))) {
    program.signal('SIGTERM');
    if (!(await within(graceMs[1]))) program.signal('SIGKILL');
  }
  await endGroup();
}

/** In the worktree with all links resolved, and not in a `.git` folder. A file that is to be made counts as its folder does. */
function isInside(worktree: string, from: string, path: string): boolean {
  const wanted = resolve(from, path);
  const real = realOf(wanted);
  const inside = relative(realOf(worktree), real);
  if (inside.startsWith('..') || isAbsolute(inside)) return false;
  return !inside.split('/').includes('.git');
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realOf(parent), path.slice(parent.length).replace(/^\//, ''));
  }
}
