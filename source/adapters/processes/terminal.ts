import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CmError } from '../../domain/errors.ts';
import type { Instance } from '../../domain/instance.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { StartRequest } from '../../ports/processes.ts';
import { readRegularText } from '../regular-file.ts';
import { securePlace } from '../secure-place.ts';
import { loadExeca } from './execa.ts';
import { createFile, readPid } from './run-folder.ts';
import { runInherited } from './run-inherited.ts';
import { markedArguments, markText, shellPath } from './shim.ts';
import { terminalConfig, terminalScript } from './terminal-script.ts';

/** Unix sockets take 107 bytes on Linux and 103 elsewhere. */
const socketPathLimit = 100;
const startLimitMs = 10_000;
const pauseMs = 5;

/**
 * Starts a run in a tmux of its own (one server a run, on a private socket, with our own configuration), under the contract of all runs:
 * `pid`, `exit` and `out.log` in its folder, and a life of its own when we end. Resolves with the pid of the shell over the agent.
 * @throws CmError where tmux is missing or does not start
 */
export async function startInTerminal(folder: string, request: StartRequest): Promise<number> {
  const tmux = requireTmux();
  const socket = socketPath(folder);
  securePlace(socket);
  createFile(join(folder, 'terminal'), `${socket}\n`);
  createFile(join(folder, 'terminal.conf'), terminalConfig(request.runName));
  const script = join(folder, 'start.sh');
  createFile(script, terminalScript({ folder, tmux, file: request.file, args: request.args }));
  const { execa } = await loadExeca();
  // What is to be run goes by way of the file: tmux reads a `;` at the end of an argument as its own, and takes 16 KiB at most.
  const args = ['-S', socket, '-f', join(folder, 'terminal.conf'), 'new-session', '-d', '-s', request.runId];
  const env = { ...request.env, CM_TUI_LOG: join(folder, 'out.log') };
  const create = [...args, '-x', '160', '-y', '48', shellPath, script];
  // The server itself is marked, so that every pane it opens later is the run's too.
  const ended = await execa(shellPath, markedArguments(env, markText(request.runId), tmux, create), {
    cwd: request.cwd,
    env,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    timeout: startLimitMs,
    reject: false,
  });
  if (ended.failed) {
    const why = sanitizeLine(ended.all?.trim() || (ended.originalMessage ?? 'no reason given'), 300);
    throw new CmError(`tmux could not start a terminal for ${request.file}: ${why}.`, 1);
  }
  return pidOf(folder);
}

/**
 * Shows the terminal of a run on ours until the user detaches or the agent ends.
 * @returns null, or one sentence why there is none
 */
export async function attachTerminal(stateDir: string, { runId, key, slug }: Instance): Promise<string | null> {
  const tmux = findTmux(process.env);
  if (tmux === null) return missingTmux;
  const socket = announcedSocket(join(stateDir, 'runs', slug));
  if (socket === null || !existsSync(socket)) return gone(key);
  const { TMUX: _outer, TMUX_PANE: _pane, ...env } = process.env;
  const args = ['-S', socket, 'attach-session', '-t', `=${runId}`];
  return (await runInherited(tmux, args, { cwd: stateDir, env }).ended) === 0 ? null : gone(key);
}

function gone(key: string): string {
  return `The terminal of ${key} is gone: its agent has ended.`;
}

const missingTmux =
  'Interactive agents need tmux: install it (apt install tmux, brew install tmux), or set interactive to false for the agent.';

/**
 * The path of tmux.
 * @throws CmError (exit code 3) where there is none, with what to install
 */
export function requireTmux(): string {
  const tmux = findTmux(process.env);
  if (tmux === null) throw new CmError(missingTmux, 3);
  return tmux;
}

/** Along absolute folders of the PATH only: a relative one would find programs in whatever folder one stands in. */
function findTmux(env: NodeJS.ProcessEnv): string | null {
  const folders = (env.PATH ?? '').split(delimiter).filter(folder => isAbsolute(folder));
  return folders.map(folder => join(folder, 'tmux')).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** In the run's folder where that is short enough, else in a folder of the user's own below /tmp. */
function socketPath(folder: string): string {
  const own = join(folder, 'tmux.sock');
  if (Buffer.byteLength(own) <= socketPathLimit) return own;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  const place = join('/tmp', `cm-tui-${process.getuid?.() ?? 0}`, `${name}.tmux`);
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  return place;
}

function announcedSocket(folder: string): string | null {
  try {
    return readRegularText(join(folder, 'terminal'))?.trim() ?? null;
  } catch {
    return null;
  }
}

/** The shell writes its number first of all. */
async function pidOf(folder: string): Promise<number> {
  for (const end = performance.now() + startLimitMs; performance.now() < end; await sleep(pauseMs)) {
    const pid = readPid(folder);
    if (pid !== null) return pid;
  }
  throw new CmError(`The terminal was started, but nothing runs in it: check ${folder}.`, 3);
}
