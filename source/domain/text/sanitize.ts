/**
 * Makes foreign text harmless for a terminal, at the place where it enters: logs, paths, refs, subjects, errors of programs, titles.
 *
 * What happens to a text, in this order:
 * 1. It is cut to a length, so that nothing below ever works on an unbounded line.
 * 2. Whole escape sequences (CSI, OSC, DCS, SOS, PM, APC, two-byte escapes; 7-bit and 8-bit form) are removed, so that the log of a
 *    colourful program stays readable. A sequence that is broken or continues past its line is not removed but defused by step 3.
 * 3. What is left is judged by code point: C0 controls and DEL become their control pictures (U+2400 …), everything that reorders or
 *    hides text (C1, bidi controls, line and paragraph separators, BOM, tags, invisible format characters, lone surrogates) becomes
 *    U+FFFD, a tab becomes {@link tabWidth} spaces, and a run of combining marks is cut short.
 *
 * Every step looks at a character a bounded number of times: the time is linear in the text, whatever stands in it.
 */

/** Spaces that replace a tab. A fixed number, since the column a tab stands in depends on where the line is shown. */
const tabWidth = 4;
/** Zero-width characters kept in a row; more than this is decoration that spills over its neighbours. */
const markLimit = 6;

const escapeCode = 0x1b;
const replacement = '\uFFFD';
const anyMark = /^\p{M}$/u;
const plainAscii = /^[\x20-\x7e]*$/;
/** ASCII without spaces and backslashes: nothing to escape. */
const plainPath = /^[!-[\]-~]*$/;

/**
 * One line for the screen. Line breaks inside it become visible glyphs; one carriage return at the end is dropped.
 * A text longer than `maxLength` UTF-16 units is cut there and ends in `…`.
 */
export function sanitizeLine(text: string, maxLength = 4096): string {
  if (text.length <= maxLength && plainAscii.test(text)) return text;
  return finish(text.endsWith('\r') ? text.slice(0, -1) : text, maxLength, false);
}

/** Like {@link sanitizeLine} for several lines: `\n` is kept and `\r\n` becomes `\n`. `maxLength` counts the whole block. */
export function sanitizeBlock(text: string, maxLength: number): string {
  return finish(text, maxLength, true);
}

/**
 * A path as an approval page shows it: every character that could hide, reorder or be mistaken stands there as an escape (`\n`, `\x1b`,
 * `\u202e`), a backslash as `\\`, and spaces at either end as `\x20`. Different paths never look the same for want of an escape.
 */
export function escapePath(path: string): string {
  if (path.length <= 4096 && plainPath.test(path)) return path;
  const shown = path.length > 4096 ? `${cut(path, 4096)}` : path;
  let out = '';
  let marks = 0;
  let at = 0;
  for (const char of shown) {
    const atEdge = at === 0 || at + char.length === path.length;
    marks = anyMark.test(char) ? marks + 1 : 0;
    out += char === ' ' && atEdge ? '\\x20' : marks > 2 || mustEscape(char) ? escapeChar(char) : char;
    at += char.length;
  }
  return shown.length < path.length ? `${out}… (${path.length - shown.length} more)` : out;
}

const escaped = /^[\p{C}\p{Default_Ignorable_Code_Point}\\]$/u;
const oddSpace = /^\p{Z}$/u;

function mustEscape(char: string): boolean {
  return escaped.test(char) || (char !== ' ' && oddSpace.test(char));
}

const namedEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function escapeChar(char: string): string {
  const named = namedEscapes[char];
  if (named !== undefined) return named;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function finish(text: string, maxLength: number, keepBreaks: boolean): string {
  const whole = text.length <= maxLength;
  const cleaned = clean(whole ? text : cut(text, maxLength), keepBreaks, !whole);
  return whole ? cleaned : `${cleaned}…`;
}

/** The first `length` units, never half of a surrogate pair. */
function cut(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splits ? length - 1 : length);
}

/** Copies harmless stretches as they are and replaces what lies between them. */
function clean(text: string, keepBreaks: boolean, wasCut: boolean): string {
  let out = '';
  let start = 0;
  let marks = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isHarmless(code)) {
      marks = 0;
      at++;
      continue;
    }
    const end = sequenceEnd(text, at);
    const step = end > at ? end - at : codePointLength(text, at);
    if (end < 0 && wasCut) return out + text.slice(start, at);
    const spare = end > at ? '' : substitute(text, at, keepBreaks);
    if (spare === null) marks = isZeroWidth(text.codePointAt(at) ?? 0) ? marks + 1 : 0;
    if (spare !== null || marks > markLimit) {
      out += text.slice(start, at) + (spare ?? '');
      start = at + step;
    }
    at += step;
  }
  return start === 0 ? text : out + text.slice(start);
}

