import type { FileHandle } from 'node:fs/promises';
import { createContext, Script } from 'node:vm';
import { CmError } from '../../domain/errors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { SearchOptions, SearchPattern, SearchResult } from '../../ports/logs.ts';

const blockSize = 256 * 1024;
/** Bytes of a line that are looked at: all that is shown of it. */
const decoded = 16 * 1024;
/** An expression may take this long for one block; a decent one takes a hundredth. */
const blockLimitMs = 1_000;
const lineFeed = 0x0a;
const escapeCode = 0x1b;
const tab = 0x09;

interface Line {
  readonly offset: number;
  readonly text: string;
}

/**
 * Searches a log from its start, block by block, in the lines as they are shown (sanitised, cut). Throws `CmError` for an expression
 * that is none, or that takes too long.
 */
export async function searchLog(
  file: FileHandle,
  pattern: SearchPattern,
  options: SearchOptions,
): Promise<SearchResult> {
  const matcher = new Matcher(pattern);
  const lines = new LineCollector(matcher.needle);
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafe(blockSize);
  let matches = 0;
  const report = (found: readonly Line[]) => {
    matches += found.length;
    for (const line of found) options.onMatch(line);
  };
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(blockSize, size - at), at);
    if (options.signal?.aborted === true) return { matches, complete: false };
    if (bytesRead === 0) break;
    report(matcher.filter(lines.push(buffer.subarray(0, bytesRead))));
    at += bytesRead;
    options.onProgress?.(at);
  }
  report(matcher.filter(lines.end()));
  return { matches, complete: true };
}

/**
 * Finds the lines that match. Expressions of a person's run under a time limit: a careless one can run practically for ever on an unlucky
 * line. Plain text cannot, and is found however busy the machine is.
 */
class Matcher {
  /** Tells whether bytes can hold a match; null where they say nothing about it. */
  readonly needle: Needle | null;
  /** Does a line hold the plain text? Null: an expression is looked for. */
  readonly #holds: ((line: string) => boolean) | null;
  readonly #context: { lines: readonly string[]; hits: number[]; expression: RegExp | null };
  readonly #script = new Script(
    'hits = []; for (let at = 0; at < lines.length; at++) if (expression.test(lines[at])) hits.push(at);',
  );

  constructor({ text, regex, ignoreCase }: SearchPattern) {
    this.needle = regex ? null : needleOf(text, ignoreCase);
    const expression = regex || ignoreCase ? compile(regex ? text : escapeRegex(text), ignoreCase) : null;
    this.#holds = regex ? null : line => expression?.test(line) ?? line.includes(text);
    this.#context = { lines: [], hits: [], expression };
    if (regex) createContext(this.#context);
  }

  filter(lines: readonly Line[]): readonly Line[] {
    const holds = this.#holds;
    if (holds !== null) return lines.filter(line => holds(line.text));
    if (lines.length === 0) return lines;
    this.#context.lines = lines.map(line => line.text);
    try {
      this.#script.runInContext(this.#context, { timeout: blockLimitMs });
    } catch (cause) {
      throw new CmError('This expression takes too long on these lines: write it without nested repetitions.', 2, {
        cause,
      });
    }
    return this.#context.hits.flatMap(at => lines[at] ?? []);
  }
}

type Needle = (bytes: Buffer) => boolean;

/** Letters beyond ASCII that are the same as `s` and `k` where case does not count: long s and the Kelvin sign. */
const twins: readonly (readonly [letter: string, twin: Buffer])[] = [
  ['s', Buffer.from('\u017f')],
  ['k', Buffer.from('\u212a')],
];

/** A plain text as bytes to look for, which costs a hundredth of building lines; null: bytes cannot decide it. */
function needleOf(text: string, ignoreCase: boolean): Needle | null {
  if (text === '') return null;
  if (!ignoreCase) {
    const exact = Buffer.from(text);
    return bytes => bytes.includes(exact);
  }
  if (!/^[\x20-\x7e]*$/.test(text)) return null;
  const small = text.toLowerCase();
  const others = twins.filter(([letter]) => small.includes(letter)).map(([, twin]) => twin);
  return bytes => bytes.toString('latin1').toLowerCase().includes(small) || others.some(twin => bytes.includes(twin));
}

function compile(source: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(source, ignoreCase ? 'iu' : 'u');
  } catch (cause) {
    const why = cause instanceof Error ? sanitizeLine(cause.message, 200) : '';
    throw new CmError(`Invalid regular expression (${why}). Fix it, or search for plain text.`, 2, { cause });
  }
}

function escapeRegex(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&');
}

/** Cuts blocks into lines with their offsets. With a needle, stretches that do not contain it are passed over undecoded. */
class LineCollector {
  readonly #needle: Needle | null;
  /** Where the current line begins, and its first bytes. */
  #start = 0;
  #head: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(needle: Needle | null) {
    this.#needle = needle;
  }

  push(block: Buffer): readonly Line[] {
    const lines: Line[] = [];
    const last = block.lastIndexOf(lineFeed);
    let from = 0;
    if (this.#head.length > 0 && last >= 0) from = this.#finish(block, 0, lines);
    if (last >= from && this.#isWorthwhile(block.subarray(from, last))) {
      while (from <= last) from = this.#finish(block, from, lines);
    }
    if (last >= 0) this.#start = this.#at + last + 1;
    this.#keep(block.subarray(last + 1));
    this.#at += block.length;
    return lines;
  }

  /** A last line without an end. */
  end(): readonly Line[] {
    return this.#head.length === 0 ? [] : [this.#line(Buffer.alloc(0))];
  }

  /** Ends the current line at the next line feed from `from` on; returns where the one after it begins. */
  #finish(block: Buffer, from: number, lines: Line[]): number {
    const end = block.indexOf(lineFeed, from);
    lines.push(this.#line(block.subarray(from, end)));
    this.#head = Buffer.alloc(0);
    this.#start = this.#at + end + 1;
    return end + 1;
  }

  #line(rest: Buffer): Line {
    const bytes = this.#head.length === 0 ? rest : Buffer.concat([this.#head, rest]);
    return { offset: this.#start, text: sanitizeLine(bytes.toString('utf8', 0, Math.min(bytes.length, decoded))) };
  }

  /** Escapes and tabs are shown otherwise than they are written, so bytes say nothing about such a stretch. */
  #isWorthwhile(stretch: Buffer): boolean {
    if (this.#needle === null) return true;
    return this.#needle(stretch) || stretch.includes(escapeCode) || stretch.includes(tab);
  }

  #keep(rest: Buffer): void {
    if (this.#head.length >= decoded) return;
    this.#head = Buffer.concat([this.#head, rest.subarray(0, decoded)]);
  }
}
