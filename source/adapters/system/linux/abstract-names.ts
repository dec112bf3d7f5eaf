import fs from 'node:fs';
import net from 'node:net';
import type { KernelNames } from '../port.ts';
import { procFiles } from './open-files.ts';

/** How sandboxes refuse abstract names. */
const forbidden: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EAFNOSUPPORT', 'EOPNOTSUPP']);

/** The kernel's table of abstract sockets. */
export const kernelNames: KernelNames = { take, holder };

function take(name: string): Promise<net.Server | null> {
  return new Promise((resolve, reject) => {
    // It says nothing and takes nothing.
    const server = net.createServer(socket => socket.on('error', () => undefined).destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || forbidden.has(error.code ?? '')) resolve(null);
      else reject(error);
    });
    server.listen({ path: `\0${name}`, exclusive: true }, () => {
      server.on('error', () => undefined);
      resolve(server);
    });
    server.unref();
  });
}

async function holder(name: string, isOurs: (path: string) => boolean): Promise<number | null> {
  const socket = socketOf(name);
  if (socket === null) return null;
  for (const pid of fs.readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    const links = (await procFiles.openFiles(Number(pid))) ?? [];
    if (links.includes(socket) && links.some(isOurs)) return Number(pid);
  }
  return null;
}

/** `socket:[INODE]` of whoever listens under the name. */
function socketOf(name: string): string | null {
  let table: string;
  try {
    table = fs.readFileSync('/proc/net/unix', 'latin1');
  } catch {
    return null;
  }
  for (const line of table.split('\n')) {
    const [, , , flags = '', , , inode = '', found = ''] = line.split(/\s+/);
    // Some versions of Node fill a name up with zeros, which are shown as `@`.
    if (flags === '00010000' && found.replace(/@+$/, '') === `@${name}`) return `socket:[${inode}]`;
  }
  return null;
}
