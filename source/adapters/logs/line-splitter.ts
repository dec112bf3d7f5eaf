const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const brace = 0x7b;

/** Kept of one line; a JSON event may be this long, a line for the screen never. */
export const longestRawLine = 1024 * 1024;

/** `bytes` is only valid during the call. */
export type OnLine = (bytes: Buffer, droppedBytes: number) => void;

/**
 * Cuts chunks of bytes into lines without their ends. Bytes, not text: a line feed is never part of another character in UTF-8, so a
 * broken character stays the trouble of its own line. What a line has beyond {@link longestRawLine} is counted, not kept.
 */
export class LineSplitter {
  #parts: Buffer[] = [];
  #kept = 0;
  #dropped = 0;
  /** The rest of the current line is to be thrown away: we came in the middle of it. */
  #passing = false;
  /** The beginning of the current line was handed on already. */
  #continued = false;

  push(chunk: Buffer, onLine: OnLine): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      if (end < 0) break;
      this.#endLine(chunk.subarray(start, end), onLine);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** Hands the unfinished line on as it is; what is still to come of it will be a line of its own. */
  flush(onLine: OnLine): void {
    if (this.#kept === 0) return;
    this.#emit(Buffer.concat(this.#parts), onLine);
    this.#continued = true;
  }

  /** An unfinished line is there and does not look like a JSON event, which would be worthless in parts. */
  get holdsText(): boolean {
    return this.#kept > 0 && this.#parts[0]?.[0] !== brace;
  }

  /** Forgets the unfinished line; with `inLine` also what is still to come of it. */
  restart(inLine: boolean): void {
    this.#clear();
    this.#passing = inLine;
    this.#continued = false;
  }

  #endLine(last: Buffer, onLine: OnLine): void {
    const continued = this.#continued;
    this.#continued = false;
    if (this.#passing) {
      this.#passing = false;
      this.#clear();
    } else if (this.#kept === 0) {
      if (!continued || last.length > 0) this.#emit(last, onLine);
    } else {
      this.#keep(last);
      this.#emit(Buffer.concat(this.#parts), onLine);
    }
  }

  #emit(line: Buffer, onLine: OnLine): void {
    const bytes = line.subarray(0, longestRawLine);
    const dropped = this.#dropped + line.length - bytes.length;
    this.#clear();
    onLine(bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes, dropped);
  }

  #keep(part: Buffer): void {
    if (this.#passing) return;
    const room = Math.max(0, longestRawLine - this.#kept);
    // A copy: the chunk's memory is read into again.
    if (room > 0) this.#parts.push(Buffer.from(part.subarray(0, room)));
    this.#kept += Math.min(room, part.length);
    this.#dropped += Math.max(0, part.length - room);
  }

  #clear(): void {
    this.#parts = [];
    this.#kept = 0;
    this.#dropped = 0;
  }
}
