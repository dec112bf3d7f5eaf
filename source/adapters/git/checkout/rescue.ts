import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { escapePath } from '../../../domain/text/sanitize.ts';
import type { GitContext } from '../context.ts';
import { foldersInUse, type LandingNote, stepsFile } from './landing-note.ts';
import { changedSince, swapOf } from './swap-files.ts';
import { bytesOf, printOf, type RawPath, rawPath, readablePath, removeEmptyFolder, statsOf } from './user-files.ts';

/**
 * What landings move out of the user's tree lies in the rescue folder. Git has all of it, as long as nobody writes to it: a program may have
 * had a file open and save it a moment later. So it is kept for a while, read once more, and only then removed.
 */
const keptMs = 10 * 60_000;

/** Removes what a landing needed only while it was under way. */
export function tidyLanding(folder: string): void {
  for (const name of ['new', 'placing', 'index', 'judge', 'sparse', 'empty']) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (namesIn(rawPath(folder)).every(name => name === 'steps.json')) rmSync(folder, { recursive: true, force: true });
}

/** One sentence about files that somebody saved, in the old place, when the new ones were placed already; null: there are none. */
export async function savedDuring(context: GitContext, { folder }: LandingNote): Promise<string | null> {
  const steps = folder === undefined ? null : stepsFile(folder).read();
  const tree = context.place.mainTree;
  if (folder === undefined || steps === null || tree === null) return null;
  const replaced = join(folder, 'replaced');
  // What went back into the tree is not there any more.
  const changed = (await changedSince(swapOf(tree, folder, steps))).filter(
    path => statsOf(join(rawPath(replaced), path)) !== undefined,
  );
  return changed.length === 0 ? null : sentenceFor(changed, replaced);
}

/**
 * Removes what landings replaced some time ago and git has. What differs was saved by somebody who had the file open: it stays for good.
 * @returns one sentence for each landing of which something stays, once
 */
export async function releaseReplaced(context: GitContext, now: number): Promise<string[]> {
  const rescue = join(context.runtimeDir, 'rescue');
  const names = namesIn(rawPath(rescue));
  const inUse = names.length === 0 ? new Set<string>() : foldersInUse(context);
  const sentences: string[] = [];
  for (const name of names) {
    const startedAt = Number(/^landing-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    const folder = join(rescue, name);
    if (!(startedAt < now - keptMs) || inUse.has(folder)) continue;
    const steps = stepsFile(folder).read();
    if (steps === null) continue;
    const known = new Set(steps.flatMap(({ before, after }) => [before, after]));
    const kept: RawPath[] = [];
    for (const part of ['replaced', 'withdrawn']) kept.push(...(await removeKnown(rawPath(join(folder, part)), known)));
    // Without the steps it is no longer looked at: it is the user's.
    rmSync(join(folder, 'steps.json'), { force: true });
    if (kept.length === 0) rmSync(folder, { recursive: true, force: true });
    else sentences.push(sentenceFor(kept, folder));
  }
  return sentences;
}

/** Removes files with one of the prints; returns the others, relative to the folder. */
async function removeKnown(
  folder: RawPath,
  known: ReadonlySet<string | null>,
  inside: RawPath = '',
): Promise<RawPath[]> {
  const kept: RawPath[] = [];
  for (const name of namesIn(join(folder, inside))) {
    const path = join(inside, name);
    const place = join(folder, path);
    if (statsOf(place)?.isDirectory() === true) kept.push(...(await removeKnown(folder, known, path)));
    else if (known.has(await printOf(place))) rmSync(bytesOf(place), { force: true });
    else kept.push(path);
  }
  removeEmptyFolder(join(folder, inside));
  return kept;
}

function sentenceFor(paths: readonly RawPath[], folder: string): string {
  const first = escapePath(readablePath(paths[0] ?? ''));
  const more = paths.length > 1 ? ` (and ${paths.length - 1} more)` : '';
  return `${first}${more} was saved while a landing replaced it; what was saved is kept in ${escapePath(folder)}.`;
}

function namesIn(folder: RawPath): RawPath[] {
  try {
    return readdirSync(bytesOf(folder), { encoding: 'latin1' });
  } catch {
    return [];
  }
}
