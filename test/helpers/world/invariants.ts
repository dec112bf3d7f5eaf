import { instanceAfter } from '../../../source/coordinator/fold/fold-instance.ts';
import { reconcile } from '../../../source/coordinator/recovery/reconcile.ts';
import type { Effect } from '../../../source/coordinator/state/effects.ts';
import type { Observation } from '../../../source/coordinator/state/messages.ts';
import type { DurableState, State } from '../../../source/coordinator/state/state.ts';
import type { Oid, RunId } from '../../../source/domain/ids.ts';
import {
  hasLanded,
  type Instance,
  type InstanceState,
  isAlive,
  stillLanded,
  waitsToLand,
} from '../../../source/domain/instance.ts';
import type { Item } from '../../../source/domain/item.ts';
import { mayBeUpdated } from '../../../source/domain/queue/may-be-updated.ts';
import { rivalsOf } from '../../../source/domain/race/race.ts';
import { scopesOverlap } from '../../../source/domain/scope.ts';
import type { Settings } from '../../../source/domain/settings.ts';
import { canBecome } from '../../../source/domain/transitions.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import type { History } from './repository/history.ts';

/**
 * What must hold at every moment, whatever happens, as functions over plain data: the same for a world in memory and for a real
 * repository whose facts were read with git. Each throws with the promise that was broken.
 */
export class BrokenPromise extends Error {
  constructor(promise: string, detail: string) {
    super(`${promise}: ${detail}`);
  }
}

function must(holds: boolean, promise: string, detail: () => string): void {
  if (!holds) throw new BrokenPromise(promise, detail());
}

/** A run only ever goes where the table of its states has a way; the fold would hold it back, so what it is folded from is asked. */
export function followsTheTable({ instances }: DurableState, event: CoordinatorEvent): void {
  if (!('runId' in event) || event.runId === null) return;
  const before = instances.find(({ runId }) => runId === event.runId);
  if (before === undefined || event.type === 'notice-raised') return;
  const { state } = instanceAfter(before, event);
  must(
    canBecome(before.state, state),
    'runs follow the table of states',
    () => `${event.type}: ${before.state} → ${state}`,
  );
}

/** I1: every commit that was ever recorded as a head and could be reached before, can be reached still. */
export function nothingIsLost(heads: Iterable<Oid>, before: ReadonlySet<Oid>, after: ReadonlySet<Oid>): void {
  for (const head of heads) {
    must(after.has(head) || !before.has(head), 'I1 no work is lost', () => `${head} cannot be reached any more`);
  }
}

/**
 * I1: what is removed is over, and the user agreed to each file that is lost with it. That nothing but landed work, and runs without any,
 * goes is git's to prove: `nothingIsLost` sees what it leaves.
 */
export function removesOnlyWhatIsOver(instance: Instance, loss: readonly string[], agreed: readonly string[]): void {
  const atWork = isAlive(instance.state) || ['completed', 'queued', 'checking', 'landing'].includes(instance.state);
  must(!atWork, 'I1 no work is lost', () => `${instance.key} is removed while ${instance.state}`);
  const unasked = loss.filter(path => !agreed.includes(path));
  must(unasked.length === 0, 'I1 no work is lost', () => `nobody agreed to lose ${unasked.join(', ')}`);
}

/** I2: our own moves of the target go forward by what was built on it, to exactly what passed the checks. `builtOn`: what it stands on. */
export function landsWhatWasTested(landing: {
  readonly from: Oid | null;
  readonly to: Oid;
  readonly builtOn: Oid | null;
  readonly passed: boolean;
}): void {
  const { from, to, builtOn, passed } = landing;
  must(builtOn === from, 'I2 what lands was built on the target', () => `${to} is built on ${builtOn}`);
  must(passed, 'I2 what lands was tested', () => `what ${to} holds has not passed the checks`);
}

/** I2: a person asked for every move back, and it goes back by exactly what had landed. */
export function goesBackByOneLanding(undo: {
  readonly from: Oid | null;
  readonly to: Oid;
  readonly landed: Oid | null;
  readonly firstParent: Oid | null;
}): void {
  const { from, to, landed, firstParent } = undo;
  must(from === landed, 'I2 only a landing is taken back', () => `${from} is not what landed (${landed})`);
  must(to === firstParent, 'I2 only a landing is taken back', () => `the target goes to ${to}, not to ${firstParent}`);
}

