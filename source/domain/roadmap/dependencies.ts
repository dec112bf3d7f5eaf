/** Reads what an item depends on, and what it blocks, as ids and notes (docs/contract.md). */
import { type ItemId, idsIn, sibling } from './ids.ts';

export interface DependencyReading {
  readonly ids: readonly ItemId[];
  /** Entries that name no id. */
  readonly notes: readonly string[];
}

const nothing =
  /^(?:none|n\/a|nil|nothing|no (?:dependenc(?:y|ies)|blockers?|prerequisites?)|not blocked|aucune?s?|néant|rien|[-–—]+)(?=$|[\s(.,;:!*–—-])/iu;
const leading = /^(?:[\s*_`~>:-]|\p{Extended_Pictographic}|\uFE0F)+/u;
const inStatus = /\(\s*(?:depends on|dépend de)\s*:?\s*([^()]*)\)/iu;
/** What may stand around ids in brackets that hold nothing else. */
const onlyIds = /^(?:[\s,;&/+]|and|or|et|to|through|us|bug|task|priorit(?:y|ies|é)|[-–]|\d|\.)*$/i;
const parallel = /\bin parallel\b|\bparallel (?:with|to|work)\b/i;
const rangeBetween = /^\s*(?:through|thru|to|à|until|\.{2,3}|…|[–—])\s*$/i;
const listNumber =
  /^\s*(?:,|&|\/|\+|and\b|et\b|or\b)\s*(\d+(?:\.\d+)*)(?=\s*(?:$|[,;)&/+(]|and\b|et\b|or\b|\.(?!\d)))/i;

/** Reads one field: its value and the entries below. */
export function readDependencies(value: string, entries: readonly string[]): DependencyReading {
  const ids: ItemId[] = [];
  const notes: string[] = [];
  for (const source of [value, ...entries]) {
    for (const [at, part] of splitParts(source).entries()) {
      const text = part.replace(/~~[^~]*~~/g, '').trim();
      if (text.replace(leading, '') === '') continue;
      const found = idsOf(text, at === 0 ? undefined : ids.at(-1));
      if (found.length === 0) notes.push(text);
      ids.push(...found);
    }
  }
  return { ids, notes };
}

/** The ids of `(Depends on PRIORITY-28, 27)` in a status or heading. */
export function dependenciesInStatus(text: string): readonly ItemId[] {
  const match = inStatus.exec(text);
  return match === null ? [] : readDependencies(match[1] ?? '', []).ids;
}

/** The bracket with dependencies in a status, as written; empty when there is none. It must survive a new status. */
export function dependencyBracket(text: string): string {
  return inStatus.exec(text)?.[0] ?? '';
}

/** Splits at commas and semicolons outside brackets. Empty when the first part says "none": nothing behind it counts then. */
function splitParts(value: string): readonly string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    const char = value[at];
    if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') depth = Math.max(0, depth - 1);
    else if ((char === ',' || char === ';') && depth === 0) {
      texts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  texts.push(value.slice(start));
  return nothing.test((texts[0] ?? '').replace(leading, '')) ? [] : texts;
}

function idsOf(text: string, before: ItemId | undefined): readonly ItemId[] {
  if (before !== undefined) {
    const number = /^\s*(?:and\s+|et\s+|&\s*)?(\d+(?:\.\d+)*)\s*(?:$|\()/.exec(text)?.[1];
    if (number !== undefined && mayContinue(before, number)) return [sibling(before, number)];
  }
  const relevant = withoutComments(text);
  if (parallel.test(relevant)) return [];
  return expand(relevant);
}

/** Drops brackets that comment on the id before them: `US-035 (needed by US-040)`. Brackets that hold only ids stay. */
function withoutComments(text: string): string {
  return text.replace(/\(([^()]*)\)/g, (whole, inner: string, at: number) => {
    const head = text.slice(0, at).trimEnd();
    const last = idsIn(head).at(-1);
    const follows = last !== undefined && /^[\s*_`)\].]*$/.test(head.slice(last.end));
    return follows && !onlyIds.test(inner) ? ' ' : whole;
  });
}

/** Ids in a text, with ranges filled in and the numbers that follow one (`PRIORITY 5, 5.5, 6`). */
function expand(text: string): readonly ItemId[] {
  const found: ItemId[] = [];
  const places = idsIn(text);
  for (const [at, place] of places.entries()) {
    const previous = places[at - 1];
    if (previous !== undefined && rangeBetween.test(text.slice(previous.end, place.start))) {
      found.push(...between(previous.id, place.id));
    }
    found.push(place.id);
    let end = place.end;
    for (let match = listNumber.exec(text.slice(end)); match !== null; match = listNumber.exec(text.slice(end))) {
      const number = match[1] ?? '';
      if (!mayContinue(place.id, number)) break;
      found.push(sibling(place.id, number));
      end += match[0].length;
    }
  }
  return found.filter(id => id.number !== null);
}

/** A bare number continues a list of priorities; for other ids only one of the same width, since theirs are padded. */
function mayContinue(id: ItemId, number: string): boolean {
  return id.prefix === 'PRIORITY' || number.length === id.number?.length;
}

function between(from: ItemId, to: ItemId): readonly ItemId[] {
  const low = Number(from.number);
  const high = Number(to.number);
  if (from.prefix !== to.prefix || !Number.isInteger(low) || !Number.isInteger(high) || high - low > 200) return [];
  const width = from.number?.length ?? 0;
  return Array.from({ length: Math.max(0, high - low - 1) }, (_, at) =>
    sibling(from, String(low + at + 1).padStart(width, '0')),
  );
}
