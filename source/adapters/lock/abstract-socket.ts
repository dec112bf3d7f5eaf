import { createHash } from 'node:crypto';
import net from 'node:net';
import * as z from 'zod/mini';

/** How long a holder may take to say who it is; a stopped one never does. */
const answerMs = 500;
const answerLimit = 4096;
/** How sandboxes refuse abstract names. */
const forbidden: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EAFNOSUPPORT', 'EOPNOTSUPP']);

const answerShape = z.object({ pid: z.int().check(z.positive()), startTime: z.string(), since: z.number() });

/** All that the lock's socket ever says. It takes no commands: any user of the machine can connect to it. */
export type HolderAnswer = z.infer<typeof answerShape>;

/** What stands behind the name. `silent`: somebody holds it and does not say who, e.g. because it is stopped. */
export type Holder =
  | { readonly kind: 'free' }
  | { readonly kind: 'silent' }
  | ({ readonly kind: 'held' } & HolderAnswer);

/** Name of a repository's lock in the kernel's table of abstract sockets, without the leading zero byte. */
export function lockName(uid: number, realCommonDir: string): string {
  return `cm-tui.${uid}.${createHash('sha256').update(realCommonDir).digest('hex')}`;
}

/**
 * Takes the name. The kernel gives it to one process, keeps it while that is stopped and frees it when it dies, however it dies.
 * The server does not keep the program running. `unsupported`: this process may not use such names at all.
 */
export function bind(name: string, answer: HolderAnswer): Promise<net.Server | 'taken' | 'unsupported'> {
  return new Promise((resolve, reject) => {
    const server = net.createServer(socket => {
      socket.on('error', () => undefined);
      socket.setTimeout(answerMs, () => socket.destroy());
      socket.end(`${JSON.stringify(answer)}\n`);
    });
    server.maxConnections = 64;
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('taken');
      else if (error.code !== undefined && forbidden.has(error.code)) resolve('unsupported');
      else reject(error);
    });
    server.listen({ path: `\0${name}`, exclusive: true }, () => {
      // A connection that could not be accepted is the asker's loss alone.
      server.on('error', () => undefined);
      resolve(server);
    });
    server.unref();
  });
}

/** Asks who holds the name. */
export function askHolder(name: string): Promise<Holder> {
  return new Promise(resolve => {
    let text = '';
    const socket = net.connect({ path: `\0${name}` });
    const done = (holder: Holder): void => {
      socket.destroy();
      resolve(holder);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(answerMs, () => done({ kind: 'silent' }));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      done({ kind: error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'free' : 'silent' }),
    );
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > answerLimit) done({ kind: 'silent' });
    });
    socket.on('end', () => done(parse(text)));
  });
}

function parse(text: string): Holder {
  try {
    const parsed = answerShape.safeParse(JSON.parse(text));
    return parsed.success ? { kind: 'held', ...parsed.data } : { kind: 'silent' };
  } catch {
    return { kind: 'silent' };
  }
}
