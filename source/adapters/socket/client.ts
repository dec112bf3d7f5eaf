import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSignals } from '../../coordinator/state/handle.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError, type ExitCode } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import type { CleanProbe } from '../../ports/git.ts';
import type { TreeUsage } from '../../ports/processes.ts';
import { currentOwner } from '../lock/lock.ts';
import { readOwner } from '../lock/owner-file.ts';
import { openProof } from './introduction.ts';
import { lineSplitter } from './lines.ts';
import { announcedPlace } from './place.ts';
import {
  lineLimit,
  parseAnswer,
  parseServerLine,
  protocolVersion,
  type Question,
  type ServerLine,
} from './protocol.ts';
import type { Tail } from './tails.ts';

const defaultTimeoutMs = 10_000;
const busyTries = 60;
const busyPauseMs = 50;

/** What the owner knows now. */
export interface RemoteLook {
  readonly pid: number;
  readonly state: State;
  readonly usage: Readonly<Record<RunId, TreeUsage>>;
  /** Missing from an owner that does not tell. */
  readonly signals?: Readonly<Record<RunId, RunSignals>>;
}

/** A connection to the coordinator that owns the repository. Every method rejects with a `CmError` when it does not answer. */
export interface ControlClient {
  /** Of the owner. */
  readonly pid: number;
  command(command: Command): Promise<CommandAnswer>;
  state(): Promise<State>;
  /** State and usage at one moment, and whose they are. */
  look(): Promise<RemoteLook>;
  /** Calls back with the present state and then with every new one; a slow reader skips states, never the last one. */
  subscribe(onState: (state: State) => void): Promise<void>;
  /** Lines of a run's log after the ones numbered up to `after`; 0 for all that the owner still has. */
  tail(runId: RunId, after: number): Promise<Tail>;
  diff(runId: RunId, options?: { readonly ignoreWhitespace?: boolean }): Promise<string>;
  probeClean(): Promise<readonly CleanProbe[]>;
  usage(): Promise<Readonly<Record<RunId, TreeUsage>>>;
  signals(): Promise<Readonly<Record<RunId, RunSignals>>>;
  /** Calls back once when the owner has gone. Not called for our own `close`. */
  onGone(listener: () => void): void;
  close(): void;
}

/**
 * Connects to the owner of a state folder; null when none serves there. Throws a `CmError`: exit 4 for an owner that does not answer
 * (it is stopped or hangs), exit 3 for one of another version or another user.
 */
export async function connectControl(
  stateDir: string,
  options: { readonly timeoutMs?: number } = {},
): Promise<ControlClient | null> {
  const place = announcedPlace(stateDir);
  if (place === null) return null;
  const socket = await connectPatiently(place);
  if (socket === null) return null;
  const connection = new Connection(socket, stateDir, options.timeoutMs ?? defaultTimeoutMs);
  await connection.greeted();
  return connection;
}

/** Where more ask at once than the kernel lets wait, it says so at once: tried again for a moment. */
async function connectPatiently(place: string): Promise<net.Socket | null> {
  for (let tries = 1; ; tries++) {
    const socket = await connect(place);
    if (socket !== 'busy') return socket;
    if (tries === busyTries)
      throw new CmError('The cm-tui that owns this repository has too many clients: try again in a moment.', 4);
    await sleep(busyPauseMs);
  }
}

function connect(place: string): Promise<net.Socket | 'busy' | null> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: place });
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN') resolve('busy');
      else if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(null);
      else
        reject(
          new CmError(`Cannot reach the control socket (${sanitizeLine(error.message, 200)}): restart cm-tui.`, 3),
        );
    });
  });
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CmError) => void;
  readonly timer: NodeJS.Timeout;
}

class Connection implements ControlClient {
  pid = 0;
  readonly #socket: net.Socket;
  readonly #stateDir: string;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #goneListeners: (() => void)[] = [];
  #nextId = 1;
  #introduced: Promise<void> | null = null;
  #onState: ((state: State) => void) | null = null;
  #ended: CmError | null = null;
  #closed = false;

