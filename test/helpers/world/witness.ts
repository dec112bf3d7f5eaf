import type { Effect } from '../../../source/coordinator/state/effects.ts';
import type { Outcome } from '../../../source/coordinator/state/messages.ts';
import { allItems } from '../../../source/coordinator/state/planning.ts';
import type { DurableState, State } from '../../../source/coordinator/state/state.ts';
import type { Oid, RunId } from '../../../source/domain/ids.ts';
import { hasLanded, type Instance, isAlive } from '../../../source/domain/instance.ts';
import { runsAbove, runsBelow } from '../../../source/domain/stack/standing.ts';
import type { Command, CommandAnswer } from '../../../source/ports/commands.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import { questionsOf } from '../../../source/runtime/observe.ts';
import type { Operation, Timeless, Witness } from './coordinator.ts';
import * as promise from './invariants.ts';
import type { MemoryJournal } from './journal.ts';
import { roadmapPath } from './repository/roadmap.ts';
import type { World } from './world.ts';

/** Holds the coordinator to its promises after every single thing it does. */
export class Auditor implements Witness {
  readonly #world: World;
  readonly #journal: MemoryJournal;
  readonly #heads = new Set<Oid>();
  /** Run and head → where it landed. */
  readonly #landings = new Map<string, Oid[]>();
  readonly #agreed = new Map<RunId, string[]>();
  /** Runs whose landing was taken back at some time. */
  readonly undone = new Set<RunId>();
  /** Runs whose branch moved or went after it was approved: with the approval goes what is known of a landing under way. */
  readonly voided = new Set<RunId>();
  /** Commits that a person took back. */
  readonly #takenBack = new Set<Oid>();
  #undosAsked = 0;
  #undosBegun = 0;
  turns = 0;
  commands = 0;
  refusals = 0;

  constructor(world: World, journal: MemoryJournal) {
    this.#world = world;
    this.#journal = journal;
  }

