/** A JSON file whose values can be found again, so that one of them can be replaced without touching the rest. */
import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';

/** Names of fields and places in lists, from the outermost value on. */
export type JsonPath = readonly (string | number)[];

export interface JsonFile {
  /** As `JSON.parse` gives it: a name such as `__proto__` is a name like any other. */
  readonly value: unknown;
  /** 1-based line of a value, null where there is none. */
  line(path: JsonPath): number | null;
  place(path: JsonPath): { readonly start: number; readonly end: number } | null;
}

/** Deeper nesting than any list of items has; a file that goes deeper is refused before it is parsed. */
const depthLimit = 100;

/** The file, or a clause that says why it cannot be read. */
export function readJson(text: string): JsonFile | string {
  if (isTooDeep(text)) return `is nested more than ${depthLimit} levels deep`;
  const plain = text.charCodeAt(0) === 0xfeff ? ` ${text.slice(1)}` : text;
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch {
    return whyInvalid(plain);
  }
  const places = new Places(plain);
  const starts = lineStartsOf(text);
  return {
    value,
    line(path) {
      const place = places.find(path);
      return place === null ? null : lineAt(starts, place.start);
    },
    place: path => places.find(path),
  };
}

/** What is wrong with text that is not JSON, and where, as a clause. */
function whyInvalid(text: string): string {
  let found: { readonly error: ParseErrorCode; readonly line: number } | null = null;
  visit(
    text,
    {
      onError(error, _offset, _length, line) {
        found ??= { error, line: line + 1 };
      },
    },
    { disallowComments: true },
  );
  // Set by the visit, which the compiler does not see.
  const { error, line } = (found as { readonly error: ParseErrorCode; readonly line: number } | null) ?? {
    error: 0,
    line: 1,
  };
  const what = error === 0 ? 'no value' : printParseErrorCode(error);
  return `is not valid JSON on line ${line} (${what.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()})`;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where the values of valid JSON stand. A tree of a large file takes gigabytes, so only what is asked for is looked at, once. */
class Places {
  readonly #text: string;
  /** By where a list or object starts: where its values are. */
  readonly #children = new Map<number, ReadonlyMap<string | number, Place>>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Null where there is no such value. Of two fields of one name it is the last one, whose value counts. */
  find(path: JsonPath): Place | null {
    const start = skipBlanks(this.#text, 0);
    let place: Place = { start, end: this.#text.length };
    for (const part of path) {
      const child = this.#childrenOf(place.start).get(part);
      if (child === undefined) return null;
      place = child;
    }
    return place;
  }

  #childrenOf(start: number): ReadonlyMap<string | number, Place> {
    const known = this.#children.get(start);
    if (known !== undefined) return known;
    const children = new Map<string | number, Place>();
    const text = this.#text;
    const isList = text[start] === '[';
    if (isList || text[start] === '{') {
      for (let at = skipBlanks(text, start + 1); at < text.length && !isClosing(text.charCodeAt(at)); ) {
        let name: string | number = children.size;
        if (!isList) {
          const end = endOfValue(text, at);
          name = String(JSON.parse(text.slice(at, end)));
          at = skipBlanks(text, skipBlanks(text, end) + 1);
        }
        const end = endOfValue(text, at);
        children.set(name, { start: at, end });
        at = skipBlanks(text, end);
        if (text[at] === ',') at = skipBlanks(text, at + 1);
      }
    }
    this.#children.set(start, children);
    return children;
  }
}

const quote = 0x22;
const backslash = 0x5c;

function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** The end of the value that starts at `from`: a string, a list or object with all in it, or a word up to what cannot be part of one. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      if (depth === 0) return at + 1;
    } else if (isOpening(code)) depth++;
    else if (isClosing(code)) {
      // Behind a word in a list or an object.
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (code === 0x2c || code <= 0x20)) return at;
  }
  return text.length;
}

/** Index of the quote that ends the string which starts at `from`. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/** Counts brackets outside strings. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (isOpening(code)) {
      if (++depth > depthLimit) return true;
    } else if (isClosing(code)) depth--;
  }
  return false;
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