/** I2: where checks are set, the target only ever goes back to where it has stood: there it was checked as it is. */
export function returnsToWhatWasThere(to: Oid, before: Iterable<Oid | null>): void {
  must([...before].includes(to), 'I2 the target never stands at what was not checked', () => to);
}

/** I3: a branch is blamed for failed checks only where it was the only one that the target did not hold. */
export function blamedAlone(candidateBase: Oid | null, stoodAt: Iterable<Oid | null>): void {
  const alone = candidateBase !== null && [...stoodAt].includes(candidateBase);
  must(alone, 'I3 no branch is blamed for another', () => `it was built on ${candidateBase}`);
}

/** I2: somebody asked for every undo that is begun. */
export function undoneOnRequest(begun: number, asked: number): void {
  must(begun <= asked, 'I2 a landing is taken back on request', () => `${begun} were begun, ${asked} asked for`);
}

/** I2: what a person took back does not come back with something else. */
export function staysTakenBack(undone: Iterable<Oid>, broughtBack: (oid: Oid) => boolean): void {
  for (const oid of undone) must(!broughtBack(oid), 'I2 what was taken back stays away', () => `${oid} is back`);
}

/** I2: a commit of our own beside landings changes the ROADMAP and nothing else. */
export function changesOnly(file: string, changed: readonly string[]): void {
  const other = changed.filter(path => path !== file);
  must(other.length === 0, 'I2 a status line changes nothing else', () => `${other.join(', ')} changed too`);
}

/** I3: what lands is the head that somebody said yes to. */
export function landsWhatWasApproved(approved: Oid | null, merged: Oid | null): void {
  must(
    approved !== null && approved === merged,
    'I3 an approval names a commit',
    () => `${merged} was merged, ${approved} approved`,
  );
}

/** I4: the user's files are the same to the byte. */
export function userFilesAreUntouched(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  for (const [path, content] of before) {
    must(after.get(path) === content, 'I4 the tree of the user is sacred', () => `${path} was changed`);
  }
  must(after.size === before.size, 'I4 the tree of the user is sacred', () => 'a file appeared');
}

const landingKinds: ReadonlySet<string> = new Set([
  'git.prepare',
  'batch.prepare',
  'checks.run',
  'git.land',
  'git.writeStatus',
]);

/** What moves the target. */
const movingKinds: ReadonlySet<string> = new Set(['git.land', 'git.writeStatus', 'git.undo']);

/** I5: at most one step of a landing is under way. */
export function oneLandingAtATime(kindsUnderWay: readonly string[]): void {
  const landings = kindsUnderWay.filter(kind => landingKinds.has(kind));
  must(landings.length <= 1, 'I5 one landing at a time', () => landings.join(' and '));
  const moves = kindsUnderWay.filter(kind => movingKinds.has(kind));
  must(moves.length <= 1, 'I5 one landing at a time', () => moves.join(' and '));
}

/** I5: whatever changes something was announced in the journal before. */
export function intentComesFirst(effect: Effect, journaled: DurableState): void {
  if (!('effectId' in effect)) return;
  const instance = journaled.instances.find(one => one.runId === effect.runId);
  const promise = 'I5 the intent is journaled first';
  if (instance === undefined) throw new BrokenPromise(promise, `${effect.type} of an unknown run`);
  must(
    isAnnounced(effect, instance, journaled),
    promise,
    () => `${effect.type} while ${instance.key} is ${instance.state}`,
  );
}

