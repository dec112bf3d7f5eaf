import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** A program whose input and output are ours; what it writes to stderr goes where ours goes. */
export interface PipedProgram {
  readonly pid: number | null;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves once it has ended: exit code, or the signal that ended it, or why it could not be started. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly error: string | null;
  }>;
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts a program in our own process group, so that whoever ends the group ends it too. `apart`: in a group of its own, which signals reach
 * as a whole, and its stderr is dropped.
 */
export function startPiped(
  command: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly apart?: boolean },
): PipedProgram {
  const { apart = false } = options;
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: apart,
    stdio: ['pipe', 'pipe', apart ? 'ignore' : 'inherit'],
  });
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  const ended = new Promise<Awaited<PipedProgram['ended']>>(resolve => {
    child.once('error', error => resolve({ code: null, signal: null, error: error.message }));
    child.once('close', (code, signal) => resolve({ code, signal, error: null }));
  });
  return {
    pid: child.pid ?? null,
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    signal: name => {
      if (!apart || child.pid === undefined) child.kill(name);
      else signalGroup(child.pid, name);
    },
  };
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // Nothing of it is left.
  }
}
