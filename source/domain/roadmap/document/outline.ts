/**
 * The skeleton of a Markdown text: its lines, which of them are code, and its headings. Follows CommonMark where it matters for a roadmap:
 * fences of both kinds, nested ones, fences in list items, comments, and indented code, none of which may be read as text.
 */

export interface Heading {
  /** Index into {@link Outline.lines}. */
  readonly index: number;
  readonly level: number;
  /** Columns of the heading's text in its line: without the hashes in front and behind and without outer spaces. */
  readonly start: number;
  readonly end: number;
}

export interface Outline {
  /** Lines without their line ends. A byte order mark is not part of the first one. */
  readonly lines: readonly string[];
  /** 1 where a line is a fence, lies in one, or in a comment. */
  readonly code: Uint8Array;
  readonly headings: readonly Heading[];
  /** Index of the line that opens a fence or comment which never ends; null when all end. */
  readonly unclosed: number | null;
  /** Lines at the end of the text that are not among {@link lines}, since it has more than are read. */
  readonly unread: number;
}

interface Block {
  readonly kind: '`' | '~' | 'comment';
  readonly length: number;
  readonly indent: number;
  /** Column where the text of the list item begins that holds the fence; 0 outside lists. */
  readonly container: number;
  readonly index: number;
}

const listItem = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)/;
const fenceOpen = /^[ \t]*(?:(`{3,})[^`]*|(~{3,}).*)$/;
const fenceClose = /^[ \t]*(`{3,}|~{3,})[ \t]*$/;
const headingLine = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const underline = /^ {0,3}(?:(=+)|-{2,})[ \t]*$/;
/** Text that is an item's if it is a heading. A rule right below a paragraph is common, and seldom meant to make it one. */
const ownId = /^[^\p{L}\d]*(?:US|BUG|TASK|PRIORIT[YÉ])[ -]?\d/iu;

/** Lines that are read: several times what the longest roadmaps have. */
const lineLimit = 200_000;

/** Splits a text at `\n` and drops the `\r` before it, and a byte order mark at the start. The first 200,000 lines. */
export function splitLines(text: string): string[] {
  const lines = (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).split('\n', lineLimit);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line.charCodeAt(line.length - 1) === 13) lines[index] = line.slice(0, -1);
  }
  return lines;
}

/** Reads the skeleton in one pass. Never throws, linear in the text. */
export function readOutline(text: string): Outline {
  const lines = splitLines(text);
  const code = new Uint8Array(lines.length);
  const headings: Heading[] = [];
  const lists = new ListStack();
  let open: Block | null = null;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (open !== null && endsContainer(open, line)) open = null;
    if (open !== null) {
      code[index] = 1;
      if (closes(open, line)) open = null;
      continue;
    }
    const container = lists.enter(line);
    if (!mayMatter(line)) continue;
    const block = opened(line, index, container);
    const heading =
      block === null && container === 0 ? (readHeading(line, index) ?? underlined(lines, code, index)) : null;
    if (heading !== null) headings.push(heading);
    if (block !== null) code[index] = 1;
    open = block !== null && isWhole(block, line) ? null : block;
  }
  const unread = unreadLines(text);
  return { lines, code, headings, unclosed: unread > 0 ? null : (open?.index ?? null), unread };
}

/** Lines of a text behind the first `limit`. */
export function unreadLines(text: string, limit = lineLimit): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return Math.max(0, count - limit);
}

/** The list items around the current line, by the column where their text begins. */
class ListStack {
  readonly #columns: number[] = [];
  #blank = false;

  /** Takes the next line that is not code; returns the column of the innermost list item that holds it, 0 for none. */
  enter(line: string): number {
    const indent = indentOf(line);
    if (indent === line.length) {
      this.#blank = true;
      return this.#columns.at(-1) ?? 0;
    }
    const item = mayBeListItem(line.charCodeAt(indent)) ? listItem.exec(line) : null;
    const starts = item !== null || this.#blank || startsBlock(line.charCodeAt(indent));
    if (starts) this.#leave(columnAt(line, indent));
    this.#blank = false;
    const inside = this.#columns.at(-1) ?? 0;
    if (item !== null) this.#columns.push(columnAt(line, item[0].length));
    return inside;
  }

  #leave(column: number): void {
    while (this.#columns.length > 0 && (this.#columns.at(-1) ?? 0) > column) this.#columns.pop();
  }
}

/** Characters whose lines interrupt a paragraph: such a line leaves a list item even without a blank line before it. */
function startsBlock(code: number): boolean {
  return code === 35 || code === 96 || code === 126 || code === 60 || code === 62;
}

function mayBeListItem(code: number): boolean {
  return code === 42 || code === 43 || code === 45 || (code >= 48 && code <= 57);
}

/** True for lines that could be a heading, the line below one, a fence or a comment: a quick test that most lines fail. */
function mayMatter(line: string): boolean {
  const code = line.charCodeAt(indentOf(line));
  return code === 35 || code === 96 || code === 126 || code === 60 || code === 61 || (code === 45 && isRule(line));
}

function isRule(line: string): boolean {
  return line.includes('--') && underline.test(line);
}

/** Number of blank characters at the start. */
function indentOf(line: string): number {
  let at = 0;
  while (line.charCodeAt(at) === 32 || line.charCodeAt(at) === 9) at++;
  return at;
}

/** Width of the first `length` characters, with tab stops of four. */
function columnAt(line: string, length: number): number {
  let column = 0;
  for (let at = 0; at < length; at++) column += line.charCodeAt(at) === 9 ? 4 - (column % 4) : 1;
  return column;
}

function opened(line: string, index: number, container: number): Block | null {
  const indent = columnAt(line, indentOf(line));
  if (indent - container > 3) return null;
  if (line.startsWith('<!--', indentOf(line))) return { kind: 'comment', length: 0, indent, container, index };
  const match = fenceOpen.exec(line);
  if (match === null) return null;
  const length = (match[1] ?? match[2] ?? '').length;
  return { kind: match[1] === undefined ? '~' : '`', length, indent, container, index };
}

