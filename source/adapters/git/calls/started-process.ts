import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { GitOutput } from './answers.ts';

/** What of Node's `ChildProcess` is of use here. */
interface Child {
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  /** Missing where nothing was started for want of memory, files or room for the arguments. */
  readonly stdout?: Readable | null;
  readonly stderr?: Readable | null;
  kill(signal: NodeJS.Signals): boolean;
  on(event: 'error', listener: (error: Error) => void): void;
  once(event: 'close', listener: (code: number | null, signal: NodeJS.Signals | null) => void): void;
}

const calls = new AsyncLocalStorage<(child: Child) => void>();

// Node tells of every process that it starts: the one that is started within a call is the call's.
subscribe('child_process', message => calls.getStore()?.((message as { readonly process: Child }).process));

/** Milliseconds that a process which was asked to end has for it. */
const graceMs = 2000;

interface Limits {
  /** Milliseconds without a byte of output after which it is ended. */
  readonly silenceMs: number;
  /** Output beyond this is not read: it is ended. */
  readonly maxBytes: number;
}

/**
 * Has the git library start one process, and returns how that ended and what it wrote, byte for byte. The library tells neither the signal
 * that ended git nor the bytes, ends git by one SIGINT that git may be deaf to, and waits 50 ms for more of a git that wrote nothing.
 */
export async function follow(start: () => Promise<unknown>, { silenceMs, maxBytes }: Limits): Promise<GitOutput> {
  const { child, problem } = await childOf(start);
  const { stdout, stderr } = child;
  if (!stdout || !stderr) {
    const none = { code: -1, signal: null, stdout: Buffer.alloc(0), truncated: false, timedOut: false };
    return { ...none, stderr: await problem };
  }
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let size = 0;
  let timedOut = false;
  let grace: NodeJS.Timeout | undefined;
  const silence = setTimeout(() => {
    timedOut = true;
    end();
  }, silenceMs);
  stdout.on('data', (chunk: Buffer) => {
    chunks.stdout.push(chunk);
    size += chunk.length;
    if (size > maxBytes) end();
    else silence.refresh();
  });
  stderr.on('data', (chunk: Buffer) => {
    chunks.stderr.push(chunk);
    if (!timedOut) silence.refresh();
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(resolve => {
    child.once('close', (...ended) => resolve(ended));
  });
  clearTimeout(silence);
  clearTimeout(grace);
  return {
    code,
    signal: signal === null ? null : constants.signals[signal],
    stdout: Buffer.concat(chunks.stdout).subarray(0, maxBytes),
    stderr: code !== null && code < 0 ? await problem : Buffer.concat(chunks.stderr).toString('utf8'),
    truncated: size > maxBytes,
    timedOut,
  };

  /** Git takes its lock files along where it is let. Then its output is let go of, which its own children may hold open. */
  function end(): void {
    if (grace !== undefined) return;
    child.kill('SIGTERM');
    grace = setTimeout(() => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      stdout?.destroy();
      stderr?.destroy();
    }, graceMs);
  }
}

interface Begun {
  readonly child: Child;
  /** What the system says where it could not be started. Never settles for one that was. */
  readonly problem: Promise<string>;
}

/** The process that `start` starts; rejects as `start` does where it starts none. */
function childOf(start: () => Promise<unknown>): Promise<Begun> {
  return new Promise((resolve, reject) => {
    let tell: (words: string) => void = () => undefined;
    const problem = new Promise<string>(resolveProblem => {
      tell = resolveProblem;
    });
    const found = (child: Child) => {
      child.on('error', ({ message }) => tell(message));
      resolve({ child, problem });
    };
    calls.run(found, start).catch((error: unknown) => {
      // Of some reasons Node does not tell the process, but whoever starts it; of the others the process, a moment later.
      setImmediate(() => tell(error instanceof Error ? error.message : String(error)));
      reject(error);
    });
  });
}
