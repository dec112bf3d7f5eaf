import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import { isOwnerFile } from './owner-file.ts';

/** How sandboxes refuse abstract names. */
const forbidden: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EAFNOSUPPORT', 'EOPNOTSUPP']);

/** Name of a repository in the kernel's table of abstract sockets, without the leading zero byte. */
export function lockName(uid: number, realCommonDir: string): string {
  return `cm-tui.${uid}.${createHash('sha256').update(realCommonDir).digest('hex')}`;
}

/**
 * Takes the name, which the kernel frees when we end. It guards an owner whose files were removed from under it; it decides nothing by
 * itself, since any user of the machine can take it. Null: it is taken, or this process may not have such names at all.
 */
export function takeName(name: string): Promise<net.Server | null> {
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

/**
 * The process that holds the name and is an owner of this state folder, as its open files prove; null: nobody holds it, or somebody who
 * has nothing to do with us.
 */
export function ownerBehindName(name: string, stateDir: string): number | null {
  const socket = holderOfName(name);
  if (socket === null) return null;
  for (const pid of fs.readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    const links = openFiles(Number(pid)) ?? [];
    if (links.includes(socket) && links.some(link => isOwnerFile(stateDir, link))) return Number(pid);
  }
  return null;
}

/** Has the process a record of this state folder open, as an owner has? Null: its open files cannot be seen. */
export function holdsOwnerFile(pid: number, stateDir: string): boolean | null {
  const links = openFiles(pid);
  return links === null ? null : links.some(link => isOwnerFile(stateDir, link));
}

/** `socket:[INODE]` of whoever listens under the name. */
function holderOfName(name: string): string | null {
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

function openFiles(pid: number): readonly string[] | null {
  const folder = `/proc/${pid}/fd`;
  let fds: readonly string[];
  try {
    fds = fs.readdirSync(folder);
  } catch {
    return null;
  }
  return fds.map(fd => linkOf(`${folder}/${fd}`));
}

/** Empty for a file that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return fs.readlinkSync(path);
  } catch {
    return '';
  }
}
