import type { RunId } from '../../domain/ids.ts';
import { countOf } from '../../domain/text/count.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';

/** Runs that a journal tells of. */
export interface JournalRuns {
  readonly ids: ReadonlySet<RunId>;
  readonly slugs: ReadonlySet<string>;
}

/** What a run leaves in the world only after its journal knows of it. */
export interface Traces {
  /** Run folders with a record in them. */
  readonly folders: readonly { readonly runId: RunId; readonly slug: string }[];
  /** Worktrees that are locked in the name of a run. */
  readonly locks: readonly { readonly runId: RunId; readonly path: string }[];
  /** Runs that have a living process. */
  readonly living: readonly {
    readonly runId: RunId;
    readonly slug: string;
    readonly process: { readonly pid: number };
  }[];
  /** Names of the refs below `refs/cm/`. */
  readonly pins: readonly string[];
}

/**
 * What exists although the journal does not know it, one phrase each; empty if it knows all of it. Anything at all says that the journal
 * was removed, emptied, set back or replaced, since each of these traces is left after an intent that was forced to disk.
 * @param isVouchedFor the journal is proven to be the one that was written here: then another run in the place of a known one is enough
 */
export function strangersOf({ ids, slugs }: JournalRuns, traces: Traces, isVouchedFor: boolean): readonly string[] {
  const isStrange = ({ runId, slug = '' }: { readonly runId: RunId; readonly slug?: string }) =>
    !ids.has(runId) && !(isVouchedFor && slugs.has(slug));
  const folders = traces.folders.filter(isStrange).map(({ slug }) => slug);
  const worktrees = traces.locks.filter(isStrange).map(({ path }) => escapePath(path));
  const agents = traces.living.filter(isStrange).map(({ process }) => `pid ${process.pid}`);
  const pins = traces.pins.filter(
    name => !slugs.has(slugOfPin(name) ?? '') && (ids.size === 0 || slugOfPin(name) !== null),
  );
  return [
    phrase('run folder', folders),
    phrase('worktree', worktrees),
    phrase(
      'ref',
      pins.map(name => sanitizeLine(name, 120)),
    ),
    phrase('living agent', agents),
  ].filter(text => text !== '');
}

/** The run that a ref belongs to; null for one that belongs to none. */
function slugOfPin(name: string): string | null {
  return /^refs\/cm\/(?:cand|head|landed|old)\/([a-z0-9][a-z0-9-]*)(?:\/|$)/.exec(name)?.[1] ?? null;
}

/** `2 run folders (041, 042)`. */
function phrase(what: string, which: readonly string[]): string {
  if (which.length === 0) return '';
  const more = which.length > 3 ? ', …' : '';
  return `${countOf(which.length, what)} (${which.slice(0, 3).join(', ')}${more})`;
}