/** Code units that need no second look: neither controls nor invisible nor combining. Covers most of what people write. */
function isHarmless(code: number): boolean {
  if (code < 0x7f) return code >= 0x20;
  return (
    (code > 0x9f && code < 0x300 && code !== 0xad) ||
    (code >= 0x2100 && code <= 0x2cee) ||
    (code >= 0x3400 && code <= 0xa66e) ||
    (code >= 0xac00 && code <= 0xd7ff)
  );
}

function codePointLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** What stands for the character at `at`; null when it may stay. */
function substitute(text: string, at: number, keepBreaks: boolean): string | null {
  const code = text.codePointAt(at) ?? 0;
  if (code < 0x20) return control(text, at, code, keepBreaks);
  if (code === 0x7f) return '\u2421';
  return isHidden(code) ? replacement : null;
}

function control(text: string, at: number, code: number, keepBreaks: boolean): string | null {
  if (code === 0x09) return ' '.repeat(tabWidth);
  if (keepBreaks && code === 0x0a) return null;
  if (keepBreaks && code === 0x0d && text.charCodeAt(at + 1) === 0x0a) return '';
  return String.fromCharCode(0x2400 + code);
}

/** Characters that hide or reorder others. The joiners U+200C and U+200D stay: scripts and emoji need them. */
function isHidden(code: number): boolean {
  return (
    (code >= 0x80 && code <= 0x9f) ||
    code === 0xad ||
    code === 0x061c ||
    code === 0x180e ||
    code === 0x200b ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff ||
    (code >= 0xfff9 && code <= 0xfffb) ||
    (code >= 0xe0000 && code <= 0xe00ff)
  );
}

function isZeroWidth(code: number): boolean {
  return code === 0x200c || code === 0x200d || anyMark.test(String.fromCodePoint(code));
}

/** 8-bit introducers and the character that follows ESC in their 7-bit form. */
const introducers: Readonly<Record<number, string>> = {
  144: 'P',
  152: 'X',
  155: '[',
  157: ']',
  158: '^',
  159: '_',
};

/**
 * Where the escape sequence that begins at `at` ends; `at` when none begins there or it is malformed, -1 when the text ends inside it.
 * Every scan stops at the next ESC at the latest, so that no stretch of text is scanned for two sequences.
 */
function sequenceEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const seven = code === escapeCode;
  const kind = seven ? text[at + 1] : introducers[code];
  if (kind === undefined) return seven ? -1 : at;
  const body = at + (seven ? 2 : 1);
  if (kind === '[') return controlSequenceEnd(text, at, body);
  if (']PX^_'.includes(kind)) return stringEnd(text, at, body, kind === ']');
  return shortEscapeEnd(text, at);
}

/** Parameter bytes, intermediate bytes, one final byte. */
function controlSequenceEnd(text: string, at: number, body: number): number {
  let next = skip(text, body, 0x30, 0x3f);
  next = skip(text, next, 0x20, 0x2f);
  return finalByte(text, at, next, 0x40);
}

/** ESC, intermediate bytes, one final byte: charset choices, cursor save, resets. */
function shortEscapeEnd(text: string, at: number): number {
  return finalByte(text, at, skip(text, at + 1, 0x20, 0x2f), 0x30);
}

function finalByte(text: string, at: number, next: number, lowest: number): number {
  if (next >= text.length) return -1;
  const code = text.charCodeAt(next);
  return code >= lowest && code <= 0x7e ? next + 1 : at;
}

function skip(text: string, from: number, low: number, high: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) >= low && text.charCodeAt(at) <= high) at++;
  return at;
}

/** A command string up to ST, or BEL where the terminal takes that too. Another control than a tab breaks it off. */
function stringEnd(text: string, at: number, body: number, bellEnds: boolean): number {
  for (let next = body; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === 0x9c) return next + 1;
    if (code === 0x07 && bellEnds) return next + 1;
    if (code === escapeCode && text[next + 1] === '\\') return next + 2;
    if ((code < 0x20 && code !== 0x09) || (code >= 0x80 && code <= 0x9f)) return at;
  }
  return -1;
}