function isAnnounced(
  effect: Extract<Effect, { readonly effectId: number }>,
  instance: Instance,
  journaled: DurableState,
): boolean {
  const { state, base, merge } = instance;
  switch (effect.type) {
    case 'git.createWorktree':
      return state === 'preparing';
    case 'worktree.setup':
    case 'process.start':
      return state === 'preparing' && base !== null;
    case 'agent.say':
      return state === 'running';
    case 'process.kill':
      return state === 'stopping' || (state === 'failed' && instance.process === null);
    case 'git.prepare':
      return merge.approvedHead === effect.head && (state === 'queued' || state === 'checking');
    case 'batch.prepare':
      return merge.approvedHead === effect.head && state === 'queued';
    case 'speculate.prepare':
      if (state === 'awaiting-approval') return instance.head === effect.head;
      return merge.approvedHead === effect.head && state === 'queued';
    case 'speculate.check':
      return (state === 'queued' || state === 'awaiting-approval') && merge.check?.candidate === effect.candidate;
    case 'checks.run':
      return state === 'checking' && merge.check?.candidate === effect.candidate;
    case 'agent.review':
      return instance.readings?.review?.ended === false;
    case 'agent.judge':
      return instance.readings?.judge?.ended === false;
    case 'git.land': {
      const { candidate } = merge;
      const base = merge.landsFrom ?? candidate?.base;
      return state === 'landing' && candidate?.oid === effect.candidate && base === effect.base;
    }
    case 'git.undo':
      return instance.undoing?.landed === effect.landed && instance.undoing.base === effect.base;
    case 'git.replay':
      return instance.replaying?.head === effect.head && mayBeUpdated(state);
    case 'git.export':
      return merge.prediction !== 'conflict';
    case 'git.writeStatus':
      return hasLanded(state) && journaled.pendingStatus.includes(effect.runId);
    case 'git.commitLeft':
      return state === 'needs-attention';
    case 'git.restore':
      return instance.removed?.head === effect.head;
    case 'forge.open':
    case 'forge.comments':
    case 'git.push':
      return hasLanded(state) || state === 'awaiting-approval';
    case 'git.clean':
    case 'git.discard':
      return journaled.cleaning.includes(effect.runId);
    case 'fleet.dispatch':
      return instance.remote !== undefined && instance.remote.worker === null;
    case 'fleet.cancel':
      return state === 'stopping';
    case 'fleet.home':
      return effect.late === true ? instance.remote?.late !== undefined : instance.endTime !== null;
    case 'git.judge':
    case 'git.predict':
      return true;
  }
}

/** I5: what a look demanded has been done: the same look demands nothing more. */
export function nothingIsLeftToReconcile(state: State, observation: Observation): void {
  const actions = reconcile(state, observation);
  must(actions.length === 0, 'I5 reconciling twice changes nothing', () => JSON.stringify(actions));
}

/** I6: nothing is taken for ended that still runs. */
export function whatRunsIsKnown(alive: readonly RunId[], state: State): void {
  for (const runId of alive) {
    const instance = state.instances.find(one => one.runId === runId);
    const known =
      instance !== undefined && (isAlive(instance.state) || (instance.state === 'failed' && instance.process === null));
    must(known, 'I6 unknown is not dead', () => `${instance?.key ?? runId} runs, but is taken for ${instance?.state}`);
  }
}

/** I7: a signal goes to the process that was started for the run, and to no other. */
export function signalsOnlyItsOwn(
  instance: Instance,
  process: { readonly pid: number; readonly startTime: string } | null,
): void {
  const known = instance.process;
  const own =
    known === null || process === null || (known.pid === process.pid && known.startTime === process.startTime);
  must(own, 'I7 only what is ours is ended', () => `${instance.key} would end process ${known?.pid}`);
}

const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** I8: what a fact says to a person can do a terminal no harm. */
export function wordsAreHarmless(event: CoordinatorEvent): void {
  const words: string[] = [];
  if ('reason' in event && event.reason !== null) words.push(event.reason);
  if ('reasons' in event) words.push(...event.reasons);
  if ('text' in event) words.push(event.text);
  for (const text of words)
    must(!controls.test(text), 'I8 no foreign byte reaches the terminal', () => JSON.stringify(text));
}

/** Nothing is started beside work that it could collide with. */
export function scopesAreApart(
  requested: Pick<Instance, 'scope' | 'key' | 'priorityId' | 'race'>,
  others: readonly Instance[],
  settings: Pick<Settings, 'unknownScope'>,
): void {
  const { scope, key } = requested;
  for (const other of others) {
    if (!isAlive(other.state) && !waitsToLand(other.state) && other.state !== 'needs-attention') continue;
    if (requested.race !== undefined && requested.race === other.race) continue;
    must(other.priorityId !== requested.priorityId, 'an item runs once', () => `${key} runs beside itself`);
    const unknown = [scope, other.scope].filter(({ kind }) => kind === 'unknown').length;
    const collide =
      unknown === 0 ? scopesOverlap(scope, other.scope) : unknown === 2 && settings.unknownScope === 'serial';
    must(!collide, 'nothing overlaps', () => `${key} runs beside ${other.key} (${other.state})`);
  }
}

/** Nothing runs before what it depends on is done. */
export function dependenciesAreDone(item: Item, items: readonly Item[], instances: readonly Instance[]): void {
  for (const id of item.dependsOn) {
    const complete = items.some(other => other.id === id && other.status === 'complete');
    const landed = instances.some(one => one.priorityId === id && stillLanded(one));
    must(complete || landed, 'dependencies come first', () => `${item.id} runs before ${id} has landed`);
  }
}

