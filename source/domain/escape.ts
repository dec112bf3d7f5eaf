import type { Instance } from './instance.ts';
import { scopeCovers } from './scope.ts';

/** Something outside a run's worktree that is not as it was before the run. */
export interface OutsideChange {
  /** The worktree in which it lies; null: the repository's own configuration or hooks. */
  readonly tree: string | null;
  /** Path within the worktree, raw; or the name of the setting or hook. */
  readonly path: string;
  /** What it is now. The same change is reported once. */
  readonly stamp: string;
}

/** The name of a change of one of cm-tui's own settings files. */
export function settingsName(file: string): string {
  return `${settingsPrefix}${file}`;
}

/** The settings file that a change is about; null: it is about something else. */
export function settingsFileOf(name: string): string | null {
  return name.startsWith(settingsPrefix) ? name.slice(settingsPrefix.length) : null;
}

const settingsPrefix = 'settings ';

/** Identifies a change among those that were reported. */
export function changeName({ tree, path }: OutsideChange): string {
  return tree === null ? path : `${tree}\0${path}`;
}

/**
 * Does a change look like the doing of this run, rather than of the person who works in the same repository? Its own files outside its
 * worktree do; so does, for a run that left no work on its branch and of which nobody knows what it was to touch, anything at all; and
 * what could make git run programs does always.
 */
export function looksLikeEscape(
  change: OutsideChange,
  { scope, files, state }: Pick<Instance, 'scope' | 'files' | 'state'>,
): boolean {
  if (change.tree === null) return true;
  if (files.some(file => file.path === change.path)) return true;
  return scope.kind === 'unknown' ? state === 'no-work' || state === 'asks' : scopeCovers(scope, change.path);
}
