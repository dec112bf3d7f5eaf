import type net from 'node:net';
import { CmError, messageOf } from '../../domain/errors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Introduction } from './introduction.ts';
import { lineSplitter } from './lines.ts';
import { lineLimit, parseRequest, protocolVersion, type Request, type ServerLine } from './protocol.ts';

/** Requests of one client that may be under way at once. */
const openLimit = 8;
/** Bytes of a request of a client that has not proven to be a person's: it may only look, and every look is a short question. */
const questionLimit = 64 * 1024;
/** A client that has asked nothing for so long makes room for another one. */
const idleMs = 250;
/** Bytes of answers that may wait for one client; what it does not fetch is bounded by this and one state. */
const unreadLimit = 2 * lineLimit;

export interface PeerOptions {
  readonly answer: (request: Request, from: Introduction) => unknown;
  readonly introduction: Introduction;
  /** The present state as a line of the protocol. */
  readonly stateLine: () => string;
  readonly onGone: () => void;
}

/** One connected client. A client that does not read is sent nothing more until it does. */
export class Peer {
  readonly #socket: net.Socket;
  readonly #options: PeerOptions;
  #open = 0;
  readonly #waiting: Request[] = [];
  #activeAt = performance.now();
  #subscribed = false;
  #stateDue = false;

  constructor(socket: net.Socket, options: PeerOptions) {
    this.#socket = socket;
    this.#options = options;
    const limit = () => (options.introduction.caller.kind === 'person' ? lineLimit : questionLimit);
    const split = lineSplitter(limit, line => this.#take(line));
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      options.introduction.end();
      options.onGone();
    });
    socket.on('drain', () => {
      if (this.#stateDue) this.#pushState();
      this.#throttle();
    });
    socket.on('data', chunk => {
      if (!split(chunk)) this.#drop(`The request is longer than ${limit() / 1024} KiB.`);
    });
    this.#send({ type: 'hello', protocol: protocolVersion, pid: process.pid });
  }

  /** The state has changed: subscribers get it as soon as they have read the one before. */
  stateChanged(): void {
    if (!this.#subscribed) return;
    this.#stateDue = true;
    if (!this.#socket.writableNeedDrain) this.#pushState();
  }

  /** How long it has asked nothing, in milliseconds; null: it is being answered, or it is a person's and stays. */
  idleFor(now: number): number | null {
    if (this.#open > 0 || this.#options.introduction.caller.kind === 'person') return null;
    const idle = now - this.#activeAt;
    return idle < idleMs ? null : idle;
  }

  /** Makes room for another client. */
  evict(): void {
    this.#drop('The connection was closed to make room for another program: connect again.', 4);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(line: string): void {
    if (this.#socket.destroyed) return;
    const request = parseRequest(line);
    if (request === null) {
      this.#drop('Unknown request.');
      return;
    }
    // What came in one piece is answered a few at a time; nothing more is read meanwhile.
    this.#waiting.push(request);
    this.#activeAt = performance.now();
    this.#next();
  }

  #next(): void {
    while (this.#open < openLimit) {
      const request = this.#waiting.shift();
      if (request === undefined) break;
      this.#open += 1;
      void this.#answer(request).finally(() => {
        this.#open -= 1;
        this.#next();
      });
    }
    this.#throttle();
  }

  async #answer(request: Request): Promise<void> {
    const { id } = request;
    try {
      const value = await this.#options.answer(request, this.#options.introduction);
      this.#send({ type: 'answer', id, ok: true, value: value ?? null });
      if (request.type === 'subscribe') {
        this.#subscribed = true;
        this.stateChanged();
      }
    } catch (error) {
      const known = error instanceof CmError;
      const what = sanitizeLine(messageOf(error), 500);
      const message = known
        ? what
        : `The coordinator failed to handle this request (${what}): see its screen, or try again.`;
      this.#send({ type: 'refusal', id, message, exitCode: known ? error.exitCode : 1 });
    }
  }

  #pushState(): void {
    this.#stateDue = false;
    this.#write(this.#options.stateLine());
  }

  #send(line: ServerLine): void {
    const text = JSON.stringify(line);
    if (Buffer.byteLength(text) <= lineLimit) this.#write(text);
    else if (line.type === 'answer') {
      const message = 'The answer is longer than 8 MiB: request less, or use git directly.';
      this.#send({ type: 'refusal', id: line.id, message, exitCode: 1 });
    }
  }

  #write(text: string): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(`${text}\n`);
    if (this.#socket.writableLength > unreadLimit) this.#socket.destroy();
  }

  #throttle(): void {
    if (this.#open >= openLimit || this.#socket.writableNeedDrain) this.#socket.pause();
    else this.#socket.resume();
  }

  #drop(why: string, exitCode = 2): void {
    this.#options.onGone();
    this.#socket.pause();
    this.#socket.end(`${JSON.stringify({ type: 'refusal', id: 0, message: why, exitCode } satisfies ServerLine)}\n`);
    this.#socket.destroySoon();
  }
}
