import type net from 'node:net';
import path from 'node:path';
import type { State } from '../../coordinator/state/state.ts';
import { CmError, type ExitCode } from '../../domain/errors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { currentOwner } from '../lock/lock.ts';
import { readOwner } from '../lock/owner-file.ts';
import { lineSplitter } from './lines.ts';
import { lineLimit, parseServerLine, protocolVersion, type Question, type ServerLine } from './protocol.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CmError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Questions and answers over a socket to the owner. One that is not answered in time ends the connection. */
export class Connection {
  /** Of the owner, once it has said hello. */
  pid = 0;
  /** Hears the states that the owner sends. */
  onState: ((state: State) => void) | null = null;
  readonly #socket: net.Socket;
  readonly #stateDir: string;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #goneListeners: (() => void)[] = [];
  #nextId = 1;
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

  ask(question: Question): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    const answered = this.#wait(id);
    this.#socket.write(`${JSON.stringify({ id, ...question })}\n`);
    return answered;
  }

  /** Calls back once when the owner has gone. Not called for our own `close`. */
  onGone(listener: () => void): void {
    this.#goneListeners.push(listener);
  }

  close(): void {
    this.#closed = true;
    this.#end(new CmError('The connection to the owner was closed.', 1));
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
        this.onState?.(line.state as State);
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
