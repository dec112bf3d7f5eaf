import fs from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { CmError } from '../../domain/errors.ts';
import type { ConversationPort } from '../../ports/agents.ts';
import { openProof } from '../socket/introduction.ts';
import { lineSplitter } from '../socket/lines.ts';
import { announcedPlace } from '../socket/place.ts';
import type { HostAnswer, HostRequest } from './control-server.ts';

const timeoutMs = 5000;
const longestAnswer = 64 * 1024;

/** Speaks with the hosts of runs, each through the socket in its run folder. */
export function createConversations(runsDir: string): ConversationPort {
  return {
    async say(_runId, runName, saying) {
      const folder = join(runsDir, runName);
      const place = announcedPlace(folder);
      if (place === null) throw notListening();
      const line = await Line.open(place);
      try {
        const proof = openProof(folder, await line.ask({ type: 'identify', pid: process.pid }));
        try {
          await line.ask({ type: 'prove' });
        } finally {
          fs.closeSync(proof);
        }
        await line.ask({ type: 'say', saying });
      } finally {
        line.close();
      }
    },
  };
}

function notListening(): CmError {
  return new CmError('The agent is not listening. Send the message once it has ended.');
}

/** One connection: a request, then its answer. */
class Line {
  readonly #socket: net.Socket;
  #waiting: { resolve(value: string): void; reject(error: Error): void } | null = null;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    const split = lineSplitter(
      () => longestAnswer,
      line => this.#take(line),
    );
    socket.on('data', chunk => {
      if (!split(chunk)) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#waiting?.reject(notListening()));
  }

  static open(place: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ path: place });
      socket.once('connect', () => resolve(new Line(socket)));
      socket.once('error', () => reject(notListening()));
    });
  }

  ask(request: HostRequest): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new CmError('The agent does not respond. Try again, or cancel the run.')),
        timeoutMs,
      );
      this.#waiting = {
        resolve: value => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: error => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    const answer = JSON.parse(line) as HostAnswer;
    if (answer.ok) waiting?.resolve(answer.value ?? '');
    else waiting?.reject(new CmError(answer.message));
  }
}
