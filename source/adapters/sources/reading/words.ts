/** What the words of an item say of its files and of the items it waits for. */
import type { Scope } from '../../../domain/item.ts';
import { codeSpans, toGlob } from '../../../domain/roadmap/paths.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { plainWords } from './boxes.ts';

const pathLimit = 200;
const titleLimit = 300;

/** The paths in back-ticks and, where `bare`, those among the plain words; a word counts where it has a folder or a known ending. */
export function pathsIn(text: string, bare: boolean): readonly string[] {
  const spans = linesWith('`', text).flatMap(codeSpans);
  const words = bare ? text.split('\n').flatMap(line => line.replace(/`[^`]*`/g, ' ').split(/[\s,;()[\]"']+/)) : [];
  const found = [...spans, ...words.filter(word => /[./]/.test(word)).map(word => word.replace(/[.:!?]+$/, ''))];
  if (found.length === 0) return found;
  const globs = found.flatMap(word => toGlob(word, false) ?? []);
  return [...new Set(globs)].slice(0, pathLimit);
}

/** The lines in which a character stands. Most lines of thousands of files name no path, and are not cut out. */
function linesWith(char: string, text: string): readonly string[] {
  const found: string[] = [];
  for (let at = text.indexOf(char); at >= 0; ) {
    const end = text.indexOf('\n', at);
    found.push(text.slice(text.lastIndexOf('\n', at) + 1, end < 0 ? text.length : end));
    at = end < 0 ? -1 : text.indexOf(char, end);
  }
  return found;
}

export function scopeFromPaths(paths: readonly string[], kind: 'known' | 'inferred'): Scope {
  return paths.length === 0 ? { kind: 'unknown', paths: [] } : { kind, paths };
}

const dependsOn = /\b(?:depends? on|dependencies|dependency|blocked by|(requires|after|needs))\b\s*:?\s*/iu;

/**
 * The ids behind "depends on", as `pattern` (global) finds them; null where the words say nothing of it. "Requires 20" and the like say it of
 * much else too: there only what `isItem` knows counts.
 */
export function dependenciesIn(
  text: string,
  pattern: RegExp,
  isItem: (id: string) => boolean = () => true,
): readonly string[] | null {
  const seen = text.replace(/<!--[\s\S]*?(?:-->|$)/g, '');
  const match = dependsOn.exec(seen);
  if (match === null) return null;
  const rest = seen.slice(match.index + match[0].length);
  const end = rest.search(/[).;\n]\s|[)]|$/);
  const found = Array.from(rest.slice(0, end < 0 ? rest.length : end).matchAll(pattern), one => one[0]);
  const ids = match[1] === undefined ? found : found.filter(isItem);
  return ids.length === 0 ? null : [...new Set(ids)];
}

/** A title for people, in one line. */
export function plainTitle(text: string, fallback: string): string {
  const title = sanitizeLine(plainWords(text), titleLimit);
  return title === '' ? fallback : title;
}

/** Lower-case letters, digits and dashes: an id that survives changes elsewhere. */
export function slugOfWords(text: string): string {
  const plain = plainWords(text)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  const cut = plain.length <= 60 ? plain : plain.slice(0, 60).replace(/-[^-]*$/, '');
  return cut === '' ? 'item' : cut;
}

/** `high` → 1 and so on; a number as it is; null for what says nothing. */
export function priorityOf(value: unknown): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const named = ['highest critical urgent p0', 'high p1', 'medium normal p2', 'low p3', 'lowest p4'];
  const at = named.findIndex(words => words.split(' ').includes(word));
  return at < 0 ? null : at;
}