  effect(effect: Effect, before: State, after: State): void {
    if (effect.type === 'record') return this.#fact(effect, before, after);
    if (effect.type === 'answer' || !('effectId' in effect)) return;
    promise.intentComesFirst(effect, this.#journal.state);
    const instance = find(after, effect.runId);
    if (effect.type === 'git.clean') {
      promise.removesOnlyWhatIsOver(instance, effect.confirmedLoss, this.#agreed.get(effect.runId) ?? []);
    }
    if (effect.type === 'process.kill') {
      promise.signalsOnlyItsOwn(instance, this.#world.machine.runs.get(effect.runId)?.identity ?? null);
    }
  }

  #fact({ event }: Extract<Effect, { readonly type: 'record' }>, before: State, after: State): void {
    promise.wordsAreHarmless(event);
    switch (event.type) {
      case 'instance-requested': {
        const item = allItems(after).find(one => one.id === event.priorityId);
        const others = this.#journal.state.instances;
        promise.scopesAreApart(event, withoutStack(event, others), after.settings);
        if (event.reverts !== undefined) return;
        promise.capacityHolds(
          others.filter(one => isAlive(one.state)).length,
          after.settings.maxParallel + slotsElsewhere(this.#world),
          Math.max(before.resources.capacity, after.resources.capacity) + slotsElsewhere(this.#world),
        );
        if (item === undefined) return;
        const below = new Set(runsBelow(event, others).map(one => one.priorityId));
        const dependsOn = item.dependsOn.filter(id => !below.has(id));
        promise.dependenciesAreDone({ ...item, dependsOn }, after.roadmap.items, others);
        return;
      }
      case 'instance-resumed': {
        const others = this.#journal.state.instances;
        const resumed = find(after, event.runId);
        promise.scopesAreApart(
          resumed,
          withoutStack(resumed, others).filter(one => one !== resumed && one.runId !== event.runId),
          after.settings,
        );
        promise.capacityHolds(
          others.filter(one => isAlive(one.state)).length,
          after.settings.maxParallel + slotsElsewhere(this.#world),
          after.resources.capacity + slotsElsewhere(this.#world),
        );
        return;
      }
      case 'instance-judged':
      case 'merge-approved':
        if (event.head !== null) this.#heads.add(event.head);
        return;
      default:
        return;
    }
  }

  /** Each fact may move a run only where its life can lead; a landing may be undone, and is remembered as such. */
  fact(event: CoordinatorEvent, before: DurableState, after: DurableState): void {
    if (event.type === 'undo-started') promise.undoneOnRequest(++this.#undosBegun, this.#undosAsked);
    if (event.type === 'approval-voided') this.voided.add(event.runId);
    if (before.instances === after.instances || !('runId' in event)) return;
    const was = before.instances.find(one => one.runId === event.runId);
    const is = after.instances.find(one => one.runId === event.runId);
    if (was === undefined || is === undefined) return;
    promise.leadsOn(was, is, event.type);
    if (is.state === 'checks-failed' && was.state !== 'checks-failed') {
      const { repository } = this.#world;
      const stoodAt = [...this.#stoodAt(), repository.tip(repository.target)];
      promise.blamedAlone(was.merge.candidate?.base ?? null, stoodAt);
    }
    if (hasLanded(was.state) && !hasLanded(is.state)) this.undone.add(is.runId);
  }

  /** Whatever an operation does in the world is compared with how the world was before. */
  operation(operation: Operation, state: State, act: () => Outcome): Outcome {
    const { repository } = this.#world;
    const { effect } = operation;
    const moves = repository.moves.length;
    const removes = effect.type === 'git.clean' || effect.type === 'git.undo';
    const before = removes ? repository.reachable() : null;
    const files = new Map(repository.dirty);
    const outcome = act();
    promise.userFilesAreUntouched(files, repository.dirty);
    if (before !== null) promise.nothingIsLost(this.#heads, before, repository.reachable());
    for (const move of repository.moves.slice(moves)) {
      this.#moved(move, find(state, effect.runId), state);
      if (move.by === 'landing') promise.oneOfARaceLands(find(state, effect.runId), state.instances);
    }
    return outcome;
  }

  #moved({ by, from, to }: World['repository']['moves'][number], instance: Instance, state: State): void {
    const { history, built } = this.#world.repository;
    if (to === null || from === null)
      throw new promise.BrokenPromise('I2 the target is moved, never removed', `${from} → ${to}`);
    if (by === 'undo') {
      const firstParent = built.get(from)?.base ?? null;
      promise.goesBackByOneLanding({ from, to, landed: instance.merge.landed, firstParent });
      promise.returnsToWhatWasThere(to, this.#stoodAt().slice(0, -1));
      // A branch that lands as it is can land again, by a new approval.
      if (built.get(from)?.head !== from) this.#takenBack.add(from);
      return;
    }
    const isNew = (oid: Oid) => history.isAncestor(oid, to) && !history.isAncestor(oid, from);
    promise.staysTakenBack(this.#takenBack, isNew);
    if (by === 'status') return promise.changesOnly(roadmapPath, history.changes(from, to));
    const passed =
      this.#world.settings.checks.length === 0 ||
      [...this.#world.passed].some(key => key.startsWith(`${history.treeOf(to)} `));
    const { landed, lowest } = this.#landedBy(state, from, to);
    promise.landsWhatWasTested({ from, to, builtOn: lowest, passed });
    for (const { runId, merge, head, oid, stack } of landed) {
      promise.landsAfterWhatItStandsOn(instance.key, this.#belowHead(stack, state), { head, from }, history);
      promise.landsWhatWasApproved(merge.approvedHead, head);
      const landings = this.#landings.get(`${runId} ${head}`) ?? [];
      promise.landsOnce(runId, { landings, on: one => history.isAncestor(one, from) });
      this.#landings.set(`${runId} ${head}`, [...landings, oid]);
    }
  }

  /** The branch of the run below, as far as one is there. */
  #belowHead(stack: Instance['stack'], { instances }: State): Oid | null {
    const below = stack === undefined ? undefined : instances.find(({ runId }) => runId === stack.runId);
    return below?.head ?? null;
  }

  /** What a move of the target has landed, the last first, and the commit on which the first of it is built. */
  #landedBy({ instances }: State, from: Oid, to: Oid) {
    const landed: (Instance & { readonly head: Oid; readonly oid: Oid })[] = [];
    let lowest: Oid = to;
    while (lowest !== from) {
      const oid = lowest;
      const known = this.#world.repository.built.get(oid);
      const instance = instances.find(one => one.state === 'landing' && one.merge.candidate?.oid === oid);
      if (known === undefined || instance === undefined || landed.length > instances.length) break;
      landed.push({ ...instance, head: known.head, oid });
      lowest = known.base;
    }
    return { landed, lowest };
  }

  /** Where the target has ever been, at last where it is. */
  #stoodAt(): readonly (Oid | null)[] {
    const { moves } = this.#world.repository;
    return moves.flatMap(({ from, to }) => [from, to]);
  }

  transition(before: State, state: State, message: Timeless): void {
    this.turns++;
    promise.oneLandingAtATime(Object.values(state.inFlight).map(flight => flight.kind));
    promise.whatRunsIsKnown(
      this.#world.machine.alive.map(run => run.runId),
      state,
    );
    if (message.type !== 'observed') return;
    const { observation } = message;
    const { asOf } = observation;
    if (asOf?.targetTip !== before.targetTip || asOf.instances !== before.instances) return;
    // Everything in it counts, also what the first time has changed; but an answer counts for the commit that was asked about.
    const { instances, targetTip } = state;
    const asked = new Map(questionsOf(before).landings.map(({ runId, commit }) => [runId, commit]));
    const same = questionsOf(state).landings.filter(({ runId, commit }) => asked.get(runId) === commit);
    const landed = Object.fromEntries(same.map(({ runId }) => [runId, observation.landed[runId] ?? null]));
    promise.nothingIsLeftToReconcile(state, { ...observation, landed, asOf: { instances, targetTip } });
  }

  command(command: Command): void {
    this.commands++;
    if (command.type === 'undo') this.#undosAsked++;
    if (command.type !== 'clean') return;
    for (const [runId, files] of Object.entries(command.confirmedLoss)) {
      this.#agreed.set(runId, [...(this.#agreed.get(runId) ?? []), ...files]);
    }
  }

  answer({ ok, message }: CommandAnswer): void {
    if (!ok) this.refusals++;
    if (!/[.)]$/.test(message)) throw new promise.BrokenPromise('an answer is a sentence', message);
  }
}

function find(state: State, runId: RunId): Instance {
  const instance = state.instances.find(one => one.runId === runId);
  if (instance === undefined) throw new promise.BrokenPromise('an effect is of a known run', runId);
  return instance;
}

/** What a run is built on, and what is built on it, cannot collide with it. */
function withoutStack(run: Pick<Instance, 'runId' | 'stack'>, others: readonly Instance[]): readonly Instance[] {
  const own = [...runsBelow(run, others), ...runsAbove(run, others)];
  return others.filter(one => !own.includes(one));
}

function slotsElsewhere({ fleet }: World): number {
  return 2 * (fleet?.workers.length ?? 0);
}
