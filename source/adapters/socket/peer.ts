import type net from 'node:net';
import { CmError, messageOf } from '../../domain/errors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Introduction } from './introduction.ts';
import { lineSplitter } from './lines.ts';
import { lineLimit, parseRequest, protocolVersion, type Request, type ServerLine } from './protocol.ts';

/** Requests of one client that may be under way at once. */
const openLimit = 32;
/** Bytes of answers that may wait for one client; what it does not fetch is bounded by this and one state. */
const unreadLimit = 4 * lineLimit;

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
  #subscribed = false;
  #stateDue = false;

  constructor(socket: net.Socket, options: PeerOptions) {
    this.#socket = socket;
    this.#options = options;
    const split = lineSplitter(lineLimit, line => this.#take(line));
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
      if (!split(chunk)) this.#drop('A line is longer than 8 MiB.');
    });
    this.#send({ type: 'hello', protocol: protocolVersion, pid: process.pid });
  }

  /** The state has changed: subscribers get it as soon as they have read the one before. */
  stateChanged(): void {
    if (!this.#subscribed) return;
    this.#stateDue = true;
    if (!this.#socket.writableNeedDrain) this.#pushState();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(line: string): void {
    if (this.#socket.destroyed) return;
    const request = parseRequest(line);
    if (request === null) {
      this.#drop('This is no request that this version knows.');
      return;
    }
    this.#open += 1;
    this.#throttle();
    void this.#answer(request).finally(() => {
      this.#open -= 1;
      this.#throttle();
    });
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
      const message = known ? what : `The coordinator failed at this request (${what}): see its screen, or try again.`;
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
      const message = 'The answer is longer than 8 MiB: ask for less, or look with git itself.';
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

  #drop(why: string): void {
    this.#socket.pause();
    this.#socket.end(`${JSON.stringify({ type: 'refusal', id: 0, message: why, exitCode: 2 } satisfies ServerLine)}\n`);
    this.#socket.destroySoon();
  }
}
