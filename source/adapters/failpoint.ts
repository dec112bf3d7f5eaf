import { CmError } from '../domain/errors.ts';

/**
 * Places where a test may make the program die, fail or wait: `CM_FAILPOINT=<name>:<action>[:<n-th hit>]`, several separated
 * by commas. Actions: `kill` (SIGKILL to ourselves), `throw`, `enospc` (an error as from a full disk), `delay` or `delay=<ms>`.
 * Without a number the point acts at every hit. Unset, a failpoint costs one comparison.
 */
export const failpointNames = [
  'journal.open',
  'journal.append.before',
  /** Half of the record's bytes are in the file. */
  'journal.append.half',
  'journal.append.written',
  'journal.append.sync',
  'journal.append.synced',
  /** A record could not be written and is to be cut off again. */
  'journal.append.truncate',
  'journal.create',
  /** A new journal is to take the journal's place: the first one, a compacted one, one after a fault. */
  'journal.replace.before',
  /** It is on disk under another name. */
  'journal.replace.written',
  /** It has the journal's name, which may not be on disk yet. */
  'journal.replace.renamed',
  'journal.replace.done',
  'journal.aside.written',
  /** The damaged journal has another name, and the new one is not there yet. */
  'journal.recover.moved',
  'lock.bound',
  'lock.written',
  'git.createWorktree.before',
  /** What is to be made stands in a note; git was not started yet. */
  'git.createWorktree.noted',
  /** Branch and record are there, and no file is checked out. */
  'git.createWorktree.registered',
  'git.createWorktree.added',
  'git.createWorktree.after',
  'git.prepare.before',
  'git.prepare.after',
  /** The candidate exists and nothing names it yet. */
  'git.pin.before',
  'git.pin.after',
  'git.land.before',
  'git.land.noted',
  /** A file of the user's tree is moved aside, the new one is not placed yet. */
  'git.land.aside',
  'git.land.placed',
  /** The user's tree is at the candidate, the branch is not. */
  'git.land.tree',
  /** Tree and branch are at the candidate; the index is not, and the note of the landing is still there. */
  'git.land.moved',
  'git.land.after',
  'git.replay.before',
  /** The new commits are made and pinned beside the old ones; the branch is where it was. */
  'git.replay.pinned',
  'git.replay.after',
  'git.status.before',
  'git.status.after',
  'git.clean.before',
  'git.clean.noted',
  /** The worktree is gone, its branch is not. */
  'git.clean.removed',
  'git.clean.after',
  'process.start.before',
  /** The run folder is ready, the shim was not started yet. */
  'process.start.prepared',
  /** The shim runs and nobody knows its identity yet. */
  'process.start.spawned',
  'process.start.after',
  'process.kill.before',
  'process.kill.after',
  /** The candidate stands in the integration worktree. */
  'checks.before',
  'checks.after',
  /** In the callback of a timer, where nobody catches. */
  'timer.fired',
  /** While a frame is drawn. */
  'screen.draw',
] as const;

export type FailpointName = (typeof failpointNames)[number];

type Action = 'kill' | 'throw' | 'enospc' | 'delay';

interface Failpoint {
  readonly name: FailpointName;
  readonly action: Action;
  readonly delayMs: number;
  /** Which hit acts, counted from 1; 0: every one. */
  readonly at: number;
  hits: number;
}

/** Undefined: the environment was not read yet. Null: nothing is armed. */
let armed: readonly Failpoint[] | null | undefined;

/** Acts if this point is armed and its hit has come; a delay blocks the thread, as a slow disk would. */
export function failpoint(name: FailpointName): void {
  if (armed === null) return;
  const point = hit(name);
  if (point === null) return;
  if (point.action === 'delay') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, point.delayMs);
  else act(point);
}

/** As `failpoint`, but a delay leaves the thread free. */
export async function asyncFailpoint(name: FailpointName): Promise<void> {
  if (armed === null) return;
  const point = hit(name);
  if (point === null) return;
  if (point.action === 'delay') await new Promise(resolve => setTimeout(resolve, point.delayMs));
  else act(point);
}

/** True while a point is named in the environment: for code that has to take another way to make the fault possible. */
export function isArmed(name: FailpointName): boolean {
  if (armed === null) return false;
  return points().some(point => point.name === name);
}

/** Arms the points of `text` (the format of `CM_FAILPOINT`) in this process; null disarms all. */
export function armFailpoints(text: string | null): void {
  const list = text === null || text === '' ? [] : text.split(',').map(parse);
  armed = list.length === 0 ? null : list;
}

function points(): readonly Failpoint[] {
  if (armed === undefined) armFailpoints(process.env.CM_FAILPOINT ?? null);
  return armed ?? [];
}

function hit(name: FailpointName): Failpoint | null {
  for (const point of points()) {
    if (point.name !== name) continue;
    point.hits += 1;
    if (point.at === 0 || point.at === point.hits) return point;
  }
  return null;
}

function act(point: Failpoint): void {
  if (point.action === 'kill') {
    process.kill(process.pid, 'SIGKILL');
    return;
  }
  const full = point.action === 'enospc';
  throw Object.assign(new Error(`${full ? 'ENOSPC: no space left on device, ' : ''}failpoint ${point.name}`), {
    code: full ? 'ENOSPC' : 'EFAILPOINT',
  });
}

function parse(text: string): Failpoint {
  const [name, wanted = '', at = '0'] = text.trim().split(':');
  const [action, delay = '200'] = wanted.split('=');
  const known = failpointNames.find(candidate => candidate === name);
  const does = (['kill', 'throw', 'enospc', 'delay'] as const).find(candidate => candidate === action);
  if (known === undefined || does === undefined || !/^\d+$/.test(at) || !/^\d+$/.test(delay)) {
    throw new CmError(
      `Invalid CM_FAILPOINT ${JSON.stringify(text)}. Use <name>:<kill|throw|enospc|delay>[:<n-th hit>], or unset the variable.`,
      2,
    );
  }
  return { name: known, action: does, delayMs: Number(delay), at: Number(at), hits: 0 };
}
