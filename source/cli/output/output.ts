import { sanitizeBlock } from '../../domain/text/sanitize.ts';
import type { CommandAnswer } from '../../ports/commands.ts';

const messageLength = 20_000;

/** One line on stdout. Foreign text must be sanitised where it enters; this is the safety net below that. */
export function writeLine(text: string): void {
  process.stdout.write(`${sanitizeBlock(text, messageLength)}\n`);
}

export function writeError(text: string): void {
  process.stderr.write(`${sanitizeBlock(text, messageLength)}\n`);
}

/** A refusal; one that a person may decide otherwise names the flag for that. */
export function withAnyway({ message, ask }: CommandAnswer): string {
  if (ask === undefined) return message;
  const isStack = ask.command.type === 'spawn' && ask.command.stack === true;
  return `${message} ${isStack ? 'Add --stack to start on its branch.' : 'Add --anyway to start it all the same.'}`;
}

/** A JSON document on stdout. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${terminalSafeJson(value, 2)}\n`);
}

/** What JSON keeps but a terminal acts on: DEL, C1, and everything that hides or reorders text. */
const unescaped = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The value as JSON that is safe on a terminal: control characters are escaped, and parse back to the same value. */
export function terminalSafeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    unescaped,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
