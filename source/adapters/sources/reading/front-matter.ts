/** The front matter of a Markdown file: YAML between two lines of three dashes at its very beginning. */
import { isMap, isScalar, parseDocument } from 'yaml';

export interface FrontMatter {
  readonly values: Readonly<Record<string, unknown>>;
  /** What stands behind the closing line. */
  readonly body: string;
  /** Offset of the first character of the YAML in the text. */
  readonly start: number;
  readonly yaml: string;
}

/** Nobody writes more by hand, and what a parser makes of it stays small. */
const limit = 64 * 1024;

/** The front matter; null: the file has none. A string is a clause that says why it cannot be read. */
export function readFrontMatter(text: string): FrontMatter | string | null {
  const opening = /^\uFEFF?---[ \t]*\r?\n/.exec(text)?.[0];
  if (opening === undefined) return null;
  const start = opening.length;
  const closing = /^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/gm;
  closing.lastIndex = start;
  const end = closing.exec(text.length > limit + start ? text.slice(0, limit + start) : text);
  if (end === null)
    return text.length > limit + start
      ? 'has front matter of more than 64 KiB or without a closing line of three dashes'
      : 'has front matter that is never closed: add a line of three dashes behind it';
  const yaml = text.slice(start, end.index);
  const values = readYamlValues(yaml);
  if (typeof values === 'string') return values;
  return { values, body: text.slice(end.index + end[0].length), start, yaml };
}

/** The names and values of YAML that is a list of these. A string is a clause that says why it cannot be read. */
export function readYamlValues(yaml: string): Readonly<Record<string, unknown>> | string {
  return simpleValues(yaml) ?? anyValues(yaml);
}

const entry = /^([ \t]*)-[ \t]+(\S.*?)[ \t]*$/;
const foldedLine = /^ {2}\S(?:.*\S)?$/;
const nameForm = /^[A-Za-z_][\w-]*$/;
/** Names that a parser may read as something else than a word. */
const oddName = /^(?:null|true|false|__proto__)$/i;
const plain = /^[\p{L}\p{N}_@./+(][^\n:#'"{}[\]&*!|>%`]*$/u;
/** What a parser may read as a number, a truth or as nothing. */
const oddWord = /^(?:null|~|yes|no|on|off|true|false|[-+]?\.(?:inf|nan)|0[xo][\da-f]*|[-+.\d]+(?:e[-+]?\d*)?)$/i;
const date = /^\d{4}-\d\d-\d\d(?: \d\d:\d\d)?$/;
const tab = 0x09;
const space = 0x20;
const dash = 0x2d;

/**
 * Most front matter is names with plain words, numbers, short lists and folded titles. Reading those here takes a hundredth of what a YAML
 * parser needs, and thousands of files are read at a start. Null for anything else: a parser reads that.
 */
function simpleValues(yaml: string): Record<string, unknown> | null {
  const values: Record<string, unknown> = Object.create(null);
  for (let at = 0; at < yaml.length; ) {
    const end = endOfLine(yaml, at);
    const next = nextLine(yaml, end);
    if (isBlank(yaml, at, end)) {
      at = next;
      continue;
    }
    const colon = yaml.indexOf(':', at);
    if (colon < 0 || colon >= end || (colon + 1 < end && !isBlank(yaml, colon + 1, colon + 2))) return null;
    const name = yaml.slice(at, colon);
    if (!nameForm.test(name) || oddName.test(name) || name in values) return null;
    const written = withoutBlanks(yaml, colon + 1, end);
    at = next;
    while (at < yaml.length && isBelow(yaml, at)) at = nextLine(yaml, endOfLine(yaml, at));
    const value = at === next ? simpleValue(written) : valueWithLines(written, yaml.slice(next, at));
    if (value === undefined) return null;
    values[name] = value;
  }
  return values;
}

/** True where a line begins as one that belongs to the value before it. */
function isBelow(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === space || code === dash || code === tab || endOfLine(text, at) === at;
}

/** Where the line at `at` ends: at its break, of which there are two kinds, or with the text. */
function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  if (end < 0) return text.length;
  return end > at && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
}

function nextLine(text: string, end: number): number {
  return text.charCodeAt(end) === 0x0d ? end + 2 : end + 1;
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (text.charCodeAt(at) !== space && text.charCodeAt(at) !== tab) return false;
  return true;
}

function withoutBlanks(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text, start, start + 1)) start++;
  while (end > start && isBlank(text, end - 1, end)) end--;
  return text.slice(start, end);
}

