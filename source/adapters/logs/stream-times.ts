import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularText } from '../regular-file.ts';

type Stream = 'out' | 'err';

/** Up to this offset a stream was read at this time, in milliseconds since 1970. */
interface TimeMark {
  readonly end: number;
  readonly at: number;
}

const fileName = 'times';
/** Lines of one second share their time, so that a busy agent writes two marks a second at most. */
const exactMs = 1000;
/** In place of the time of what nobody followed. */
const nobody = 0;
/** A run that writes for longer has the times of the rest forgotten. */
const mostMarks = 20_000;

/**
 * When the lines of a run's logs were written, which the logs themselves do not tell: whoever follows them notes it, so that a later start
 * shows the same times. What nobody followed has no time.
 */
export class StreamTimes {
  readonly #path: string;
  readonly #marks: Record<Stream, TimeMark[]>;
  /** Noted in memory alone: it may still grow. */
  readonly #open: Record<Stream, TimeMark | null> = { out: null, err: null };
  readonly #notes: boolean;
  #count: number;

  /** `notes`: it writes what it is given; otherwise it only reads. */
  constructor(folder: string, notes: boolean) {
    this.#path = join(folder, fileName);
    this.#notes = notes;
    this.#marks = readTimes(this.#path);
    this.#count = this.#marks.out.length + this.#marks.err.length;
  }

  /** The time at which the stream was read up to this offset; null: nobody followed it then. */
  timeOf(stream: Stream, end: number): number | null {
    const at = this.#marks[stream][this.#firstFrom(stream, end)]?.at ?? nobody;
    return at === nobody ? null : at;
  }

  /** Offsets between these two at which another time begins. */
  cuts(stream: Stream, from: number, to: number): readonly number[] {
    const found: number[] = [];
    const marks = this.#marks[stream];
    for (let at = this.#firstFrom(stream, from + 1); at < marks.length; at++) {
      const end = marks[at]?.end ?? to;
      if (end >= to) break;
      found.push(end);
    }
    return found;
  }

  /** New bytes were read between these offsets. */
  grew(stream: Stream, { from, end, at }: { readonly from: number; readonly end: number; readonly at: number }): void {
    const open = this.#open[stream];
    const known = (open ?? this.#marks[stream].at(-1))?.end ?? 0;
    if (!this.#notes || end <= known) return;
    if (from > known) {
      this.end(stream);
      this.#write(stream, { end: from, at: nobody });
    }
    if (open !== null && from <= known && at - open.at < exactMs) {
      this.#open[stream] = { end, at: open.at };
      return;
    }
    this.end(stream);
    this.#open[stream] = { end, at };
    // At once, so that a crash loses no more than the rest of this second.
    this.#write(stream, { end, at });
  }

  /** Nothing more comes, or nobody follows it any more. */
  end(stream: Stream): void {
    const open = this.#open[stream];
    if (open !== null) this.#write(stream, open);
    this.#open[stream] = null;
  }

  /** A log was moved aside: offsets mean something else from now on. */
  forget(): void {
    for (const stream of ['out', 'err'] as const) {
      this.#marks[stream] = [];
      this.#open[stream] = null;
    }
    this.#count = 0;
    if (this.#notes) rmSync(this.#path, { force: true });
  }

  /** Place of the first mark that is not before this offset. */
  #firstFrom(stream: Stream, end: number): number {
    const marks = this.#marks[stream];
    let low = 0;
    let high = marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((marks[middle]?.end ?? 0) < end) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #write(stream: Stream, mark: TimeMark): void {
    const marks = this.#marks[stream];
    if (mark.end <= (marks.at(-1)?.end ?? 0) || this.#count >= mostMarks) return;
    this.#count++;
    marks.push(mark);
    try {
      appendFileSync(this.#path, `${stream} ${mark.end} ${mark.at}\n`, { mode: 0o600 });
    } catch {
      // No room, or no folder: a later start shows no time.
    }
  }
}

function readTimes(path: string): Record<Stream, TimeMark[]> {
  const found: Record<Stream, TimeMark[]> = { out: [], err: [] };
  try {
    const text = readRegularText(path) ?? '';
    for (const [, stream, end, at] of text.matchAll(/^(out|err) (\d{1,15}) (\d{1,15})$/gm))
      found[stream === 'out' ? 'out' : 'err'].push({ end: Number(end), at: Number(at) });
  } catch {
    // The times are not known.
  }
  return found;
}
