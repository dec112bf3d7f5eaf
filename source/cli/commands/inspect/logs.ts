import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineSplitter } from '../../../adapters/logs/line-splitter.ts';
import { LogTail } from '../../../adapters/logs/log-tail.ts';
import { type OrderMark, readOrder } from '../../../adapters/logs/stream-order.ts';
import { createProcesses } from '../../../adapters/processes/processes.ts';
import { createTextReader } from '../../../agents/programs/plain.ts';
import { safeReader } from '../../../agents/reading/reader-kit.ts';
import { AgentRegistry } from '../../../agents/registry.ts';
import type { ExitCode } from '../../../domain/errors.ts';
import { type Instance, isAlive } from '../../../domain/instance.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { AgentReader, ReaderEvent } from '../../../ports/agents.ts';
import { logLine } from '../../../ui/overview/panes.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError } from '../../output/output.ts';
import { createPainter, type Painter } from '../../output/paint.ts';
import { StreamOut } from '../../output/stream-out.ts';
import { type Context, openContext } from '../../session/context.ts';
import { findRun, readInstances } from '../../session/read-instances.ts';
import { redactorOf } from '../../session/redactor.ts';
import { companionOf, type LoggedOutput, runNamed } from './logged-output.ts';

interface LogOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly raw?: boolean;
}

type Stream = 'out' | 'err';

const pollMs = 100;

/**
 * `cm-tui logs ID`: the readable lines of a run, or with `--raw` its bytes, stderr on stderr. With `-f` it continues until the run has
 * ended. Works with and without a running coordinator.
 */
export async function logsCommand(id: string, options: LogOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const found = await findRun(context, runNamed(id));
  const isRun = companionOf(id, found) === null;
  const left = new AbortController();
  process.once('SIGINT', () => left.abort());
  const run = options.follow === true && isRun ? await untilStarted(context, found, left.signal) : found;
  if (left.signal.aborted) return 130;
  const source = { run, beside: companionOf(id, run) };
  const printer = new LogPrinter(context, source, options.raw === true);
  const any = await printer.print();
  if (options.follow === true) await follow(context, source, printer, left.signal);
  else if (!any) writeError(nothingYet(source));
  await printer.end();
  return left.signal.aborted ? 130 : 0;
}

/** Prints what arrives until the run has ended, the reader has gone or `signal` aborts. */
async function follow(context: Context, source: LoggedOutput, printer: LogPrinter, signal: AbortSignal): Promise<void> {
  const hasEnded = endOf(context, source);
  while (!signal.aborted && !printer.gone) {
    // Asked before reading the file, so that everything written until then is still printed.
    const ended = await hasEnded();
    const any = await printer.print();
    if (ended) return;
    if (!any) await pause(signal);
  }
}

/** Asks the processes: the journal of a killed coordinator still calls the run alive. */
function endOf(context: Context, { run, beside }: LoggedOutput): () => Promise<boolean> {
  if (beside === null ? !isAlive(run.state) : beside.process === null) return async () => true;
  const processes = createProcesses({ runsDir: join(context.stateDir, 'runs') });
  return async () => {
    const { status } =
      beside?.process != null
        ? await processes.probe(beside.process.id, beside.name, beside.process.known)
        : await processes.probe(run.runId, run.slug, run.process);
    // `unknown` does not mean ended.
    return status === 'exited' || status === 'lost' || status === 'not-started';
  };
}

/** The run once its agent has started, or can no longer start. */
async function untilStarted(context: Context, found: Instance, signal: AbortSignal): Promise<Instance> {
  let run = found;
  while ((run.state === 'pending' || run.state === 'preparing') && !signal.aborted) {
    await pause(signal);
    run = (await readInstances(context)).find(other => other.runId === found.runId) ?? run;
  }
  return run;
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(pollMs, undefined, { signal }).catch(() => undefined);
}

function nothingYet({ run: { key, state }, beside }: LoggedOutput): string {
  if (beside !== null) return `${beside.what} of ${key}: none here.`;
  return isAlive(state) ? `No output from ${key} yet. Use -f to wait for it.` : `No output from ${key}.`;
}

