import type { Settings } from './settings.ts';

/** Identifies the check commands (FNV-1a, 8 hex digits), so that a result never counts for other commands. */
export function checksHash(settings: Pick<Settings, 'checks'>): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(settings.checks)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