/** The value of a name with lines below it: a list or a folded text. Undefined: it takes a parser. */
function valueWithLines(written: string, below: string): unknown {
  const lines = below.split('\n').map(line => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const last = lines.findLastIndex(line => !isBlank(line, 0, line.length));
  const filled = lines.slice(0, last + 1);
  if (filled.length === 0) return simpleValue(written);
  // Any tool indents these by two; what else there may be is for the parser.
  if (written === '>-')
    return filled.every(line => foldedLine.test(line)) ? filled.map(line => line.slice(2)).join(' ') : undefined;
  if (written !== '') return undefined;
  const indent = entry.exec(filled[0] ?? '')?.[1];
  const list = filled.map(line => {
    const match = entry.exec(line);
    return match === null || match[1] !== indent ? undefined : simpleScalar(match[2] ?? '');
  });
  return list.includes(undefined) ? undefined : list;
}

/** Undefined: it takes a parser. */
function simpleValue(text: string): unknown {
  if (text === '') return null;
  if (!text.startsWith('[')) return simpleScalar(text);
  if (!text.endsWith(']')) return undefined;
  const inner = text.slice(1, -1).trim();
  const values = inner === '' ? [] : inner.split(',').map(part => simpleScalar(part.trim()));
  return values.includes(undefined) ? undefined : values;
}

function simpleScalar(text: string): unknown {
  const isQuoted = text.startsWith("'") || text.startsWith('"');
  const quoted = !isQuoted ? null : /^'((?:[^']|'')*)'$|^"([^"\\]*)"$/.exec(text);
  if (quoted !== null) return quoted[1]?.replaceAll("''", "'") ?? quoted[2];
  if (/^-?[1-9]\d{0,14}$|^0$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (oddWord.test(text)) return date.test(text) ? text : undefined;
  return plain.test(text) || date.test(text) ? text : undefined;
}

function anyValues(yaml: string): Record<string, unknown> | string {
  try {
    const document = parseDocument(withNames(yaml, "'"), { logLevel: 'silent', uniqueKeys: true });
    const [error] = document.errors;
    if (error !== undefined) return `has front matter that is not valid YAML: ${firstLine(error.message)}`;
    if (document.contents === null) return {};
    if (!isMap(document.contents)) return 'has front matter that is not a list of names and values';
    const found: unknown = document.toJS({ maxAliasCount: 20 });
    const values: Record<string, unknown> = Object.create(null);
    if (typeof found === 'object' && found !== null)
      for (const [name, value] of Object.entries(found)) if (name !== '__proto__') values[name] = value;
    return values;
  } catch (error) {
    if (error instanceof RangeError) return 'has front matter that is nested too deeply';
    return `has front matter that cannot be read: ${firstLine(error instanceof Error ? error.message : String(error))}`;
  }
}

/** People write `assignee: @ada`, which a parser refuses: such names in quotes, or without the sign where there are none. */
function withNames(yaml: string, quote: '' | "'"): string {
  return yaml.replace(
    /^([A-Za-z_][\w-]*:[ \t]+|[ \t]*-[ \t]+)@([^\s'"]+)(?=[ \t]*\r?$)/gm,
    quote === '' ? '$1_$2' : "$1'@$2'",
  );
}

/** Where the value of a name stands in the text, as offsets; null where it has none that is a single word or string. */
export function placeOfValue(
  matter: FrontMatter,
  name: string,
): { readonly start: number; readonly end: number } | null {
  // Names of the same length, so that every place stays where it is.
  const document = parseDocument(withNames(matter.yaml, ''), { logLevel: 'silent' });
  if (document.errors.length > 0 || !isMap(document.contents)) return null;
  const value: unknown = document.get(name, true);
  if (!isScalar(value) || value.range === undefined || value.range === null) return null;
  const [start, end] = value.range;
  return start === end ? null : { start: matter.start + start, end: matter.start + end };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/[.:\s]+$/, '') ?? '';
}
