import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants as files, openSync } from 'node:fs';
import { constants } from 'node:os';

/** A program that has our terminal. */
export interface InheritedProgram {
  /** Its exit code; 127: it could not be started, 128 and more: ended by that signal. */
  readonly ended: Promise<number>;
  /** Sends it a signal, if it is still there. */
  signal(name: NodeJS.Signals): void;
}

/** Starts a program without a shell on our own stdin, stdout and stderr: an editor, or this program's own screen. `quiet`: without stdout. */
export function runInherited(
  file: string,
  args: readonly string[],
  { quiet = false, ...options }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly quiet?: boolean },
): InheritedProgram {
  return followed(spawn(file, args, { ...options, stdio: ['inherit', quiet ? 'ignore' : 'inherit', 'inherit'] }));
}

const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = files;
/** A pipe under the name of the log is not waited for. */
const appending = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK;

/** The name of the terminal that our input comes from, as `/dev/pts/3`; null: it comes from none. */
export function terminalName(): string | null {
  const { status, stdout } = spawnSync('tty', { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** Starts a program without a shell beside ours: no input, and its output in the file `log`. */
export function runBeside(
  file: string,
  args: readonly string[],
  { log, ...options }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly log: string },
): InheritedProgram {
  const output = openSync(log, appending, 0o600);
  try {
    return followed(spawn(file, args, { ...options, stdio: ['ignore', output, output] }));
  } finally {
    closeSync(output);
  }
}

function followed(child: ChildProcess): InheritedProgram {
  const ended = new Promise<number>(resolve => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  return { ended, signal: name => void child.kill(name) };
}
