import type { RunId } from './instance.ts';
import type { Settings } from './settings.ts';

/** Identifies the check commands (8 hex digits), so that a result never counts for other commands. */
export function checksHash(settings: Pick<Settings, 'checks'>): string {
  return hash(JSON.stringify(settings.checks));
}

/**
 * The run id that the checks of a repository bear, one at a time. Those that a killed coordinator left behind are found by it, whichever
 * item they were for: they stand in the one worktree that the next check needs.
 */
export function checksRunId(commonDir: string): RunId {
  return `checks-${hash(commonDir)}${hash([...commonDir].reverse().join(''))}`;
}

/** FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value.toString(16).padStart(8, '0');
}
