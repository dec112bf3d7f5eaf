import type { Stats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { openRegularHandle } from '../regular-file.ts';
import { LineSplitter } from './line-splitter.ts';
import { rotatedPath, rotateLog } from './rotate.ts';

/** One read; about a thousand lines, some milliseconds of work. */
const chunkSize = 64 * 1024;
/** More than this waiting: nobody could read it, so all but the end is only searched for events. */
const skipAbove = 1024 * 1024;
const skipKeeps = 256 * 1024;
/** Of what is skipped at most this much is searched. Logs are rotated at this size, so it is all of them. */
const searchedAtMost = 64 * 1024 * 1024;
/** How much of a log from before is read, unless all of it is wanted. */
const lookBack = 256 * 1024;
/** A log this young is new to us: what stands in it gets the time of our look. */
const freshMs = 5_000;

/** Words of lines that may hold more than a line for the screen: a session, a verdict, what was used, a limit that was hit. */
const notable = /session|thread|result|usage|token|cost|rate|limit|quota|429|error|fail|turn|finish|init/i;
const notableWithin = 2048;

export interface StreamEvents {
  /** A line. `shown`: to be shown; otherwise it is only read for its events. */
  line(bytes: Buffer, droppedBytes: number, shown: boolean): void;
  skipped(bytes: number): void;
  /** Bytes were read, from a file of that time of change. */
  grew(count: number, mtimeMs: number): void;
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

/** Reads one append-only log by offset, as it grows; survives its truncation and its replacement by another file. */
export class StreamFollower {
  readonly #path: string;
  readonly #events: StreamEvents;
  readonly #splitter = new LineSplitter();
  readonly #buffer: Buffer;
  #fromStart: boolean;
  #file: FileHandle | null = null;
  #inode = 0;
  #offset = 0;
  /** Lines that end before this offset are not shown. */
  #shownFrom = 0;
  #jumpTo: number | null = null;
  /** Bytes that were there when we first looked. */
  #known: number | null = null;
  /** Offset at which the present part begins; null: it has begun. */
  #part: number | null;
  readonly #partTime: number;

  /** @param buffer working memory of at least 64 KiB, shared with others that never read at the same time */
  constructor(path: string, fromStart: boolean, buffer: Buffer, events: StreamEvents, part: PartStart) {
    this.#path = path;
    this.#fromStart = fromStart;
    this.#buffer = buffer;
    this.#events = events;
    this.#part = part.offset === 0 ? null : part.offset;
    this.#partTime = part.time;
  }

  /** What was just read had been written before we looked. */
  get catchingUp(): boolean {
    return this.#known === null || this.#offset <= this.#known;
  }

  /** Reads one chunk. Resolves with true while more is waiting. */
  async step(): Promise<boolean> {
    const now = await this.#look();
    if (now === null || this.#file === null || now.size <= this.#offset) return false;
    this.#skip(now.size);
    const wanted = Math.min(chunkSize, now.size - this.#offset);
    const { bytesRead } = await this.#file.read(this.#buffer, 0, wanted, this.#offset);
    this.#events.grew(bytesRead, now.mtimeMs);
    this.#take(this.#buffer.subarray(0, bytesRead));
    return bytesRead > 0 && this.#offset < now.size;
  }

  /** True when something happened to the file since the last step. Never throws. */
  async hasNews(): Promise<boolean> {
    const now = await stat(this.#path).catch(() => null);
    return now !== null && (now.ino !== this.#inode || now.size !== this.#offset);
  }

  /** Shows a text that its writer left unfinished: a question, a progress bar. */
  flushText(): void {
    if (this.#splitter.holdsText) this.flush();
  }

  flush(): void {
    this.#splitter.flush((bytes, dropped) => this.#line(bytes, dropped));
  }

  /** Copies the log to `.1` and empties it when it is longer than `above` and nearly read. Returns whether it did. */
  async rotate(above: number): Promise<boolean> {
    if (this.#file === null || this.#offset <= above) return false;
    const length = await rotateLog(this.#path, above);
    if (length === null) return false;
    const rest = await openRegularHandle(rotatedPath(this.#path));
    try {
      while (this.#offset < length) {
        const { bytesRead } = await rest.read(this.#buffer, 0, chunkSize, this.#offset);
        if (bytesRead === 0) break;
        this.#take(this.#buffer.subarray(0, bytesRead));
      }
    } finally {
      await rest.close();
    }
    this.#offset = 0;
    this.#shownFrom = 0;
    this.#known = 0;
    return true;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #look(): Promise<Stats | null> {
    const now = await stat(this.#path).catch(() => null);
    if (now === null) return null;
    if (now.ino !== this.#inode) {
      await this.close();
      const file = await openRegularHandle(this.#path).catch(() => null);
      if (file === null) return null;
      this.#file = file;
      this.#inode = now.ino;
      this.#begin(now);
    } else if (now.size < this.#offset) {
      this.#begin(now);
    }
    return now;
  }

  /** At the first look, and again when the log was emptied or replaced: whatever stands there then is new. */
  #begin({ size, birthtimeMs }: Stats): void {
    const first = this.#known === null;
    this.#offset = first && !this.#fromStart ? Math.max(0, size - lookBack) : 0;
    const fresh = Date.now() - (this.#part === null ? birthtimeMs : this.#partTime) <= freshMs;
    this.#known = !first ? 0 : fresh ? Math.min(size, this.#part ?? 0) : size;
    // Moved aside since: the earlier part is no longer here.
    if (this.#part !== null && size < this.#part) this.#part = 0;
    this.#shownFrom = 0;
    this.#jumpTo = null;
    if (!first) this.flush();
    this.#splitter.restart(this.#offset > 0);
  }

  #skip(size: number): void {
    const pending = size - this.#offset;
    if (pending <= skipAbove || this.#offset < this.#shownFrom) return;
    this.#shownFrom = size - skipKeeps;
    this.#events.skipped(this.#shownFrom - this.#offset);
    if (pending > searchedAtMost) this.#jumpTo = size - searchedAtMost;
  }

  #take(chunk: Buffer): void {
    const earlier = this.#part === null ? 0 : Math.min(chunk.length, Math.max(0, this.#part - this.#offset));
    if (earlier > 0) this.#feed(chunk.subarray(0, earlier));
    this.#beginPart();
    if (earlier < chunk.length) this.#feed(chunk.subarray(earlier));
    // The first chunk is read in any case: a program names its session there.
    if (this.#jumpTo === null) return;
    this.#offset = this.#jumpTo;
    this.#jumpTo = null;
    this.#splitter.restart(true);
    this.#beginPart();
  }

  #beginPart(): void {
    if (this.#part === null || this.#offset < this.#part) return;
    this.#part = null;
    this.flush();
    this.#events.begins();
  }

  #feed(chunk: Buffer): void {
    this.#offset += chunk.length;
    this.#splitter.push(chunk, (bytes, dropped) => this.#line(bytes, dropped));
  }

  #line(bytes: Buffer, dropped: number): void {
    const shown = this.#offset >= this.#shownFrom;
    if (shown || isNotable(bytes)) this.#events.line(bytes, dropped, shown);
  }
}

function isNotable(bytes: Buffer): boolean {
  if (notable.test(bytes.toString('latin1', 0, notableWithin))) return true;
  return bytes.length > notableWithin && notable.test(bytes.subarray(-notableWithin).toString('latin1'));
}