/** Prints both streams of a run from the start, as far as they go at each call. */
class LogPrinter {
  readonly #sources: readonly LogSource[];
  readonly #out = new StreamOut(process.stdout);
  readonly #buffer = Buffer.allocUnsafe(64 * 1024);
  /** In which order the two were written, as far as it is known; used up by the first call. */
  #order: readonly OrderMark[];

  constructor(context: Context, { run, beside }: LoggedOutput, raw: boolean) {
    const folder = join(context.stateDir, 'runs', beside?.name ?? run.slug);
    // Of a log that was moved aside in part the offsets mean nothing any more.
    this.#order =
      existsSync(join(folder, 'out.log.1')) || existsSync(join(folder, 'err.log.1')) ? [] : readOrder(folder);
    const tail = (stream: Stream) => new LogTail(join(folder, `${stream}.log`), true);
    if (raw) {
      this.#sources = [
        { tail: tail('out'), out: this.#out, make: Buffer.from },
        { tail: tail('err'), out: new StreamOut(process.stderr), make: Buffer.from },
      ];
      return;
    }
    const redact = redactorOf(context.settings);
    const reader = beside?.agent === null ? createTextReader() : readerOf(context, beside?.agent ?? run.agent);
    const paint = createPainter(process.stdout, context.settings.theme);
    this.#sources = (['out', 'err'] as const).map(stream => ({
      tail: tail(stream),
      out: this.#out,
      ...readableLines(reader, stream, paint, redact),
    }));
  }

  get gone(): boolean {
    return this.#out.gone;
  }

  /** Prints what is there now; what is written meanwhile waits for the next call. True if there was anything. */
  async print(): Promise<boolean> {
    let any = false;
    const order = this.#order;
    this.#order = [];
    for (const { stream, end } of order) {
      const source = this.#sources[stream === 'out' ? 0 : 1];
      if (source !== undefined && !this.gone) any = (await this.#printOne(source, end)) || any;
    }
    for (const source of this.#sources) any = (await this.#printOne(source)) || any;
    return any;
  }

  async #printOne({ tail, out, make }: LogSource, limit = Number.POSITIVE_INFINITY): Promise<boolean> {
    let any = false;
    let end = 0;
    for (let state = await tail.look(); state !== null; state = await tail.look()) {
      if (!any || state.begins !== null) end = Math.min(state.size, limit);
      const bytes = await tail.read(this.#buffer, end);
      if (bytes.length === 0) break;
      tail.offset += bytes.length;
      any = true;
      await out.write(make(bytes));
      if (out.gone) break;
    }
    return any;
  }

  /** Prints lines that their writer left unfinished. */
  async end(): Promise<void> {
    for (const { tail, out, end } of this.#sources) {
      if (end !== undefined) await out.write(end());
      await tail.close();
    }
  }
}

/** One log on its way to one output. */
interface LogSource {
  readonly tail: LogTail;
  readonly out: StreamOut;
  /** What is printed for some bytes, which are its own only during the call. */
  readonly make: (bytes: Buffer) => string | Uint8Array;
  readonly end?: () => string;
}

/** Cuts a stream into lines, parses them with the agent's reader and sanitises them for the terminal. */
function readableLines(
  reader: AgentReader,
  stream: Stream,
  paint: Painter,
  redact: (text: string) => string,
): Pick<LogSource, 'make' | 'end'> {
  const splitter = new LineSplitter();
  let text = '';
  const show = (events: readonly ReaderEvent[]): void => {
    for (const event of events) {
      if (event.type !== 'line') continue;
      const entry = { time: null, kind: event.kind, stream, text: redact(sanitizeLine(event.text)) };
      text += `${paint(logLine(entry, false))}\n`;
    }
  };
  const onLine = (bytes: Buffer) => show(reader.read(bytes.toString('utf8'), stream));
  const take = (): string => {
    const taken = text;
    text = '';
    return taken;
  };
  return {
    make(bytes) {
      splitter.push(bytes, onLine);
      return take();
    },
    end() {
      splitter.flush(onLine);
      if (stream === 'out') show(reader.end?.() ?? []);
      return take();
    },
  };
}

/** The reader of the run's agent; plain text if the settings no longer know that agent. */
function readerOf({ settings }: Context, agent: string): AgentReader {
  return new AgentRegistry(settings).get(agent)?.createReader() ?? safeReader(createTextReader());
}
