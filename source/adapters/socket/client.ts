import fs from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DiffOptions, RunSignals } from '../../coordinator/state/handle.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import type { ReviewMaterial } from '../../domain/review/material.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import type { CleanProbe } from '../../ports/git.ts';
import type { TreeUsage } from '../../ports/processes.ts';
import { Connection } from './connection.ts';
import { openProof } from './introduction.ts';
import { announcedPlace } from './place.ts';
import { parseAnswer } from './protocol.ts';
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
  diff(runId: RunId, options?: DiffOptions): Promise<string>;
  review(runId: RunId): Promise<ReviewMaterial>;
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
  return new Client(connection, stateDir);
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

class Client implements ControlClient {
  readonly #connection: Connection;
  readonly #stateDir: string;
  #introduced: Promise<void> | null = null;

  constructor(connection: Connection, stateDir: string) {
    this.#connection = connection;
    this.#stateDir = stateDir;
  }

  get pid(): number {
    return this.#connection.pid;
  }

  async command(command: Command): Promise<CommandAnswer> {
    await this.#introduce();
    const answer = parseAnswer(await this.#connection.ask({ type: 'command', command }));
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
    return { ...((await this.#connection.ask({ type: 'look' })) as Omit<RemoteLook, 'pid'>), pid: this.pid };
  }

  async subscribe(onState: (state: State) => void): Promise<void> {
    this.#connection.onState = onState;
    await this.#connection.ask({ type: 'subscribe' });
  }

  async tail(runId: RunId, after: number): Promise<Tail> {
    return (await this.#connection.ask({ type: 'tail', runId, after })) as Tail;
  }

  async diff(runId: RunId, { ignoreWhitespace = false, head }: DiffOptions = {}): Promise<string> {
    const of = head === undefined ? {} : { head };
    return String(await this.#connection.ask({ type: 'diff', runId, ignoreWhitespace, ...of }));
  }

  async review(runId: RunId): Promise<ReviewMaterial> {
    return (await this.#connection.ask({ type: 'review', runId })) as ReviewMaterial;
  }

  async probeClean(): Promise<readonly CleanProbe[]> {
    return (await this.#connection.ask({ type: 'probe-clean' })) as readonly CleanProbe[];
  }

  async usage(): Promise<Readonly<Record<RunId, TreeUsage>>> {
    return (await this.#connection.ask({ type: 'usage' })) as Readonly<Record<RunId, TreeUsage>>;
  }

  async signals(): Promise<Readonly<Record<RunId, RunSignals>>> {
    return (await this.#connection.ask({ type: 'signals' })) as Readonly<Record<RunId, RunSignals>>;
  }

  onGone(listener: () => void): void {
    this.#connection.onGone(listener);
  }

  close(): void {
    this.#connection.close();
  }

  /** Commands are taken from people only; what this process is, the owner finds out by itself. */
  #introduce(): Promise<void> {
    this.#introduced ??= this.#proveWhoWeAre();
    return this.#introduced;
  }

  async #proveWhoWeAre(): Promise<void> {
    const proof = openProof(this.#stateDir, String(await this.#connection.ask({ type: 'identify', pid: process.pid })));
    try {
      await this.#connection.ask({ type: 'prove' });
    } finally {
      fs.closeSync(proof);
    }
  }
}
