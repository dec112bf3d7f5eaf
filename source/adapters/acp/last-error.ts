import { closeSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { openRegular } from '../regular-file.ts';

const within = 8192;

/** The last line that a run wrote to its error stream; null: none, or it cannot be read. */
export function lastErrorLine(runFolder: string): string | null {
  try {
    const file = openRegular(join(runFolder, 'err.log'));
    if (file === null) return null;
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(within, size));
      readSync(file, bytes, 0, bytes.length, Math.max(0, size - within));
      const line = bytes.toString('utf8').trimEnd().split('\n').at(-1)?.trim() ?? '';
      return line === '' ? null : sanitizeLine(line, 300);
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}
