import { join } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { AgentReader, ReaderEvent, RunSignal } from '../../ports/agents.ts';
import type { LogKind, LogLine } from '../../ports/logs.ts';
import { type RunRecord, readRunRecord } from '../processes/run-folder.ts';
import { LineRing } from './line-ring.ts';
import { longestRawLine } from './line-splitter.ts';
import { type SignalListener, Signals } from './signals.ts';
import { type PartStart, type StreamEvents, StreamFollower } from './stream-follower.ts';
import { StreamOrder } from './stream-order.ts';
import { StreamTimes } from './stream-times.ts';

type Stream = LogLine['stream'];

/** Lines kept of one run. */
const ringSize = 2000;
/** A line of the ring must not keep alive a much longer one that it was cut from. */
const copyAbove = 8 * 1024;

/** Both logs of one run, its reader and its last lines. */
export class RunFollower {
  readonly ring = new LineRing(ringSize);
  /** Milliseconds since 1970 of the last byte seen. */
  lastOutput: number | null = null;
  /** Lines were added since this was last set to false. */
  changed = false;
  /** Bytes read so far. */
  bytesRead = 0;
  readonly #createReader: () => AgentReader;
  #reader: AgentReader;
  readonly #signals: Signals;
  readonly #redact: (text: string) => string;
  readonly #streams: readonly StreamFollower[];
  /** Null: somebody else notes it. */
  readonly #order: StreamOrder | null;
  readonly #times: StreamTimes;
  /** How far the stream was read when the present line ended. */
  #at = 0;
  /** Streams whose present part has begun: what stands before it is shown, but says nothing of this part. */
  readonly #begun = new Set<Stream>();
  #ended = false;
  #complaint = '';

