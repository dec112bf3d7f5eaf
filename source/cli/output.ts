import { sanitizeBlock } from '../domain/sanitize.ts';

const messageLength = 20_000;

/** One line on stdout. Foreign text must have been sanitised where it entered; this is the net below that. */
export function writeLine(text: string): void {
  process.stdout.write(`${sanitizeBlock(text, messageLength)}\n`);
}

export function writeError(text: string): void {
  process.stderr.write(`${sanitizeBlock(text, messageLength)}\n`);
}

/** A JSON document on stdout: JSON escapes control characters itself. */
export function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
