import { CmError } from '../../../domain/errors.ts';
import type { Oid, RunId } from '../../../domain/ids.ts';
import { type GitOutput, gitReason } from '../calls/answers.ts';
import { createMutex, type GitContext, readRefs } from '../context.ts';
import { isOid, pins, stampOf } from '../plumbing/refs.ts';
import { updateRefs } from '../refs/update-refs.ts';

/**
 * Objects that are pinned at most, most precious first. Git keeps what nothing names any more for two weeks by itself, so that more than
 * this is still found; but a repository with tens of thousands of refs does not get as many again.
 */
const pinLimit = 500;
const folder = 'refs/cm/user';

/** What is pinned for runs that this process has begun. */
interface Keeping {
  readonly byRun: Map<RunId, readonly Oid[]>;
  /** Pins come and go one job at a time, so that none is dropped that the next run has just asked for. */
  readonly oneAtATime: GitContext['exclusive'];
}

const keepings = new WeakMap<GitContext, Keeping>();

function keepingOf(context: GitContext): Keeping {
  const keeping = keepings.get(context) ?? { byRun: new Map(), oneAtATime: createMutex() };
  keepings.set(context, keeping);
  return keeping;
}

/** Keeps these objects from being collected until the run is released. Throws where that cannot be. */
export async function pinObjects(context: GitContext, runId: RunId, named: readonly Oid[]): Promise<void> {
  const objects = named.slice(0, pinLimit).filter(isOid);
  keepingOf(context).byRun.set(runId, objects);
  await pin(context, objects);
}

/** Keeps more objects for the same run. */
export async function addPins(context: GitContext, runId: RunId, objects: readonly Oid[]): Promise<void> {
  const { byRun } = keepingOf(context);
  byRun.set(runId, [...(byRun.get(runId) ?? []), ...objects]);
  await pin(context, objects);
}

async function pin(context: GitContext, objects: readonly Oid[]): Promise<void> {
  await keepingOf(context).oneAtATime(async () => {
    const pinned = await pinnedObjects(context);
    const missing = objects.filter(oid => !pinned.has(oid));
    const output = await createPins(context, missing);
    if (output === null || output.code === 0) return;
    // A ref of the user's may name what is not there (a broken repository, a partial clone): nobody can keep that.
    const again = await createPins(context, await existing(context, missing));
    if (again !== null && again.code !== 0) {
      throw new CmError(`Your refs could not be pinned before an agent runs: ${gitReason(again)}.`, 3);
    }
  });
}

/** Drops the pins that no run needs any more but these; `kept` tells what runs that an earlier process began need. */
export async function releasePins(
  context: GitContext,
  except: ReadonlySet<RunId>,
  kept: () => readonly Oid[],
): Promise<void> {
  const { byRun, oneAtATime } = keepingOf(context);
  await oneAtATime(async () => {
    const pinned = await pinnedObjects(context);
    for (const runId of byRun.keys()) if (!except.has(runId)) byRun.delete(runId);
    const needed = new Set([...kept(), ...[...byRun.values()].flat()]);
    const needless = [...pinned].filter(oid => !needed.has(oid));
    await update(
      context,
      needless.map(oid => `delete ${pins.user(oid)} ${oid}`),
    );
  });
}

/** Keeps what has been lost for as long as other copies of the user's work are kept. Throws where that cannot be. */
export async function keepLost(context: GitContext, objects: readonly Oid[]): Promise<void> {
  const stamp = stampOf(Date.now());
  const there = await existing(context, [...new Set(objects.filter(isOid))]);
  const output = await update(
    context,
    there.map(oid => `update ${pins.lost(stamp, oid)} ${oid}`),
  );
  if (output !== null && output.code !== 0) {
    throw new CmError(gitReason(output), 3);
  }
}

async function pinnedObjects(context: GitContext): Promise<ReadonlySet<Oid>> {
  if (!context.refFiles.mayHave(folder)) return new Set();
  return new Set([...(await readRefs(context, [folder])).values()].map(({ oid }) => oid));
}

function createPins(context: GitContext, objects: readonly Oid[]): Promise<GitOutput | null> {
  return update(
    context,
    objects.map(oid => `update ${pins.user(oid)} ${oid}`),
  );
}

/** Which of them are there, whatever they are. */
async function existing(context: GitContext, objects: readonly Oid[]): Promise<readonly Oid[]> {
  if (objects.length === 0) return [];
  const call = {
    cwd: context.home,
    args: ['cat-file', '--batch-check=%(objectname)'],
    input: `${objects.join('\n')}\n`,
  };
  return (await context.git.text(call)).split('\n').filter(isOid);
}

/** All in one transaction; null where there is nothing to do. */
async function update(context: GitContext, lines: readonly string[]): Promise<GitOutput | null> {
  return lines.length === 0 ? null : updateRefs(context, lines, "cm-tui: keep the user's work", { log: false });
}
