/** The front matter of a Markdown file: YAML between two lines of three dashes at its very beginning. */
import { isMap, isScalar, parseDocument } from 'yaml';

export interface FrontMatter {
  readonly values: Readonly<Record<string, unknown>>;
  /** What stands behind the closing line. */
  readonly body: string;
  /** 1-based line of the first line of the body. */
  readonly bodyLine: number;
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
  const values = simpleValues(yaml) ?? anyValues(yaml);
  if (typeof values === 'string') return values;
  const before = text.slice(0, end.index + end[0].length);
  return { values, body: text.slice(before.length), bodyLine: before.split('\n').length, start, yaml };
}

const pair = /^([A-Za-z_][\w-]*):(?:[ \t]+(\S.*?))?[ \t]*$/;
const entry = /^[ \t]+-[ \t]+(\S.*?)[ \t]*$|^-[ \t]+(\S.*?)[ \t]*$/;
const plain = /^[\p{L}\p{N}_@./+(][^\n:#'"{}[\]&*!|>%`]*$/u;

/**
 * Most front matter is names with plain words, numbers and short lists. Reading those here takes a hundredth of what a YAML parser needs, and
 * thousands of files are read at a start. Null for anything else: a parser reads that.
 */
function simpleValues(yaml: string): Record<string, unknown> | null {
  const values: Record<string, unknown> = Object.create(null);
  let list: unknown[] | null = null;
  for (const raw of yaml.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.trim() === '') continue;
    const item = entry.exec(line);
    if (item !== null) {
      const value = simpleScalar(item[1] ?? item[2] ?? '');
      if (list === null || value === undefined) return null;
      list.push(value);
      continue;
    }
    const match = pair.exec(line);
    const name = match?.[1];
    if (name === undefined || name === '__proto__' || Object.hasOwn(values, name)) return null;
    const written = match?.[2];
    list = null;
    if (written === undefined) {
      list = [];
      values[name] = list;
      continue;
    }
    const value = simpleValue(written);
    if (value === undefined) return null;
    values[name] = value;
  }
  // A name with nothing behind it is empty, not a list.
  for (const [name, value] of Object.entries(values))
    if (Array.isArray(value) && value.length === 0) values[name] = null;
  return values;
}

/** Undefined: it takes a parser. */
function simpleValue(text: string): unknown {
  if (!text.startsWith('[')) return simpleScalar(text);
  if (!text.endsWith(']')) return undefined;
  const inner = text.slice(1, -1).trim();
  const values = inner === '' ? [] : inner.split(',').map(part => simpleScalar(part.trim()));
  return values.includes(undefined) ? undefined : values;
}

function simpleScalar(text: string): unknown {
  const quoted = /^'([^'\\]*)'$|^"([^"\\]*)"$/.exec(text);
  if (quoted !== null) return quoted[1] ?? quoted[2];
  if (/^-?\d{1,15}$/.test(text)) return /^-?0\d/.test(text) ? undefined : Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^(?:null|~|yes|no|on|off)$/i.test(text)) return undefined;
  return plain.test(text) && !/^[\d.+-]+$/.test(text) ? text : undefined;
}

function anyValues(yaml: string): Record<string, unknown> | string {
  try {
    const document = parseDocument(yaml, { logLevel: 'silent', uniqueKeys: true });
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
    return `has front matter that cannot be read: ${firstLine(error instanceof Error ? error.message : String(error))}`;
  }
}

/** Where the value of a name stands in the text, as offsets; null where it has none that is a single word or string. */
export function placeOfValue(
  matter: FrontMatter,
  name: string,
): { readonly start: number; readonly end: number } | null {
  const document = parseDocument(matter.yaml, { logLevel: 'silent' });
  if (document.errors.length > 0 || !isMap(document.contents)) return null;
  const value: unknown = document.get(name, true);
  if (!isScalar(value) || value.range === undefined || value.range === null) return null;
  const [start, end] = value.range;
  return start === end ? null : { start: matter.start + start, end: matter.start + end };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/[.:\s]+$/, '') ?? '';
}
