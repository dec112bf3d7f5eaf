import { client, methods, PROTOCOL_VERSION, type Stream } from '@agentclientprotocol/sdk';
import { startPiped } from '../processes/piped/piped-program.ts';
import { ConversationError, wordsOfError } from './errors.ts';
import { messageStream } from './messages.ts';
import { object, objects, text } from './tool-calls.ts';

/** What a program says of itself over the Agent Client Protocol. Its words are foreign: sanitise before showing. */
export interface AgentFacts {
  /** `Name 1.2.3`. */
  readonly name: string;
  /** Ids of the ways to log in. */
  readonly authMethods: readonly string[];
  /** Ids of its modes; null: it gives them only to somebody who is logged in, `problem` says why. */
  readonly modes: readonly string[] | null;
  /** One clause; null: a session can be opened. */
  readonly problem: string | null;
}

/** It has so long to end by itself once its input is closed. */
const graceMs = 2000;

/**
 * Starts a program, speaks `initialize` with it, opens a session to see its modes, and ends it and all it has started. No prompt is sent.
 * Throws an error with one clause where it does not speak the protocol.
 * @param cwd an empty folder
 * @param limitMs for each answer
 */
export async function inspectAgent(
  command: readonly string[],
  { cwd, env, limitMs }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly limitMs: number },
): Promise<AgentFacts> {
  const program = startPiped(command, { cwd, env, apart: true });
  const died = program.ended.then(({ code, signal, error }) => {
    throw new ConversationError(error ?? `it ended at once (${signal ?? `exit code ${code}`})`);
  });
  died.catch(() => undefined);
  let giveUp = () => {};
  const hopeless = new Promise<never>((_, reject) => {
    giveUp = () => reject(new ConversationError('it does not speak the Agent Client Protocol'));
  });
  hopeless.catch(() => undefined);
  const stream = messageStream(program.stdout, program.stdin, { noise: () => undefined, hopeless: () => giveUp() });
  const facts = read(stream, cwd, limitMs);
  facts.catch(() => undefined);
  try {
    return await Promise.race([facts, died, hopeless]);
  } catch (error) {
    // A closed connection is the death of the program, which says more.
    const wait = new Promise<unknown>(resolve => setTimeout(() => resolve(error), 1000).unref());
    const cause = error instanceof ConversationError ? error : await Promise.race([died, wait]).catch(why => why);
    throw new ConversationError(wordsOfError(cause));
  } finally {
    program.stdin.end();
    const timer = setTimeout(() => program.signal('SIGKILL'), graceMs);
    await program.ended;
    clearTimeout(timer);
    // What it has started and left.
    program.signal('SIGKILL');
  }
}

async function read(stream: Stream, cwd: string, limitMs: number): Promise<AgentFacts> {
  const peer = client({ name: 'cm-tui' }).connect(stream);
  const request = async (method: string, params: unknown) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new ConversationError(`it did not answer ${method} within ${limitMs / 1000} seconds`);
      timer = setTimeout(() => reject(error), limitMs);
    });
    const answer = peer.agent.request<unknown>(method, params);
    return object(await Promise.race([answer, late]).finally(() => clearTimeout(timer)));
  };
  const first = await request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientInfo: { name: 'cm-tui', version: process.env.CM_TUI_VERSION ?? 'development' },
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  });
  if (first?.protocolVersion !== PROTOCOL_VERSION)
    throw new ConversationError(
      `it speaks version ${String(first?.protocolVersion)} of the protocol, not ${PROTOCOL_VERSION}`,
    );
  const info = object(first.agentInfo);
  const name = text(info?.title) ?? text(info?.name) ?? 'agent';
  const known = {
    name: [name, text(info?.version)].filter(part => part !== null).join(' '),
    authMethods: objects(first.authMethods).flatMap(method => text(method.id) ?? []),
  };
  try {
    const session = await request(methods.agent.session.new, { cwd, mcpServers: [] });
    return { ...known, modes: modesOf(session), problem: null };
  } catch (error) {
    return { ...known, modes: null, problem: wordsOfError(error) };
  }
}

/** Modes come in a list of their own, or as an option. */
function modesOf(session: Readonly<Record<string, unknown>> | null): readonly string[] {
  const listed = objects(object(session?.modes)?.availableModes).flatMap(mode => text(mode.id) ?? []);
  const option = objects(session?.configOptions).find(one => one.category === 'mode');
  return listed.length > 0 ? listed : objects(option?.options).flatMap(({ value }) => text(value) ?? []);
}
