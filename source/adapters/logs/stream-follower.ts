import { LineSplitter } from './line-splitter.ts';
import { type LogState, LogTail } from './log-tail.ts';

/** More than this waiting: nobody could read it, so all but the end is only searched for events. */
const skipAbove = 1024 * 1024;
const skipKeeps = 256 * 1024;
/** Of what is skipped at most this much is searched. Logs are rotated at this size, so it is all of them. */
const searchedAtMost = 64 * 1024 * 1024;
/** How much of a log from before is read, unless all of it is wanted. */
const lookBack = 256 * 1024;
/** A log this young is new to us: what stands in it gets the time of our look. */
const freshMs = 5_000;

/** Words of lines that may hold more than a line for the screen: a session, a verdict, what was used, a limit that was hit, a refusal. */
const notable =
  /session|thread|result|usage|token|cost|rate|limit|quota|429|error|fail|turn|finish|init|denied|refus|reject|declin|permi|allow|approv|"ask"|answer|message/i;
const notableWithin = 2048;

export interface StreamEvents {
  /** A line. `shown`: to be shown; otherwise it is only read for its events. */
  line(bytes: Buffer, droppedBytes: number, shown: boolean): void;
  skipped(bytes: number): void;
  /** Bytes were read, from a file of that time of change. */
  grew(count: number, mtimeMs: number): void;
  /** Offsets between these two at which lines of another time begin, where that is known. */
  cuts(from: number, to: number): readonly number[];
  /** What comes from here on belongs to the present part of a run that was continued. */
  begins(): void;
}

/** Where the present part of a run begins in its log. */
export interface PartStart {
  /** In bytes; 0 for a run of one part. */
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Cuts one growing log into lines: from where it is wanted, without what is too much to show, the parts of a continued run apart. */
export class StreamFollower {
  readonly #tail: LogTail;
  readonly #events: StreamEvents;
  readonly #splitter = new LineSplitter();
  readonly #buffer: Buffer;
  readonly #fromStart: boolean;
  /** Lines that end before this offset are not shown. */
  #shownFrom = 0;
  #jumpTo: number | null = null;
  /** Bytes that were there when we first looked. */
  #known: number | null = null;
  /** Offset at which the present part begins; null: it has begun. */
  #part: number | null;
  readonly #partTime: number;

  /** @param buffer working memory, shared with others that never read at the same time; no read is longer */
  constructor(path: string, fromStart: boolean, buffer: Buffer, events: StreamEvents, part: PartStart) {
    this.#tail = new LogTail(path);
    this.#fromStart = fromStart;
    this.#buffer = buffer;
    this.#events = events;
    this.#part = part.offset === 0 ? null : part.offset;
    this.#partTime = part.time;
  }

  /** How far it is read, in bytes. */
  get offset(): number {
    return this.#tail.offset;
  }

  /** What was just read had been written before we looked. */
  get catchingUp(): boolean {
    return this.#known === null || this.#tail.offset <= this.#known;
  }

  /** Bytes up to this offset were written while we followed. */
  isNew(end: number): boolean {
    return this.#known !== null && end > this.#known;
  }

  /** Reads one chunk. Resolves with false when there was none. */
  async step(): Promise<boolean> {
    const tail = this.#tail;
    const now = await tail.look().catch(() => null);
    if (now === null) return false;
    this.#begin(now);
    if (now.size <= tail.offset) return false;
    this.#skip(now.size);
    const chunk = await tail.read(this.#buffer, now.size);
    this.#events.grew(chunk.length, now.mtimeMs);
    this.#take(chunk);
    return chunk.length > 0;
  }

  /** True when something happened to the file since the last step. Never throws. */
  hasNews(): Promise<boolean> {
    return this.#tail.hasNews();
  }

  /** Shows a text that its writer left unfinished: a question, a progress bar. */
  flushText(): void {
    if (this.#splitter.holdsText) this.flush();
  }

  flush(): void {
    this.#splitter.flush((bytes, dropped) => this.#line(bytes, dropped));
  }

  /** Moves the log aside when it is longer than `above` bytes and nearly read; true if it was. See `LogTail`. */
  rotate(above: number): Promise<boolean> {
    return this.#tail.rotate(above);
  }

  close(): Promise<void> {
    return this.#tail.close();
  }

  #begin({ begins, size, birthtimeMs }: LogState): void {
    if (begins === null) return;
    this.#shownFrom = 0;
    this.#jumpTo = null;
    if (begins === 'first') {
      this.#tail.offset = this.#fromStart ? 0 : Math.max(0, size - lookBack);
      const fresh = Date.now() - (this.#part === null ? birthtimeMs : this.#partTime) <= freshMs;
      this.#known = fresh ? Math.min(size, this.#part ?? 0) : size;
    } else {
      this.#known = 0;
    }
    // Moved aside since: the earlier part is no longer here.
    if (this.#part !== null && size < this.#part) this.#part = 0;
    // A line may have begun in what was moved aside.
    if (begins === 'continued') return;
    if (begins === 'anew') this.flush();
    this.#splitter.restart(this.#tail.offset > 0);
  }

  #skip(size: number): void {
    const pending = size - this.#tail.offset;
    if (pending <= skipAbove || this.#tail.offset < this.#shownFrom) return;
    this.#shownFrom = size - skipKeeps;
    this.#events.skipped(this.#shownFrom - this.#tail.offset);
    if (pending > searchedAtMost) this.#jumpTo = size - searchedAtMost;
  }

  #take(chunk: Buffer): void {
    const earlier = this.#part === null ? 0 : Math.min(chunk.length, Math.max(0, this.#part - this.#tail.offset));
    if (earlier > 0) this.#feed(chunk.subarray(0, earlier));
    this.#beginPart();
    if (earlier < chunk.length) this.#feed(chunk.subarray(earlier));
    // The first chunk is read in any case: a program names its session there.
    if (this.#jumpTo === null) return;
    this.#tail.offset = this.#jumpTo;
    this.#jumpTo = null;
    this.#splitter.restart(true);
    this.#beginPart();
  }

  #beginPart(): void {
    if (this.#part === null || this.#tail.offset < this.#part) return;
    this.#part = null;
    this.flush();
    this.#events.begins();
  }

  #feed(chunk: Buffer): void {
    const start = this.#tail.offset;
    let from = 0;
    for (const cut of [...this.#events.cuts(start, start + chunk.length), start + chunk.length]) {
      const piece = chunk.subarray(from, cut - start);
      from = cut - start;
      this.#tail.offset = cut;
      this.#splitter.push(piece, (bytes, dropped) => this.#line(bytes, dropped));
    }
  }

  #line(bytes: Buffer, dropped: number): void {
    const shown = this.#tail.offset >= this.#shownFrom;
    if (shown || isNotable(bytes)) this.#events.line(bytes, dropped, shown);
  }
}

function isNotable(bytes: Buffer): boolean {
  if (notable.test(bytes.toString('latin1', 0, notableWithin))) return true;
  return bytes.length > notableWithin && notable.test(bytes.subarray(-notableWithin).toString('latin1'));
}
