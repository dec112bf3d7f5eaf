/** Reads an item's status from emoji and words (docs/contract.md). */
import type { ItemStatus } from '../item.ts';

/** How each status is written into a roadmap. */
export const statusTexts: Readonly<
  Record<Exclude<ItemStatus, 'unknown'>, { readonly emoji: string; readonly words: string }>
> = {
  planned: { emoji: '📝', words: 'Planned' },
  'in-progress': { emoji: '🔄', words: 'In Progress' },
  complete: { emoji: '✅', words: 'Complete' },
  blocked: { emoji: '⏸️', words: 'Blocked' },
  'manual-review': { emoji: '🚧', words: 'Manual Review' },
  testing: { emoji: '🧪', words: 'Testing' },
  failed: { emoji: '❌', words: 'Failed' },
  cancelled: { emoji: '🚫', words: 'Cancelled' },
};

/** By code point, so that a variation selector behind it does not matter. The two check marks are common stand-ins. */
const byEmoji: ReadonlyMap<number, ItemStatus> = new Map([
  [0x1f4dd, 'planned'],
  [0x1f504, 'in-progress'],
  [0x2705, 'complete'],
  [0x2714, 'complete'],
  [0x2611, 'complete'],
  [0x23f8, 'blocked'],
  [0x1f6a7, 'manual-review'],
  [0x1f9ea, 'testing'],
  [0x274c, 'failed'],
  [0x1f6ab, 'cancelled'],
]);

/**
 * Marks that many files use as ornament or for urgency: they mean a status only where no word stands beside them. A red light may say "not
 * started" as well as "stuck", so nothing starts because of it.
 */
const byBareEmoji: ReadonlyMap<number, ItemStatus> = new Map([
  [0x23f3, 'planned'],
  [0x1f7e1, 'in-progress'],
  [0x1f7e2, 'complete'],
  [0x1f534, 'blocked'],
]);

/** What stands in the brackets of a checkbox. */
const byBox: ReadonlyMap<string, ItemStatus> = new Map([
  [' ', 'planned'],
  ['x', 'complete'],
  ['X', 'complete'],
  ['~', 'in-progress'],
  ['-', 'cancelled'],
]);

/**
 * Words at the start of a status without emoji; the first that fits decides, hence "partially complete" before "complete". A word that
 * only occurs later says nothing ("Deferred until US-006 complete").
 */
const byWords: readonly (readonly [RegExp, ItemStatus])[] = [
  [/^(?:planned|planifiée?s?|prévue?s?|to[-_ ]?do|à faire|backlog|not (?:yet )?started)/i, 'planned'],
  [/^(?:pending|open|queued|not done)(?=\s*$|\s*[^\s\w])/i, 'planned'],
  [/^ready(?: to (?:implement|start|begin|go)| for (?:implementation|development))?(?=\s*$|\s*[^\s\w])/i, 'planned'],
  [/^\d{1,2} ?% (?:completed?|done|finished)/i, 'in-progress'],
  [
    /^(?:in[-_ ]?progress|en cours|wip|ongoing|started|under way|(?:partially|partly|mostly|nearly|almost) (?:complete|done|finished)d?)/i,
    'in-progress',
  ],
  [
    /^(?:(?:recently |fully |100 ?% )?(?:completed?|done|finished)|terminée?s?|implemented|delivered|shipped|merged|closed)/i,
    'complete',
  ],
  [/^(?:blocked|bloquée?s?|deferred|on[-_ ]hold|paused|postponed|waiting|en attente)/i, 'blocked'],
  [/^(?:manual review|needs? (?:manual )?review|in review|under review)/i, 'manual-review'],
  [/^(?:in testing|testing|en test)/i, 'testing'],
  [/^(?:failed|échec|échouée?s?)/i, 'failed'],
  [/^(?:cancell?ed|annulée?s?|abandoned|won['’]?t (?:do|fix)|obsolete|dropped|rejected)/i, 'cancelled'],
];

const decoration = /^(?:[\s*_`~>#[\](:-]|\p{Extended_Pictographic}|\p{Emoji_Modifier}|[\uFE00-\uFE0F\u200D])+/u;

/** The status a checkbox tells by the character in its brackets; null for any other. */
export function statusOfBox(mark: string): ItemStatus | null {
  return byBox.get(mark) ?? null;
}

/** The status an emoji stands for; null for any other character. */
export function statusOfEmoji(code: number): ItemStatus | null {
  return byEmoji.get(code) ?? null;
}

/** The status that the words at the start of a text name, and how many characters they take; null where they name none. */
export function statusOfWords(text: string): { readonly status: ItemStatus; readonly length: number } | null {
  for (const [pattern, status] of byWords) {
    const match = pattern.exec(text);
    if (match !== null && !continues(text[match[0].length])) return { status, length: match[0].length };
  }
  return null;
}

/** Is this character part of the same word? */
function continues(next: string | undefined): boolean {
  return next !== undefined && (/\w/.test(next) ? next !== '_' : /\p{L}/u.test(next));
}

/**
 * The status a `**Status**:` value names. Its leading emoji decides; emoji that mean no status are passed over, and words count only
 * where no such emoji leads. `unknown` when it names none.
 */
export function readStatus(value: string): ItemStatus {
  const lead = decoration.exec(value)?.[0] ?? '';
  for (const char of lead) {
    const status = statusOfEmoji(char.codePointAt(0) ?? 0);
    if (status !== null) return status;
  }
  const words = value.slice(lead.length);
  const box = /^[\s*_`]*\[([ xX~-])\]/.exec(value)?.[1];
  const boxed = box === undefined ? null : statusOfBox(box);
  if (boxed !== null) return statusOfWords(words.replace(/^[xX~-]?\]\s*/, ''))?.status ?? boxed;
  const named = statusOfWords(words);
  if (named !== null || /[\p{L}\d]/u.test(words)) return named?.status ?? 'unknown';
  for (const char of lead) {
    const status = byBareEmoji.get(char.codePointAt(0) ?? 0);
    if (status !== undefined) return status;
  }
  return 'unknown';
}
