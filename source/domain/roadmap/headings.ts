/** Reads the heading of a roadmap item: its ids, its title, its status, and where the status stands. */
import type { ItemStatus } from '../item.ts';
import { canonicalOf, type ItemId, idAt } from './ids.ts';
import { statusOfBox, statusOfEmoji, statusOfWords } from './status.ts';

/** A stretch of the heading's text that tells the status. */
export interface StatusMark {
  /**
   * `box`: the character in a checkbox before the id. `lead`: an emoji before the id. `label`: words before the id (`PLANNED:`). `tail`: all
   * that follows the title.
   */
  readonly kind: 'box' | 'lead' | 'label' | 'tail';
  readonly start: number;
  readonly end: number;
}

export interface ItemHeading {
  /** Never empty; the key is chosen among them by {@link headingKey}. Ids without a number stand last. */
  readonly ids: readonly ItemId[];
  readonly title: string;
  readonly status: ItemStatus;
  readonly marks: readonly StatusMark[];
  /** Only a space parts id and title, as in a sentence that mentions the id: it is an item if its section has a status. */
  readonly loose: boolean;
}

/** `unnumbered`: it would be an item had it a number. `other`: a heading like any other, a range, a summary, a mention. */
export type HeadingReading = ItemHeading | 'unnumbered' | 'other';