  constructor(
    folder: string,
    createReader: () => AgentReader,
    onSignal: SignalListener,
    fromStart: boolean,
    buffer: Buffer,
    redact: (text: string) => string,
    notesOrder: boolean,
  ) {
    this.#redact = redact;
    this.#order = notesOrder ? new StreamOrder(folder) : null;
    this.#times = new StreamTimes(folder, notesOrder);
    this.#createReader = createReader;
    this.#reader = createReader();
    this.#signals = new Signals(onSignal);
    const record = recordOf(folder);
    this.#streams = (['out', 'err'] as const).map(stream => {
      const part = { offset: record?.logStart?.[stream] ?? 0, time: record?.startedAt ?? 0 };
      if (part.offset === 0) this.#begun.add(stream);
      return this.#follow(folder, stream, fromStart, buffer, part);
    });
  }

  /** Reads a chunk of each log. Resolves with false when there was none; a log that cannot be read says so in a line. */
  async step(): Promise<boolean> {
    let more = false;
    try {
      for (const stream of this.#streams) if (await stream.step()) more = true;
      return more;
    } catch (error) {
      this.#complain(error);
      return false;
    }
  }

  /** Hands on what the reader said last, once for all that was read. */
  deliver(): void {
    this.#signals.deliver();
  }

  async hasNews(): Promise<boolean> {
    for (const stream of this.#streams) if (await stream.hasNews()) return true;
    return false;
  }

  /** Nothing came for a while: unfinished text is shown. */
  pause(): void {
    for (const stream of this.#streams) stream.flushText();
  }

  /** The run has ended: unfinished lines go through the reader, and it may say its last words. */
  end(): void {
    for (const stream of this.#streams) stream.flush();
    this.#signals.deliver();
    if (this.#ended) return;
    this.#ended = true;
    this.#order?.end();
    this.#endTimes();
    for (const event of this.#reader.end?.() ?? []) this.#hear(event, 'out', true, 0);
    this.#signals.deliver();
  }

  async rotate(above: number): Promise<void> {
    try {
      for (const stream of this.#streams) {
        if (!(await stream.rotate(above))) continue;
        this.#order?.forget();
        this.#times.forget();
      }
    } catch (error) {
      this.#complain(error);
    }
  }

  #endTimes(): void {
    for (const stream of ['out', 'err'] as const) this.#times.end(stream);
  }

  async close(): Promise<void> {
    this.#endTimes();
    for (const stream of this.#streams) await stream.close();
  }

  #follow(folder: string, name: Stream, fromStart: boolean, buffer: Buffer, part: PartStart): StreamFollower {
    const path = join(folder, `${name}.log`);
    const events: StreamEvents = {
      line: (bytes, dropped, shown) => {
        this.#at = follower.offset;
        this.#read(bytes, dropped, name, shown, follower.catchingUp);
      },
      cuts: (from, to) => this.#times.cuts(name, from, to),
      skipped: count => this.#push('system', `… ${megabytes(count)} skipped`, name, follower.catchingUp),
      grew: (count, mtimeMs) => {
        this.bytesRead += count;
        const end = follower.offset + count;
        this.#order?.grew(name, end);
        if (follower.isNew(end)) this.#times.grew(name, { from: follower.offset, end, at: Date.now() });
        this.lastOutput = Math.max(this.lastOutput ?? 0, Math.round(mtimeMs));
      },
      begins: () => this.#begin(name),
    };
    const follower: StreamFollower = new StreamFollower(path, fromStart, buffer, events, part);
    return follower;
  }

  /** Another process speaks from here on; what its reader knew of the last one is no longer true. */
  #begin(stream: Stream): void {
    this.#begun.add(stream);
    if (stream !== 'out') return;
    this.#reader = this.#createReader();
    this.#push('system', '── continues ──', stream, true);
  }

  #read(bytes: Buffer, dropped: number, stream: Stream, shown: boolean, old: boolean): void {
    for (const event of this.#reader.read(bytes.toString('utf8'), stream)) {
      this.#hear(event, stream, shown, bytes.length, old);
    }
    if (dropped === 0 || !shown) return;
    this.#push(
      'system',
      `… ${megabytes(dropped)} of this line left out, after ${megabytes(longestRawLine)}`,
      stream,
      old,
    );
  }

  #hear(event: ReaderEvent, stream: Stream, shown: boolean, sourceLength: number, old = false): void {
    if (event.type !== 'line') {
      if (this.#begun.has(stream)) this.#signals.add(this.#withoutSecrets(event), old);
    } else if (shown) {
      const text = this.#redact(sanitizeLine(event.text));
      this.#push(event.kind, sourceLength > copyAbove ? Buffer.from(text).toString() : text, stream, old);
    }
  }

  #withoutSecrets(signal: RunSignal): RunSignal {
    switch (signal.type) {
      case 'result':
        return { ...signal, message: this.#redact(signal.message) };
      case 'activity':
        return signal.text === null ? signal : { ...signal, text: this.#redact(signal.text) };
      case 'refused':
        return { ...signal, words: this.#redact(signal.words) };
      case 'asked':
        return {
          ...signal,
          words: this.#redact(signal.words),
          detail: this.#redact(signal.detail),
          ...(signal.command === undefined ? {} : { command: this.#redact(signal.command) }),
        };
      case 'message':
        return { ...signal, text: this.#redact(signal.text) };
      case 'plan':
        return signal.current === null ? signal : { ...signal, current: this.#redact(signal.current) };
      case 'answered':
      case 'interrupted':
      case 'session':
      case 'session-lost':
      case 'usage':
      case 'rate-limited':
        return signal;
    }
  }

  #complain(error: unknown): void {
    const text = sanitizeLine(`the log cannot be read: ${messageOf(error)}`);
    if (text === this.#complaint) return;
    this.#complaint = text;
    this.#push('system', text, 'err', false);
  }

  #push(kind: LogKind, text: string, stream: Stream, old: boolean): void {
    this.ring.push({ time: this.#times.timeOf(stream, this.#at) ?? (old ? null : Date.now()), kind, stream, text });
    this.changed = true;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}

/** A record that cannot be read makes no difference here: the run is then read as one part. */
function recordOf(folder: string): RunRecord | null {
  try {
    return readRunRecord(folder);
  } catch {
    return null;
  }
}