  constructor(socket: net.Socket, stateDir: string, timeoutMs: number) {
    this.#socket = socket;
    this.#stateDir = stateDir;
    this.#timeoutMs = timeoutMs;
    const split = lineSplitter(
      () => lineLimit,
      line => this.#take(line),
    );
    socket.on('data', chunk => {
      if (!split(chunk))
        this.#end(new CmError('The cm-tui that owns this repository sent a line longer than 8 MiB: restart both.', 3));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => void this.#closedByOwner());
  }

  /** Resolves when the owner has said hello; its id is 0. */
  async greeted(): Promise<void> {
    await this.#wait(0);
  }

  async command(command: Command): Promise<CommandAnswer> {
    await this.#introduce();
    const answer = parseAnswer(await this.#ask({ type: 'command', command }));
    if (answer === null)
      throw new CmError(
        'This version does not know the answer of the cm-tui that owns this repository: update both.',
        3,
      );
    return answer;
  }

  async state(): Promise<State> {
    return (await this.look()).state;
  }

  // The owner is this very program under the same user, and the protocol's version was compared: its objects are taken as they are.
  async look(): Promise<RemoteLook> {
    return { ...((await this.#ask({ type: 'look' })) as Omit<RemoteLook, 'pid'>), pid: this.pid };
  }

  async subscribe(onState: (state: State) => void): Promise<void> {
    this.#onState = onState;
    await this.#ask({ type: 'subscribe' });
  }

  async tail(runId: RunId, after: number): Promise<Tail> {
    return (await this.#ask({ type: 'tail', runId, after })) as Tail;
  }

  async diff(runId: RunId, options: { readonly ignoreWhitespace?: boolean } = {}): Promise<string> {
    return String(await this.#ask({ type: 'diff', runId, ignoreWhitespace: options.ignoreWhitespace ?? false }));
  }

  async probeClean(): Promise<readonly CleanProbe[]> {
    return (await this.#ask({ type: 'probe-clean' })) as readonly CleanProbe[];
  }

  async usage(): Promise<Readonly<Record<RunId, TreeUsage>>> {
    return (await this.#ask({ type: 'usage' })) as Readonly<Record<RunId, TreeUsage>>;
  }

  async signals(): Promise<Readonly<Record<RunId, RunSignals>>> {
    return (await this.#ask({ type: 'signals' })) as Readonly<Record<RunId, RunSignals>>;
  }

  onGone(listener: () => void): void {
    this.#goneListeners.push(listener);
  }

  close(): void {
    this.#closed = true;
    this.#end(new CmError('The connection to the owner was closed.', 1));
  }

  /** Commands are taken from people only; what this process is, the owner finds out by itself. */
  #introduce(): Promise<void> {
    this.#introduced ??= this.#proveWhoWeAre();
    return this.#introduced;
  }

  async #proveWhoWeAre(): Promise<void> {
    const proof = openProof(this.#stateDir, String(await this.#ask({ type: 'identify', pid: process.pid })));
    try {
      await this.#ask({ type: 'prove' });
    } finally {
      fs.closeSync(proof);
    }
  }

  #ask(question: Question): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    const answered = this.#wait(id);
    this.#socket.write(`${JSON.stringify({ id, ...question })}\n`);
    return answered;
  }

  #wait(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(this.#silent()), this.#timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  #take(text: string): void {
    const line = parseServerLine(text);
    if (line === null) {
      this.#end(
        new CmError('This version does not know the protocol of the cm-tui that owns this repository: update both.', 3),
      );
      return;
    }
    this.#hear(line);
  }

  #hear(line: ServerLine): void {
    switch (line.type) {
      case 'hello':
        this.pid = line.pid;
        if (line.protocol === protocolVersion) this.#settle(0)?.resolve(null);
        else this.#end(new CmError('The cm-tui that owns this repository has another version: restart it.', 3));
        return;
      case 'answer':
        this.#settle(line.id)?.resolve(line.value);
        return;
      case 'refusal': {
        const error = new CmError(sanitizeLine(line.message), toExitCode(line.exitCode));
        const waiting = this.#settle(line.id);
        if (waiting === null) this.#end(error);
        else waiting.reject(error);
        return;
      }
      case 'state':
        this.#onState?.(line.state as State);
        return;
    }
  }

  #settle(id: number): Waiting | null {
    const waiting = this.#waiting.get(id) ?? null;
    this.#waiting.delete(id);
    if (waiting !== null) clearTimeout(waiting.timer);
    return waiting;
  }

  #end(error: CmError): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    this.#socket.destroy();
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(error);
    if (this.#closed) return;
    for (const listener of this.#goneListeners) listener();
  }

  /** The owner may have ended, or may have closed this one connection only: which of the two, its lock tells. */
  async #closedByOwner(): Promise<void> {
    const commonDir = path.dirname(this.#stateDir);
    const owner = await currentOwner({ commonDir, stateDir: this.#stateDir }).catch(() => null);
    const isThere = owner?.kind === 'owned' && owner.pid === this.pid;
    this.#end(
      isThere
        ? new CmError(`The cm-tui that owns this repository (pid ${this.pid}) closed the connection: try again.`, 4)
        : new CmError('The cm-tui that owned this repository has ended: start it again.', 3),
    );
  }

  #silent(): CmError {
    const reading = readOwner(this.#stateDir);
    const pid = this.pid || (reading.kind === 'owner' ? reading.owner.pid : 0);
    const who = pid === 0 ? '' : ` (pid ${pid})`;
    return new CmError(
      `The cm-tui that owns this repository${who} does not respond. Resume it with fg, or stop it.`,
      4,
    );
  }
}

function toExitCode(code: number): ExitCode {
  return ([0, 1, 2, 3, 4, 130] as const).find(known => known === code) ?? 1;
}
