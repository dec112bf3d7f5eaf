import fs from 'node:fs';
import net from 'node:net';
import { CmError, messageOf } from '../../domain/errors.ts';
import type { Saying } from '../../ports/agents.ts';
import type { CallersPort } from '../../ports/callers.ts';
import { securePlace } from '../secure-place.ts';
import { forgetProofs, Introduction } from '../socket/introduction.ts';
import { lineSplitter } from '../socket/lines.ts';
import { announcePlace, socketPlaces, withdraw } from '../socket/place.ts';

const longestRequest = 256 * 1024;

/** What the coordinator and the host say to each other, one JSON object a line, each answered by one. */
export type HostRequest =
  | { readonly type: 'identify'; readonly pid: number }
  | { readonly type: 'prove' }
  | { readonly type: 'say'; readonly saying: Saying };

export type HostAnswer =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly message: string };

/**
 * Lets the coordinator speak with an agent that is at work. Whoever connects proves first which process it is: the agent's own, and all
 * others of runs, cannot answer for a person. Throws where no socket can be made.
 */
export async function serveHost(
  runFolder: string,
  callers: CallersPort,
  say: (saying: Saying) => void,
): Promise<{ close(): void }> {
  forgetProofs(runFolder);
  const server = net.createServer(socket => {
    const introduction = new Introduction(runFolder, callers);
    const reply = (answer: HostAnswer) => void socket.write(`${JSON.stringify(answer)}\n`);
    let last: Promise<void> = Promise.resolve();
    const split = lineSplitter(
      () => longestRequest,
      line => {
        last = last.then(async () => {
          try {
            reply({ ok: true, value: await answer(line, introduction, say) });
          } catch (error) {
            reply({ ok: false, message: messageOf(error) });
          }
        });
      },
    );
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => introduction.end());
    socket.on('data', chunk => {
      if (!split(chunk)) socket.destroy();
    });
  });
  let problem: unknown = null;
  for (const place of socketPlaces(runFolder, process.env)) {
    try {
      securePlace(place);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ path: place, exclusive: true }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      server.unref();
      server.on('error', () => undefined);
      fs.chmodSync(place, 0o600);
      announcePlace(runFolder, place);
      return {
        close() {
          withdraw(runFolder);
          server.close();
        },
      };
    } catch (error) {
      problem = error;
    }
  }
  throw new CmError(`no socket could be made (${messageOf(problem)})`);
}

async function answer(line: string, introduction: Introduction, say: (saying: Saying) => void): Promise<string | null> {
  const request = JSON.parse(line) as HostRequest;
  switch (request.type) {
    case 'identify':
      return introduction.identify(request.pid);
    case 'prove': {
      const caller = await introduction.prove();
      return caller.kind;
    }
    case 'say': {
      if (introduction.caller.kind !== 'person') throw new CmError('Refused: only you can answer an agent.', 3);
      say(request.saying);
      return null;
    }
    default:
      throw new CmError('Unknown request.', 2);
  }
}