/** A comment that ends in the line where it begins. */
function isWhole(block: Block, line: string): boolean {
  return block.kind === 'comment' && line.includes('-->', line.indexOf('<!--') + 4);
}

function closes(open: Block, line: string): boolean {
  if (open.kind === 'comment') return line.includes('-->');
  const match = fenceClose.exec(line);
  if (match === null) return false;
  const marks = match[1] ?? '';
  return marks[0] === open.kind && marks.length >= open.length && columnAt(line, indentOf(line)) <= open.container + 3;
}

/** A fence in a list item ends with the item: at the first text to the left of it. */
function endsContainer(open: Block, line: string): boolean {
  if (open.container === 0) return false;
  const blanks = indentOf(line);
  return blanks < line.length && columnAt(line, blanks) < open.container;
}

/** A heading of one line of text above a line of `=` or `-`, where that line is the one at `index`. */
function underlined(lines: readonly string[], code: Uint8Array, index: number): Heading | null {
  const level = underline.exec(lines[index] ?? '');
  const text = lines[index - 1] ?? '';
  const start = indentOf(text);
  const isAlone = index > 0 && ((lines[index - 2] ?? '').trim() === '' || code[index - 2] === 1);
  if (level === null || !isAlone || start === text.length || start > 3 || code[index - 1] === 1) return null;
  if (headingLine.test(text) || listItem.test(text) || /^[>|]/.test(text.slice(start))) return null;
  if (level[1] === undefined && !ownId.test(text)) return null;
  return { index: index - 1, level: level[1] === undefined ? 2 : 1, start, end: text.trimEnd().length };
}

function readHeading(line: string, index: number): Heading | null {
  const match = headingLine.exec(line);
  if (match === null) return null;
  const start = match[0].length;
  let end = line.trimEnd().length;
  let hashes = end;
  while (hashes > start && line.charCodeAt(hashes - 1) === 35) hashes--;
  if (hashes < end && (hashes <= start || /[ \t]/.test(line[hashes - 1] ?? '')))
    end = line.slice(0, hashes).trimEnd().length;
  return { index, level: (match[1] ?? '').length, start, end: Math.max(start, end) };
}