/** Nothing is started that the machine cannot bear. */
export function capacityHolds(runningBefore: number, maxParallel: number, capacity: number): void {
  const limit = Math.min(maxParallel, capacity);
  must(
    runningBefore < limit,
    'capacity is kept',
    () => `one more is started beside ${runningBefore}, with room for ${limit}`,
  );
}

/** Of runs of one item side by side at most one lands, unless its landing was taken back. */
export function oneOfARaceLands(instance: Instance, instances: readonly Instance[]): void {
  const landed = rivalsOf(instances, instance).filter(stillLanded);
  must(
    landed.length === 0,
    'one of a race lands',
    () => `${instance.slug} lands beside ${landed.map(({ slug }) => slug).join(', ')}`,
  );
}

/** What was begun from another branch brings nothing of it along: that has landed, or it was left out. */
export function landsAfterWhatItStandsOn(
  key: string,
  below: Oid | null,
  { head, from }: { readonly head: Oid; readonly from: Oid },
  history: Pick<History, 'isAncestor'>,
): void {
  const brings = below !== null && history.isAncestor(below, head) && !history.isAncestor(below, from);
  must(!brings, 'what is stacked lands after', () => `${key} brings ${below} along, which has not landed`);
}

/** A run lands once, unless its user took the landing back in between. */
export function landsOnce(
  runId: RunId,
  earlier: { readonly on: (oid: Oid) => boolean; readonly landings: readonly Oid[] },
): void {
  const still = earlier.landings.filter(earlier.on);
  must(still.length === 0, 'everything lands once', () => `${runId} landed as ${still.join(', ')} before`);
}

const judged: readonly InstanceState[] = ['awaiting-approval', 'blocked', 'no-work', 'asks', 'needs-attention'];
/** How a run ended counts again where its branch was landed by hand and is not on the target any more. */
const over: readonly InstanceState[] = ['failed', 'cancelled', 'interrupted'];

/** Where the life of a run can lead from each state, whatever happens. */
const ways: Readonly<Record<InstanceState, readonly InstanceState[]>> = {
  pending: [],
  preparing: ['running', 'completed', 'stopping', 'failed'],
  running: ['completed', 'stopping'],
  stopping: ['cancelled', 'failed', 'waiting', ...judged],
  completed: ['failed', 'interrupted', 'waiting', ...judged],
  'awaiting-approval': ['queued', 'conflict', 'rejected', 'merged', 'preparing', ...judged],
  conflict: ['rejected', 'merged', 'preparing', ...judged, ...over],
  blocked: ['queued', 'conflict', 'rejected', 'merged', 'preparing', ...judged, ...over],
  'checks-failed': ['queued', 'rejected', 'merged', 'preparing', ...judged, ...over],
  queued: ['checking', 'landing', 'blocked', 'conflict', 'no-work', 'completed', 'rejected', 'merged'],
  checking: ['landing', 'queued', 'checks-failed', 'blocked', 'conflict', 'no-work', 'completed', 'rejected', 'merged'],
  landing: ['merged', 'queued', 'blocked', 'completed'],
  merged: ['cleaned', 'blocked'],
  cleaned: ['rejected'],
  'no-work': ['merged', 'rejected', 'preparing', ...judged],
  asks: ['merged', 'rejected', 'preparing', ...judged],
  waiting: ['preparing', 'rejected', 'cancelled', 'merged', 'needs-attention'],
  // Failed: what its own program says is heard only once git can tell what it left.
  'needs-attention': ['merged', 'rejected', 'preparing', 'failed', ...judged],
  // Somebody may land by hand what was over.
  failed: ['preparing', 'merged'],
  cancelled: ['preparing', 'merged'],
  interrupted: ['preparing', 'merged'],
  // Restored after it was discarded, it waits for a person again.
  rejected: ['preparing', 'queued', 'completed', 'blocked', 'merged'],
};

/** A fact moves a run only along its life: what is over stays over, and what landed stays landed until it is taken back. */
export function leadsOn(was: Instance, is: Instance, fact: CoordinatorEvent['type']): void {
  // On another target it is judged again.
  const isMoved = fact === 'retargeted' && is.state === 'completed';
  const allowed = is.state === was.state || isMoved || ways[was.state].includes(is.state);
  must(allowed, 'a run lives on in order', () => `${fact} moves ${is.key} from ${was.state} to ${is.state}`);
}
