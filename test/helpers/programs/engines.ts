import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../source/adapters/fleet/free-port.ts';
import { findProgram } from '../../../source/agents/launch/probe.ts';

/** A server for the engine on loopback, made for one test. */
export interface TestEngine {
  readonly url: string;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** On the same port, with the data that it had. */
  startAgain(): Promise<void>;
  /** Everything that it had is gone; for one that was killed. */
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

/** The program, from PATH or where Debian puts it; null: this machine has none. */
export function programOf(name: 'redis-server' | 'postgres'): string | null {
  const there = findProgram(name, { env: process.env, cwd: tmpdir() });
  if (there !== null) return there;
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const files = versions.map(version => join('/usr/lib/postgresql', version, 'bin', name));
  return files.find(file => existsSync(file)) ?? null;
}

export async function startRedis(): Promise<TestEngine> {
  const program = programOf('redis-server');
  if (program === null) throw new Error('redis-server is missing');
  const folder = mkdtempSync(join(tmpdir(), 'cm-tui-redis-'));
  const port = await freePort();
  const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const args = [...where, '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
  return served(`redis://127.0.0.1:${port}`, folder, () => startAndWait(program, args, /Ready to accept connections/));
}

export async function startPostgres(): Promise<TestEngine> {
  const program = programOf('postgres');
  if (program === null) throw new Error('postgres is missing');
  const folder = mkdtempSync(join(tmpdir(), 'cm-tui-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  // It refuses to be root.
  const other = process.getuid?.() === 0 ? nobody() : null;
  if (other !== null) for (const path of [folder, data]) chownSync(path, other.uid, other.gid);
  const as = other ?? {};
  const initdb = join(program, '..', 'initdb');
  const bin = existsSync(initdb) ? initdb : program.replace(/postgres$/, 'initdb');
  execFileSync(realInitdb(bin), ['-D', data, '-U', 'cm', '--auth=trust', '--no-sync'], { ...as, stdio: 'ignore' });
  const port = await freePort();
  const args = ['-D', data, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1', '-k', folder];
  const ready = /database system is ready to accept connections/;
  return served(`postgres://cm@127.0.0.1:${port}/postgres`, folder, () => startAndWait(program, args, ready, as));
}

function realInitdb(path: string): string {
  if (existsSync(path)) return path;
  const [version = ''] = readdirSync('/usr/lib/postgresql').sort().reverse();
  return `/usr/lib/postgresql/${version}/bin/initdb`;
}

function nobody(): { readonly uid: number; readonly gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function served(url: string, folder: string, start: () => Promise<ChildProcess>): Promise<TestEngine> {
  let server = await start();
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const over = new Promise(resolve => server.once('exit', resolve));
    server.kill(signal);
    await over;
  };
  return {
    url,
    kill: () => end('SIGKILL'),
    async startAgain() {
      server = await start();
    },
    async wipe() {
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    },
    async stop() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function startAndWait(
  program: string,
  args: readonly string[],
  ready: RegExp,
  as: { readonly uid?: number; readonly gid?: number } = {},
): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const server = spawn(program, args, { ...as, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk: Buffer) => {
      said += chunk;
      if (ready.test(said)) resolve(server);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.once('exit', code => reject(new Error(`${program} ended with ${code}: ${said.slice(-500)}`)));
  });
}
