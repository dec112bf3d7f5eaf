/** The ids that roadmap items carry: `US-108`, `PRIORITY 2.65` (or `PRIORITÉ 2`), `BUG-7`, `TASK-1`. */

export interface ItemId {
  readonly prefix: 'US' | 'PRIORITY' | 'BUG' | 'TASK';
  /** Digits as written, with decimals; null where X's stand for a number still to be given. */
  readonly number: string | null;
  /** As the program writes it: `US-010`, `PRIORITY-2.65`; without a number, {@link unnumbered} stands in its place. */
  readonly key: string;
}

/** Not a mark of unfinished code: authors of ROADMAPs write it for a number that is not given yet, and read it back in keys. */
const unnumbered = 'XXX';
const source = String.raw`(?:(US|BUG|TASK)-|(PRIORIT(?:Y|IES|[ÉE]\u0301?S?))[ #-]{0,2})(\d+(?:\.\d+)*|X{2,})(?![\p{L}\d_])`;
const atStart = new RegExp(source, 'iuy');
/** The same for texts of ASCII alone, which is compiled sooner. */
const atStartAscii = new RegExp(source.replace('\\p{L}', 'A-Z'), 'iy');
const ascii = /^[\x20-\x7e]*$/;
const anywhere = new RegExp(String.raw`(?<![\p{L}\d_-])${source}`, 'giu');
const whole = new RegExp(String.raw`^\s*${source}\s*$`, 'iu');

/** The id that stands at `at`, and where it ends; null for none. */
export function idAt(text: string, at: number): { readonly id: ItemId; readonly end: number } | null {
  const pattern = ascii.test(text) ? atStartAscii : atStart;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null ? null : { id: toId(match), end: pattern.lastIndex };
}

/** Every id in a text, in order, with where it stands. */
export function idsIn(text: string): readonly { readonly id: ItemId; readonly start: number; readonly end: number }[] {
  if (!/[-\d]/.test(text)) return [];
  return Array.from(text.matchAll(anywhere), match => ({
    id: toId(match),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/**
 * One spelling for every way to write an id: case and leading zeros do not count, nor what joins prefix and number. Other texts are only
 * trimmed and lowered, so that ad-hoc keys compare too.
 */
export function canonicalId(text: string): string {
  const match = whole.exec(text);
  if (match === null) return text.trim().toLowerCase();
  return canonicalOf(toId(match));
}

/** {@link canonicalId} of an id already read. */
export function canonicalOf(id: ItemId): string {
  return id.number === null ? id.key.toLowerCase() : `${id.prefix}:${id.number.replace(/^0+(?=\d)/, '')}`;
}

/** An id with the prefix of another, for lists such as `PRIORITY 5, 5.5, 6`. */
export function sibling(id: ItemId, number: string): ItemId {
  return { prefix: id.prefix, number, key: `${id.prefix}-${number}` };
}

function toId(match: RegExpMatchArray | RegExpExecArray): ItemId {
  const prefix = prefixOf(match[1]?.toUpperCase());
  const digits = match[3] ?? '';
  const number = /^\d/.test(digits) ? digits : null;
  return { prefix, number, key: `${prefix}-${number ?? unnumbered}` };
}

function prefixOf(text: string | undefined): ItemId['prefix'] {
  return text === 'US' || text === 'BUG' || text === 'TASK' ? text : 'PRIORITY';
}
