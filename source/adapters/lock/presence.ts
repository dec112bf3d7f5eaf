import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import * as z from 'zod/mini';
import { system } from '../system/system.ts';

/** How long an owner may take to say a word; a stopped one never does. */
const answerMs = 500;
const answerLimit = 1024;
/** Unix sockets take 107 bytes on Linux and 103 elsewhere; a longer path would be cut silently. */
const pathLimit = 100;

const greeting = z.object({ pid: z.int(), since: z.number() });

/** What is behind an owner's socket. The kernel closes it when its process ends, however it ends, in whatever namespace it was. */
export type Presence = 'gone' | 'unknown' | { readonly answers: boolean };

/**
 * Listens in the state folder for as long as this process lives; null where the disk takes no sockets. The folder is closed to other
 * users. It says who it is and takes no commands, and does not keep the program running.
 */
export async function attend(
  stateDir: string,
  name: string,
  said: z.infer<typeof greeting>,
): Promise<net.Server | null> {
  const server = net.createServer(socket => {
    socket.on('error', () => undefined);
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.end(`${JSON.stringify(said)}\n`);
  });
  return withAddress(stateDir, name, address => {
    if (address === null) return null;
    return new Promise(resolve => {
      server.once('error', () => resolve(null));
      server.listen({ path: address, exclusive: true }, () => {
        // A connection that could not be accepted is the asker's loss alone.
        server.on('error', () => undefined);
        try {
          fs.chmodSync(path.join(stateDir, name), 0o600);
          resolve(server);
        } catch {
          // A faster owner has removed it: nobody can ask there.
          server.close();
          resolve(null);
        }
      });
      server.unref();
    });
  });
}

/** Asks whether anybody listens there. */
export function askPresence(stateDir: string, name: string): Promise<Presence> {
  return withAddress(stateDir, name, address => {
    if (address === null) return 'unknown';
    return new Promise<Presence>(resolve => {
      let text = '';
      let connected = false;
      const socket = net.connect({ path: address });
      const done = (presence: Presence): void => {
        socket.destroy();
        resolve(presence);
      };
      socket.setEncoding('utf8');
      socket.setTimeout(answerMs, () => done(connected ? { answers: false } : 'unknown'));
      socket.on('connect', () => {
        connected = true;
      });
      socket.on('error', (error: NodeJS.ErrnoException) => done(presenceOf(error.code)));
      socket.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > answerLimit) done({ answers: false });
      });
      socket.on('end', () => done({ answers: isGreeting(text) }));
    });
  });
}

/** Does any owner, or anybody who wants to be one, listen in the state folder? */
export async function anybodyListens(stateDir: string, butFor: string): Promise<boolean> {
  const names = fs.readdirSync(stateDir).filter(name => name !== butFor && /^owner\.[0-9a-f]+\.sock$/.test(name));
  const found = await Promise.all(names.map(name => askPresence(stateDir, name)));
  return found.some(presence => presence !== 'gone');
}

function presenceOf(code: string | undefined): Presence {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
    case 'ENOTSOCK':
    case 'ELOOP':
      return 'gone';
    case 'EAGAIN':
      // So many ask at once that the kernel lets no more wait: there is somebody.
      return { answers: false };
    default:
      return 'unknown';
  }
}

function isGreeting(text: string): boolean {
  try {
    return greeting.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/** A path that is too long for a socket is taken by way of an open folder, where the system has such names. */
async function withAddress<T>(
  stateDir: string,
  name: string,
  use: (address: string | null) => T | Promise<T>,
): Promise<T> {
  const direct = path.join(stateDir, name);
  if (Buffer.byteLength(direct) <= pathLimit) return use(direct);
  const folder = fs.openSync(stateDir, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    return await use(system().pathThrough(folder, name));
  } finally {
    fs.closeSync(folder);
  }
}
