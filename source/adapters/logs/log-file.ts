import type { FileHandle } from 'node:fs/promises';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { LogChunk, LogFile, LogLine, SearchOptions, SearchPattern, SearchResult } from '../../ports/logs.ts';
import { openRegularHandle } from '../regular-file.ts';
import { BlockReader } from './block-reader.ts';
import { searchLog } from './search-log.ts';

/** A stretch longer than this without a line end is cut into lines of this length, so that no read is unbounded. */
const longestStretch = 1024 * 1024;
/** Bytes of a line that are decoded: enough for all the characters that are shown. */
const decoded = 16 * 1024;

interface Span {
  readonly start: number;
  /** Behind the line's last byte, its line end not counted. */
  readonly end: number;
}

/** A log that can also be searched from its start to its end. */
export interface SearchableLog extends LogFile {
  search(pattern: SearchPattern, options: SearchOptions): Promise<SearchResult>;
}

/**
 * Opens a log of any size for paging; see `LogFile`. A last line without an end counts as a line. Times are not known, all lines are
 * `text`. Throws `CmError` for links and for anything that is not a regular file.
 */
export async function openLogFile(
  path: string,
  stream: LogLine['stream'],
  redact: (text: string) => string = text => text,
): Promise<SearchableLog> {
  return new PagedLog(await openRegularHandle(path), stream, redact);
}

class PagedLog implements SearchableLog {
  readonly #file: FileHandle;
  readonly #stream: LogLine['stream'];
  readonly #redact: (text: string) => string;

  constructor(file: FileHandle, stream: LogLine['stream'], redact: (text: string) => string) {
    this.#file = file;
    this.#stream = stream;
    this.#redact = redact;
  }

  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  async forward(offset: number, maxLines: number): Promise<LogChunk> {
    const reader = new BlockReader(this.#file, await this.size());
    const start = await lineStart(reader, clamp(offset, reader.size));
    const spans: Span[] = [];
    let at = start;
    while (spans.length < maxLines && at < reader.size) {
      const limit = Math.min(reader.size, at + longestStretch);
      const end = await reader.nextLineFeed(at, limit);
      spans.push({ start: at, end: end ?? limit });
      at = end === null ? limit : end + 1;
    }
    return { lines: await this.#lines(reader, spans), start, end: at };
  }

  async backward(offset: number, maxLines: number): Promise<LogChunk> {
    const reader = new BlockReader(this.#file, await this.size());
    const end = await lineEnd(reader, clamp(offset, reader.size));
    const spans: Span[] = [];
    let at = end;
    while (spans.length < maxLines && at > 0) {
      const lineEnds = (await reader.isLineStart(at)) ? at - 1 : at;
      const start = await stretchStart(reader, lineEnds);
      spans.push({ start, end: lineEnds });
      at = start;
    }
    return { lines: await this.#lines(reader, spans.reverse()), start: at, end };
  }

  search(pattern: SearchPattern, options: SearchOptions): Promise<SearchResult> {
    return searchLog(this.#file, pattern, options);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #lines(reader: BlockReader, spans: readonly Span[]): Promise<LogChunk['lines']> {
    const lines: LogChunk['lines'][number][] = [];
    for (const { start, end } of spans) {
      const bytes = await reader.read(start, Math.min(end, start + decoded));
      const text = this.#redact(sanitizeLine(bytes.toString('utf8')));
      lines.push({ offset: start, line: { time: null, kind: 'text', stream: this.#stream, text } });
    }
    return lines;
  }
}

/** `offset` itself where a line begins, else where the next one does. */
async function lineStart(reader: BlockReader, offset: number): Promise<number> {
  if (offset >= reader.size || (await reader.isLineStart(offset))) return offset;
  const limit = Math.min(reader.size, offset + longestStretch);
  const end = await reader.nextLineFeed(offset, limit);
  return end === null ? limit : end + 1;
}

/** `offset` itself where a line has ended, else where the last one before it did. */
async function lineEnd(reader: BlockReader, offset: number): Promise<number> {
  if (offset >= reader.size || (await reader.isLineStart(offset))) return offset;
  return stretchStart(reader, offset);
}

/** Where the line begins that ends at `end`; not further back than a stretch. */
async function stretchStart(reader: BlockReader, end: number): Promise<number> {
  const limit = Math.max(0, end - longestStretch);
  const before = await reader.previousLineFeed(limit, end);
  return before === null ? limit : before + 1;
}

function clamp(offset: number, size: number): number {
  return Math.min(Math.max(0, Math.floor(offset)), size);
}
