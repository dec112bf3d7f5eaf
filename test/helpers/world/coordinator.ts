import { durablePart } from '../../../source/coordinator/fold/fold.ts';
import type { Effect } from '../../../source/coordinator/state/effects.ts';
import type { Message, Observation, Outcome } from '../../../source/coordinator/state/messages.ts';
import type { DurableState, State } from '../../../source/coordinator/state/state.ts';
import { initialState, updateAll } from '../../../source/coordinator/update.ts';
import type { RunId } from '../../../source/domain/ids.ts';
import type { Command, CommandAnswer } from '../../../source/ports/commands.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import { followsTheTable } from './invariants.ts';
import type { MemoryJournal } from './journal.ts';
import { operate, type Started } from './operations.ts';
import { targetName, type World } from './world.ts';

export type Timeless = Message extends infer M ? (M extends Message ? Omit<M, 'at' | 'entropy'> : never) : never;

/** An effect under way: not done yet, or done and not answered yet. */
export interface Operation {
  readonly effect: Started;
  /** So many times it is passed over before it goes on. */
  patience: number;
  outcome: Outcome | null;
}

/** An effect that is to be carried out, and the turn that it comes from. */
interface Stalled {
  readonly effect: Effect;
  readonly before: State;
  readonly after: State;
}

/** A look under way. */
export interface Look {
  readonly asOf: State;
  readonly git: Observation['git'];
  observation: Observation | null;
}

/** Sees everything that the coordinator does, before (`effect`) or after (`turn`) it is done. */
export interface Witness {
  effect(effect: Effect, before: State, after: State): void;
  operation(operation: Operation, state: State, act: () => Outcome): Outcome;
  fact(event: CoordinatorEvent, before: DurableState, after: DurableState): void;
  transition(before: State, state: State, message: Timeless): void;
  command(command: Command): void;
  answer(answer: CommandAnswer): void;
}

export type Trace = (what: unknown) => void;

/** Plays the runtime's part over the core: journals facts, carries effects out in the world, and may be killed between any two steps. */
export class Coordinator {
  state: State;
  readonly operations: Operation[] = [];
  readonly watched = new Set<RunId>();
  /** Answers of reads that were asked for, in the order in which they were read. */
  readonly inbox: Timeless[] = [];
  look: Look | null = null;
  readonly #world: World;
  readonly #journal: MemoryJournal;
  readonly #witness: Witness;
  readonly #trace: Trace;
  readonly #stalled: Stalled[] = [];
  #requests = 0;

  constructor(world: World, journal: MemoryJournal, witness: Witness, trace: Trace) {
    this.#trace = trace;
    this.#world = world;
    this.#journal = journal;
    this.#witness = witness;
    this.state = initialState(world.settings, journal.load());
  }

