import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { sanitizeBlock } from '../../domain/text/sanitize.ts';
import type { ProcessesPort } from '../../ports/processes.ts';
import type { ProcessTable } from '../system/port.ts';
import { loadExeca } from './execa.ts';
import { shellPath } from './shim.ts';

/** Of longer output the end is kept: that is where errors stand. */
const outputLimit = 256 * 1024;
/** Between SIGTERM and SIGKILL. */
const graceMs = 2_000;
/** For output still in the pipe after the command has ended. */
const drainMs = 250;
/** A longer delay would make the timer fire at once. */
const longestDelay = 2 ** 31 - 1;

type RunOptions = Parameters<ProcessesPort['run']>[1];
type RunResult = Awaited<ReturnType<ProcessesPort['run']>>;

/**
 * Runs a short command and waits for it. It has a process group of its own, which is ended at the time limit, by the signal, and, should
 * the command leave something behind, after it; so nothing of it stays. 127 and 126 as exit codes: not found, not executable.
 */
export async function runHelper(
  table: ProcessTable,
  command: string | readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const [file = '', ...args] = typeof command === 'string' ? [shellPath, '-c', command] : command;
  if (wasAborted(options.signal)) return { exitCode: null, output: '', timedOut: false };
  const { execa } = await loadExeca();
  const child = execa(file, args, {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    stripFinalNewline: false,
  });
  const output = new OutputEnd(outputLimit);
  child.all.on('data', (chunk: Buffer) => output.add(chunk));
  const pid = child.pid;
  if (pid === undefined) {
    const failed = await child;
    return notStarted(failed.code, failed.shortMessage);
  }

  let timedOut = false;
  const ending = new GroupEnding(pid);
  const timer = setTimeout(
    () => {
      timedOut = true;
      ending.begin();
    },
    Math.min(options.timeoutMs, longestDelay),
  );
  const stop = () => ending.begin();
  options.signal?.addEventListener('abort', stop, { once: true });
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve => {
    child.once('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
  });
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', stop);
  // A process left behind may hold the pipe open; what it would still say is not waited for.
  await Promise.race([child, sleep(drainMs, undefined, { ref: false })]);
  await ending.finish(table);
  child.all.destroy();
  const stopped = timedOut || wasAborted(options.signal);
  return { exitCode: stopped ? null : exitCodeOf(code, signal), output: output.text(), timedOut };
}

function wasAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function notStarted(code: string | undefined, why: string | undefined): RunResult {
  const output = sanitizeBlock(why ?? 'The command could not be started.', outputLimit);
  return { exitCode: code === 'EACCES' ? 126 : 127, output, timedOut: false };
}

/** Ends the command's group: asked first, then killed. */
class GroupEnding {
  readonly #pid: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** While the command has not ended its pid cannot belong to anybody else. */
  begin(): void {
    if (this.#timer !== null) return;
    this.#signal('SIGTERM');
    this.#timer = setTimeout(() => this.#signal('SIGKILL'), graceMs);
  }

  /** After the command's end: the group's number stays taken while it has members, so somebody with that pid is a stranger. */
  async finish(table: ProcessTable): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if ((await table.read(this.#pid)) === null) this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#pid, signal);
    } catch {
      // Nothing is left of it.
    }
  }
}

/** As a shell reports it: 128 and the signal's number. */
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number | null {
  if (code !== null) return code;
  return signal === null ? null : 128 + constants.signals[signal];
}

/** The last bytes of an output of any length. */
class OutputEnd {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #length = 0;
  #cut = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length > 2 * this.#limit) this.#shorten();
  }

  text(): string {
    this.#shorten();
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return sanitizeBlock(this.#cut ? `… ${text.slice(text.indexOf('\n') + 1)}` : text, 2 * this.#limit);
  }

  #shorten(): void {
    if (this.#length <= this.#limit) return;
    this.#chunks = [Buffer.concat(this.#chunks).subarray(-this.#limit)];
    this.#length = this.#limit;
    this.#cut = true;
  }
}