const decoration =
  /(?:[\s*_`[(]|\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\p{Variation_Selector}|\u200D|\u20E3)*/uy;
const label = /(\p{L}[\p{L} ]{2,40}?)\s*[:–—-]\s*/uy;
const closers = /[\])*_`~]*/y;
const separator = /\s*(?:[:|–—]|-(?!\d)|\.(?=\s))[:\s*_–—-]*/uy;
const joiner = /\s*(?:,|&|\+|\/|\band\b|\bet\b|\bor\b)\s*/iuy;
const rangeWord =
  /\s*(?:through|thru|to|à|until|\.{2,3}|…|[–-])\s*(?=#?\d)|\s*(?:through|thru|to|à|until|\.{2,3}|…|[–—-])\s*(?=(?:US|BUG|TASK|PRIORIT[YÉ])[ -]?\d)/iuy;
const summaryTitle =
  /^(?:(?:completion|implementation|progress|final|delivery|status|phase \d+)\s+)*(?:summary|recap|retrospective|report)(?:\s*\(.*\))?$/i;
const notLabels = /^(?:example|exemple|summary|template|sample|see|note|related)\b/i;

/** The id used in messages: the US id where there is one, then BUG and TASK, then PRIORITY (docs/contract.md). */
export function headingKey(ids: readonly ItemId[]): ItemId | undefined {
  const order: readonly ItemId['prefix'][] = ['US', 'BUG', 'TASK', 'PRIORITY'];
  const numbered = ids.filter(id => id.number !== null);
  return order.flatMap(prefix => numbered.find(id => id.prefix === prefix) ?? [])[0] ?? ids[0];
}

/** Reads the text of a heading of level 2 or 3 (without hashes). Linear; the caller caps its length. */
export function readItemHeading(text: string): HeadingReading {
  const lead = readLead(text);
  if (lead === null) return 'other';
  const ids = readIds(text, lead.end);
  if (ids === null) return 'other';
  const numbered = ids.ids.some(id => id.number !== null);
  if (!numbered && ids.ids.every(id => id.prefix !== 'BUG')) return 'unnumbered';
  const bold = oddBold(text.slice(0, ids.end));
  const titleEnd = ids.end + titleLength(text.slice(ids.end), bold);
  const title = cleanTitle(text.slice(ids.end, titleEnd));
  const tail = readTail(text, titleEnd);
  if (summaryTitle.test(title)) return 'other';
  if (ids.separated || tail !== null || lead.status !== null || title === '') {
    if (!ids.separated && /\b(?:summary|recap|retrospective)\b/i.test(title)) return 'other';
    const marks = [...lead.marks, ...(tail === null ? [] : [tail.mark])];
    return { ids: ids.ids, title, status: lead.status ?? tail?.status ?? 'unknown', marks, loose: false };
  }
  return { ids: ids.ids, title, status: 'unknown', marks: [], loose: true };
}

interface Lead {
  readonly end: number;
  readonly status: ItemStatus | null;
  readonly marks: readonly StatusMark[];
}

/** What stands before the id: a checkbox, emoji, bold marks, brackets, a label such as `READY TO IMPLEMENT:`. Null where no id follows. */
function readLead(text: string): Lead | null {
  const box = /^\s*\[([ xX~-])\]\s+/.exec(text);
  const status = box === null ? null : statusOfBox(box[1] ?? '');
  if (box === null || status === null) return readMarks(text);
  const start = box[0].indexOf('[') + 1;
  const rest = readMarks(text.slice(box[0].length));
  if (rest === null) return null;
  const shift = box[0].length;
  const marks = rest.marks.map(mark => ({ ...mark, start: mark.start + shift, end: mark.end + shift }));
  return {
    end: rest.end + shift,
    status: rest.status ?? status,
    marks: [{ kind: 'box', start, end: start + 1 }, ...marks],
  };
}

function readMarks(text: string): Lead | null {
  const first = eat(decoration, text, 0);
  const emoji = leadEmoji(text, 0, first);
  const marks = emoji === null ? [] : [emoji.mark];
  if (idAt(text, first) !== null) return { end: first, status: emoji?.status ?? null, marks };
  label.lastIndex = first;
  const match = labelEnd.test(text) ? label.exec(text) : null;
  if (match === null) return null;
  const words = match[1] ?? '';
  const end = eat(decoration, text, label.lastIndex);
  const named = statusOfWords(words);
  if (idAt(text, end) === null || notLabels.test(words)) return null;
  if (named === null && words !== words.toUpperCase()) return null;
  const labelMark: StatusMark = { kind: 'label', start: first, end: first + words.length };
  return {
    end,
    status: emoji?.status ?? named?.status ?? null,
    marks: named === null ? marks : [...marks, labelMark],
  };
}

function leadEmoji(
  text: string,
  from: number,
  to: number,
): { readonly status: ItemStatus; readonly mark: StatusMark } | null {
  for (let at = from; at < to; ) {
    const code = text.codePointAt(at) ?? 0;
    const length = code > 0xffff ? 2 : 1;
    const status = statusOfEmoji(code);
    if (status !== null)
      return { status, mark: { kind: 'lead', start: at, end: at + length + selectors(text, at + length) } };
    at += length;
  }
  return null;
}

function selectors(text: string, at: number): number {
  return text.charCodeAt(at) === 0xfe0f ? 1 : 0;
}

interface Ids {
  readonly ids: readonly ItemId[];
  /** Where the title begins. */
  readonly end: number;
  /** False where only a space parts id and title, as in a sentence that mentions the id. */
  readonly separated: boolean;
}

/** The ids at the head: one, or several of different kinds for the same item. Null for ranges and lists of items. */
function readIds(text: string, from: number): Ids | null {
  const first = idAt(text, from);
  if (first === null) return null;
  const ids: ItemId[] = [first.id];
  let end = eat(closers, text, first.end);
  if (isRangeOrList(text, first.end, end, first.id)) return null;
  let next = afterId(text, end);
  for (;;) {
    const more = next === null ? null : idAt(text, eat(decoration, text, next));
    if (next === null || more === null || ids.some(id => id.prefix === more.id.prefix)) break;
    end = eat(closers, text, more.end);
    const following = afterId(text, end);
    if (following === null && end < text.trimEnd().length && !startsTail(text.slice(end))) break;
    ids.push(more.id);
    next = following;
  }
  const sorted = ids.filter((id, at) => ids.findIndex(other => canonicalOf(other) === canonicalOf(id)) === at);
  return { ids: sorted, end: next ?? end, separated: next !== null || startsTail(text.slice(end)) };
}

/** Where the text continues after the separator that follows an id: `: `, ` - `, `] `, ` (`. Null if none follows. */
function afterId(text: string, at: number): number | null {
  separator.lastIndex = at;
  if (separator.exec(text) !== null) return separator.lastIndex;
  if (text[at - 1] === ']' || text[at - 1] === ')') return eat(/\s*/y, text, at);
  const slash = /\s*[/(]\s*/y;
  slash.lastIndex = at;
  if (slash.exec(text) !== null && idAt(text, slash.lastIndex) !== null) return slash.lastIndex;
  return null;
}

function isRangeOrList(text: string, idEnd: number, at: number, id: ItemId): boolean {
  rangeWord.lastIndex = idEnd;
  if (rangeWord.exec(text) !== null && !isOtherKind(text, rangeWord.lastIndex, id) && !isTitleNumber(text, idEnd))
    return true;
  joiner.lastIndex = at;
  if (joiner.exec(text) === null) return false;
  const other = idAt(text, joiner.lastIndex);
  return other === null ? /^\d/.test(text.slice(joiner.lastIndex)) : other.id.prefix === id.prefix;
}

function isOtherKind(text: string, at: number, id: ItemId): boolean {
  const other = idAt(text, at);
  return other !== null && other.id.prefix !== id.prefix;
}

/** `US-010 - 2 factor login`: a spaced dash before a number begins a title, no range. */
function isTitleNumber(text: string, at: number): boolean {
  return /^\s+[–-]\s*\d|^[–-]\s+\d/.test(text.slice(at, at + 8));
}

function startsTail(rest: string): boolean {
  return rest.trim() === '' || /^\s*(?:\p{Extended_Pictographic}|\*\*\s*\p{Extended_Pictographic})/u.test(rest);
}

const words = /^(?:\uFE0F|[\s*_])*/u;
const shouted = /^(?:[\s*_(]|\p{Extended_Pictographic}|\uFE0F|\u200D)*(?:$|[\p{Lu}\d][\p{Lu}\d%]+(?!\p{Ll}))/u;
const bracketStatus = /\s*[([]\s*([^()[\]]{3,40}?)\s*[)\]]\s*$/u;
const dashStatus = /\s+[–—-]\s+(\p{L}[\p{L} ]{2,40})$/u;
/** Asked first: patterns with letters of all scripts take milliseconds to compile, and most headings need none of them. */
const dash = /\s[–—-]\s/;
const labelEnd = /[:–—-]/;

/** Length of the title in the text behind the ids: up to a closing bold mark, a status, or an emoji with shouting behind it. */
function titleLength(rest: string, bold: boolean): number {
  const closing = bold ? rest.indexOf('**') : -1;
  const limit = closing < 0 ? rest.length : closing;
  for (const match of rest.slice(0, limit).matchAll(/\p{Extended_Pictographic}/gu)) {
    const behind = rest.slice(match.index + match[0].length);
    const afterMarks = behind.slice((words.exec(behind)?.[0] ?? '').length);
    const isStatus = statusOfEmoji(match[0].codePointAt(0) ?? 0) !== null;
    const named = isStatus && (afterMarks === '' || afterMarks.startsWith('(') || statusOfWords(afterMarks) !== null);
    if (named || shouted.test(behind)) return match.index;
  }
  if (closing >= 0) return closing;
  return wordStatusAt(rest) ?? rest.length;
}

/** Where a status without emoji begins at the end of a title: `(Planned)`, `[DONE]`, `- COMPLETE`. */
function wordStatusAt(rest: string): number | null {
  const bracket = bracketStatus.exec(rest);
  if (bracket !== null && isWholeStatus(bracket[1] ?? '')) return bracket.index;
  const found = dash.test(rest) ? dashStatus.exec(rest) : null;
  const phrase = found?.[1] ?? '';
  const clear =
    phrase === phrase.toUpperCase() || /^(?:Planned|Completed?|Done|In [Pp]rogress|Blocked|Deferred)$/.test(phrase);
  return found !== null && clear && isWholeStatus(phrase) ? found.index : null;
}

function isWholeStatus(phrase: string): boolean {
  return statusOfWords(phrase)?.length === phrase.length;
}

/** The status in what follows the title; null if nothing there is one. */
function readTail(text: string, from: number): { readonly status: ItemStatus; readonly mark: StatusMark } | null {
  const tail = text.slice(from);
  let found: { status: ItemStatus; at: number } | null = null;
  for (const match of tail.matchAll(/\p{Extended_Pictographic}/gu)) {
    const status = statusOfEmoji(match[0].codePointAt(0) ?? 0);
    if (status === null) continue;
    found = { status, at: from + match.index };
    const behind = tail.slice(match.index + match[0].length);
    if (statusOfWords(behind.slice((words.exec(behind)?.[0] ?? '').length)) !== null) break;
  }
  if (found === null) {
    const skipped = /^(?:[\s*_:([–—-]|\p{Extended_Pictographic}|\uFE0F)*/u.exec(tail)?.[0].length ?? 0;
    const named = statusOfWords(tail.slice(skipped));
    if (named === null) return null;
    found = { status: named.status, at: from + skipped };
  }
  return { status: found.status, mark: { kind: 'tail', start: found.at, end: text.length } };
}

function cleanTitle(raw: string): string {
  return (
    raw
      .replace(/\*\*|`/g, '')
      // Where a link leads; it may have begun before the id.
      .replace(/\[([^[\]]*)\]\([^()\s]*\)/g, '$1')
      .replace(/^\s*\((?:https?:|\.{0,2}\/|#)[^()\s]*\)|\]\([^()\s]*\)/g, '')
      .replace(/^[\s:–—-]+|[\s:–—*_([-]+$/gu, '')
      .trim()
  );
}

function oddBold(text: string): boolean {
  return (text.split('**').length - 1) % 2 === 1;
}

function eat(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text) === null ? at : pattern.lastIndex;
}
