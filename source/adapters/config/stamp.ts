import { statSync } from 'node:fs';
import type { Places } from './places.ts';

/** Changes whenever one of the settings files is written, made, replaced or removed. */
export function settingsStamp({ repo, user, tracked }: Places): string {
  return [repo, user, tracked].map(file => (file === null ? '-' : stampOfFile(file))).join(' ');
}

function stampOfFile(file: string): string {
  try {
    const { mtimeMs, ctimeMs, size, ino } = statSync(file);
    return `${mtimeMs}:${ctimeMs}:${size}:${ino}`;
  } catch {
    return 'none';
  }
}
