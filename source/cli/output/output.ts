import { sanitizeBlock } from '../../domain/text/sanitize.ts';

const messageLength = 20_000;

/** One line on stdout. Foreign text must have been sanitised where it entered; this is the net below that. */
export function writeLine(text: string): void {
  process.stdout.write(`${sanitizeBlock(text, messageLength)}\n`);
}

export function writeError(text: string): void {
  process.stderr.write(`${sanitizeBlock(text, messageLength)}\n`);
}

/** A JSON document on stdout. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${harmlessJson(value, 2)}\n`);
}

/** What JSON leaves as it is although a terminal does not: DEL, C1, and everything that hides or reorders text. */
const unescaped = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The value as JSON that a terminal shows as it is: what would act on it stands there as an escape, and reads back the same. */
export function harmlessJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    unescaped,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