  /** Reads everything and goes on where the journal ends, as the runtime does at its start. */
  start(): void {
    const { mode } = this.state;
    const at = this.#world.now;
    const started = { type: 'coordinator-started', pid: 1, target: targetName, mode, version: 'test', at } as const;
    this.post({ type: 'fact', event: started });
    this.post({ type: 'repository-read', facts: repositoryFacts });
    this.post({ type: 'sources-read', sources: this.#world.readSources() });
    this.beginLook();
    this.continueLook();
    this.continueLook();
  }

  /** One turn. `stopAfter`: it is killed after that many of its effects; answers true where that has happened. */
  post(message: Timeless, stopAfter = Number.POSITIVE_INFINITY): boolean {
    const { random } = this.#world;
    const before = this.state;
    // What has come meanwhile may come together with it. A look at everything is compared with the state it was taken of, so it comes alone.
    const earlier = message.type !== 'observed' && random.chance(0.2) ? this.inbox.splice(0) : [];
    const { state, effects } = updateAll(
      before,
      [...earlier, message].map(one => ({ ...one, at: this.#world.now, entropy: random.id() })),
    );
    this.state = state;
    this.#stalled.push(...effects.map(effect => ({ effect, before, after: state })));
    if (this.flush(stopAfter)) return true;
    this.#witness.transition(before, state, message);
    return false;
  }

  /** True while a fact cannot be written, and nothing behind it is done. */
  get isStalled(): boolean {
    return this.#stalled.length > 0;
  }

  /** Carries out what is to be done, in order, up to a fact that cannot be written. True where it was killed after `stopAfter`. */
  flush(stopAfter = Number.POSITIVE_INFINITY): boolean {
    for (let done = 0; ; done++) {
      const [next] = this.#stalled;
      if (next === undefined || (next.effect.type === 'record' && this.#world.diskIsFull)) return false;
      if (done >= stopAfter) return true;
      this.#stalled.shift();
      this.#carryOut(next);
    }
  }

  command(command: Command, stopAfter?: number): boolean {
    this.#witness.command(command);
    return this.post({ type: 'command', command, requestId: `r${++this.#requests}` }, stopAfter);
  }

  snapshot(): void {
    if (!this.isStalled) this.#journal.snapshot(durablePart(this.state));
  }

  #carryOut({ effect, before, after }: Stalled): void {
    this.#witness.effect(effect, before, after);
    switch (effect.type) {
      case 'record':
        return this.#append(effect.event);
      case 'answer':
        return this.#witness.answer(effect.answer);
      case 'process.watch':
        this.watched.add(effect.runId);
        return;
      case 'sources.read':
        this.inbox.push({ type: 'sources-read', sources: this.#world.readSources() });
        return;
      case 'target.read':
        return this.readTarget();
      case 'fleet.tell':
        return;
      case 'fleet.forget':
        return this.#world.fleet?.forget(effect.runId, effect.epoch);
      case 'checks.stop':
      case 'reading.stop':
      case 'scopes.write':
        return;
      default:
        this.operations.push({ effect, outcome: null, patience: this.#patience() });
    }
  }

  #append(event: CoordinatorEvent): void {
    followsTheTable(this.#journal.state, event);
    this.#trace(event);
    const before = this.#journal.state;
    this.#journal.append(event);
    this.#witness.fact(event, before, this.#journal.state);
  }

  /** Most steps take no time, some take long. */
  #patience(): number {
    const { random, calm, odds } = this.#world;
    return !calm && random.chance(odds.slow) ? random.int(12) : 0;
  }

  readTarget(): void {
    const tip = this.#world.repository.tip(targetName);
    if (tip !== this.state.targetTip) this.inbox.push({ type: 'target-moved', tip });
  }

  /** Does one operation. `fault`: it fails before anything is done, or its answer is lost after everything is. */
  act(operation: Operation, fault: 'before' | 'after' | null = null): void {
    const { effect } = operation;
    const perform = () => operate(this.#world, effect, this.state);
    operation.patience = this.#patience();
    if (effect.type === 'checks.run') this.#tellCheck(effect.runId);
    const failed = { type: 'failed', runId: effect.runId, kind: effect.type, message: 'the disk is full' } as const;
    try {
      const outcome = fault === 'before' ? failed : this.#witness.operation(operation, this.state, perform);
      operation.outcome = fault === null ? outcome : failed;
    } catch (error) {
      if (!(error instanceof Error) || error.constructor !== Error) throw error;
      operation.outcome = { ...failed, message: error.message };
    }
  }

  /** The process of a run of the checks is known before its outcome. */
  #tellCheck(runId: RunId): void {
    const { random, now } = this.#world;
    const check = this.state.instances.find(one => one.runId === runId)?.merge.check;
    if (check === undefined || check.process !== null || random.chance(0.3)) return;
    const process = { pid: 9000 + random.int(1000), startTime: `${now}`, bootId: 'boot' };
    this.inbox.push({ type: 'check-running', runId, number: check.number, process, up: now });
  }

  /** Hands the outcome of a done operation to the core. */
  answer(operation: Operation, stopAfter?: number): boolean {
    this.operations.splice(this.operations.indexOf(operation), 1);
    const { outcome } = operation;
    if (outcome === null) throw new Error('an operation is answered before it is done');
    return this.post({ type: 'outcome', effectId: operation.effect.effectId, outcome }, stopAfter);
  }

  beginLook(): void {
    this.look = { asOf: this.state, git: this.#world.lookAtGit(this.state), observation: null };
  }

  continueLook(stopAfter?: number): boolean {
    const { look } = this;
    if (look === null) return false;
    if (look.observation === null) {
      look.observation = this.#world.completeLook(look.asOf, look.git);
      return false;
    }
    this.look = null;
    return this.post({ type: 'observed', observation: look.observation }, stopAfter);
  }
}

const repositoryFacts = {
  root: '/home/user/shop',
  name: 'shop',
  commonDir: '/home/user/shop/.git',
  bare: false,
  shallow: false,
  gitVersion: '2.40.0',
  currentBranch: targetName,
  problems: [],
  committer: { name: 'Test', email: 'test@example.invalid' },
  remarks: [],
};
