import { isDeepStrictEqual } from 'node:util';
import type { State } from '../../../source/coordinator/state/state.ts';
import { hasLanded, isAlive } from '../../../source/domain/instance.ts';
import type { Command } from '../../../source/ports/commands.ts';
import { someCommand } from './commands.ts';
import { Coordinator, type Timeless } from './coordinator.ts';
import type { FleetWorld } from './fleet.ts';
import { BrokenPromise } from './invariants.ts';
import { MemoryJournal } from './journal.ts';
import { agentWorks, someDeed } from './people.ts';
import { checkRest, describe } from './rest.ts';
import { isDone, wishes } from './wishes.ts';
import { Auditor } from './witness.ts';
import { targetName, World } from './world.ts';

/** What one seed came to. */
export interface SimulationResult {
  readonly steps: number;
  /** Messages that the core has heard. */
  readonly turns: number;
  readonly crashes: number;
  readonly commands: number;
  readonly landed: number;
  readonly facts: number;
  /** Landings that were taken back: by a move of the target, and by a revert. */
  readonly movedBack: number;
  readonly reverted: number;
  /** Landed after having been begun from the branch of another run. */
  readonly stacked: number;
}

/** A seed whose world broke a promise, and how to see it again. */
export class SimulationFailure extends Error {
  constructor(seed: number, step: number, cause: unknown) {
    const why = cause instanceof Error ? (cause instanceof BrokenPromise ? cause.message : cause.stack) : String(cause);
    super(`seed ${seed}, step ${step}: ${why}\nsee it again: npm run simulate -- --seed ${seed}`, { cause });
  }
}

const ignore = () => undefined;
const restLimit = 20_000;

/** Lets one world run with faults, then without, and demands that it comes to rest with everything landed. */
export function simulate(seed: number, trace: (line: string) => void = ignore): SimulationResult {
  const run = new Simulation(seed, trace);
  try {
    return run.play();
  } catch (error) {
    throw new SimulationFailure(seed, run.steps, error);
  }
}

/** Another machine works on it, or what that made is on its way. */
function isElsewhere({ remote, state }: State['instances'][number]): boolean {
  return remote !== undefined && (isAlive(state) || (state === 'completed' && remote.home !== true));
}

class Simulation {
  steps = 0;
  crashes = 0;
  readonly #world: World;
  readonly #journal = new MemoryJournal();
  readonly #auditor: Auditor;
  readonly #trace: (line: string) => void;
  #coordinator: Coordinator;

  constructor(seed: number, trace: (line: string) => void) {
    this.#world = new World(seed);
    this.#trace = trace;
    this.#auditor = new Auditor(this.#world, this.#journal);
    this.#coordinator = this.#newCoordinator();
  }

  #newCoordinator(): Coordinator {
    const trace =
      this.#trace === ignore ? ignore : (what: unknown) => this.#trace(`${this.steps}   ${JSON.stringify(what)}`);
    return new Coordinator(this.#world, this.#journal, this.#auditor, trace);
  }

  play(): SimulationResult {
    const { random } = this.#world;
    this.#coordinator.start();
    this.#acceptWorkers();
    this.#coordinator.command({ type: 'set-mode', mode: random.chance(0.8) ? 'auto' : 'manual' });
    const troubled = random.pick([200, 600, 1500]);
    while (this.steps < troubled) this.#step();
    this.#calm();
    return {
      steps: this.steps,
      turns: this.#auditor.turns,
      crashes: this.crashes,
      commands: this.#auditor.commands,
      landed: this.#coordinator.state.instances.filter(one => hasLanded(one.state)).length,
      facts: this.#journal.appended,
      movedBack: this.#world.repository.moves.filter(({ by }) => by === 'undo').length,
      reverted: this.#coordinator.state.instances.filter(one => one.takenBack !== undefined).length,
      stacked: this.#coordinator.state.instances.filter(one => one.stack !== undefined && hasLanded(one.state)).length,
    };
  }

  /** One thing happens: something under way goes on, time passes, somebody acts, or something breaks. */
  #step(): void {
    const { random, calm, odds } = this.#world;
    this.steps++;
    const { look, command, deed, crash } = odds;
    const { fleet } = this.#world;
    if (fleet !== null && random.chance(0.3)) return this.#actElsewhere(fleet);
    const troubles = calm ? 0 : command + deed + crash + 3;
    let draw = random.next() * (85 + look + troubles);
    const falls = (weight: number) => {
      draw -= weight;
      return draw < 0;
    };
    if (falls(60)) return this.#goOn();
    if (falls(10)) return this.#passTime();
    if (falls(10)) return void agentWorks(this.#world);
    if (falls(5)) return this.#readMachine();
    if (falls(look)) return this.#look();
    if (calm) return this.#coordinator.readTarget();
    if (falls(command)) return this.#command(someCommand(this.#world, this.#coordinator.state));
    if (falls(deed)) return void someDeed(this.#world, this.#coordinator.state);
    if (falls(1.5)) return this.#hearAgent();
    if (falls(crash)) return this.#crash(random.chance(0.3));
    if (falls(1)) return this.#fillDisk();
    return this.#coordinator.snapshot();
  }

  /** A person accepts every machine of this world. */
  #acceptWorkers(): void {
    const { fleet, now } = this.#world;
    for (const { name: worker, key } of fleet?.workers ?? [])
      this.#coordinator.post({ type: 'fact', event: { type: 'worker-accepted', worker, key, at: now } });
  }

  /** Other machines get on with their work, and the coordinator hears of it or looks. */
  #actElsewhere(fleet: FleetWorld): void {
    const { random, calm, now, odds } = this.#world;
    const coordinator = this.#coordinator;
    if (random.chance(0.6)) return fleet.act(now, calm);
    const report = fleet.reports.length === 0 ? undefined : random.pick(fleet.reports);
    if (report === undefined || random.chance(0.4))
      return this.#lookElsewhere(fleet, !calm && random.chance(odds.blind));
    // It is acknowledged once it is in the journal, so a coordinator that is killed meanwhile hears it again.
    this.#turn(stop => {
      const killed = coordinator.post({ type: 'fleet-report', report }, stop);
      if (!killed && !coordinator.isStalled) fleet.reports.splice(fleet.reports.indexOf(report), 1);
      return killed;
    });
  }

  #lookElsewhere(fleet: FleetWorld, blind: boolean): void {
    const { calm, now } = this.#world;
    const coordinator = this.#coordinator;
    if (calm) fleet.beat(now);
    const seen = fleet.look(now, blind);
    this.#turn(stop => coordinator.post({ type: 'fleet-observed', seen, asOf: coordinator.state.instances }, stop));
  }

  /** The disk is full for a while, or has space again: what could not be written is written then. */
  #fillDisk(): void {
    const world = this.#world;
    world.diskIsFull = !world.diskIsFull && world.random.chance(0.3);
    this.#turn(stop => this.#coordinator.flush(stop));
  }

  /** Something that is under way takes its next step, in any order. */
  #goOn(): void {
    const { random } = this.#world;
    const coordinator = this.#coordinator;
    const { operations, inbox, watched } = coordinator;
    const ended = [...watched].filter(runId => this.#world.machine.runs.get(runId)?.alive === false);
    const chosen = random.int(operations.length + inbox.length + ended.length + 1);
    const operation = operations[chosen];
    if (operation !== undefined) {
      if (operation.patience-- > 0) return;
      if (operation.outcome === null) coordinator.act(operation, this.#fault());
      else this.#turn(stop => coordinator.answer(operation, stop));
      return;
    }
    if (chosen < operations.length + inbox.length) {
      const message = inbox.splice(chosen - operations.length, 1)[0];
      if (message !== undefined) this.#turn(stop => coordinator.post(message, stop));
      return;
    }
    const runId = ended[chosen - operations.length - inbox.length];
    if (runId === undefined) return coordinator.readTarget();
    watched.delete(runId);
    const process = coordinator.state.instances.find(one => one.runId === runId)?.process ?? null;
    const status = this.#world.machine.probe(runId, process);
    this.#turn(stop => coordinator.post({ type: 'process-ended', runId, status }, stop));
  }

  #fault(): 'before' | 'after' | null {
    const { random, calm, odds } = this.#world;
    if (calm || !random.chance(odds.fault)) return null;
    return random.chance(0.5) ? 'before' : 'after';
  }

  /** One turn of the coordinator, which may be killed in the middle of it. */
  #turn(post: (stopAfter?: number) => boolean): void {
    const { random, calm, odds } = this.#world;
    if (calm || !random.chance(odds.crash / 100)) post();
    else if (post(random.int(4))) this.#crash(false);
  }

  #passTime(): void {
    const { random, calm } = this.#world;
    this.#world.now += random.int(calm ? 30_000 : 4000);
    this.#turn(stop => this.#coordinator.post({ type: 'tick' }, stop));
  }

  #readMachine(): void {
    const reading = this.#world.machine.read(this.#world.calm);
    this.#turn(stop => this.#coordinator.post({ type: 'machine-read', reading }, stop));
  }

  /** An agent's output says something, or a limit of its time is over. */
  #hearAgent(): void {
    const { random, machine, now } = this.#world;
    const { alive } = machine;
    if (alive.length === 0) return;
    const { runId } = random.pick(alive);
    const message = random.pick<Timeless>([
      { type: 'session', runId, sessionId: random.id() },
      { type: 'reported', runId, ok: random.chance(0.7), message: 'done', up: now },
      { type: 'usage', runId, usage: { inputTokens: random.int(1000), outputTokens: null, costUsd: random.next() } },
      { type: 'limit-reached', runId, cause: random.pick(['result', 'silence', 'time']), seconds: 60 },
      { type: 'cooldown', agent: 'demo', until: now + random.int(20_000), runId },
    ]);
    this.#turn(stop => this.#coordinator.post(message, stop));
  }

  #look(): void {
    if (this.#coordinator.look === null) this.#coordinator.beginLook();
    this.#turn(stop => this.#coordinator.continueLook(stop));
  }

  #command(command: Command): void {
    this.#trace(`${this.steps} ${JSON.stringify(command)}`);
    this.#turn(stop => this.#coordinator.command(command, stop));
  }

  /** The coordinator is killed; with `power` the whole machine. What it had under way has happened, or has not. */
  #crash(power: boolean): void {
    const { random, machine } = this.#world;
    this.crashes++;
    this.#trace(`${this.steps} ${power ? 'the power fails' : 'the coordinator is killed'}`);
    for (const operation of this.#coordinator.operations) {
      if (operation.outcome === null && random.chance(0.5)) this.#coordinator.act(operation);
    }
    if (power) {
      machine.reboot();
      // Most often all of it: an event more or less is what the other seeds are for.
      const { unsynced } = this.#journal;
      this.#journal.loseTail(random.chance(0.6) ? unsynced : random.int(unsynced + 1));
    }
    const folded = this.#journal.load();
    if (!isDeepStrictEqual(folded, this.#journal.state))
      throw new BrokenPromise('the state is the fold of the journal', 'it differs');
    this.#coordinator = this.#newCoordinator();
    this.#world.fleet?.restarted(this.#world.now);
    this.#coordinator.start();
  }

  /** No more faults: the user tidies up and asks again for whatever is left, until everything has landed. */
  #calm(): void {
    const world = this.#world;
    const { repository } = world;
    world.calm = true;
    world.diskIsFull = false;
    this.#coordinator.flush();
    this.#trace(`${this.steps} calm`);
    const limit = this.steps + restLimit;
    for (let round = 0; ; round++) {
      repository.dirty.clear();
      repository.userBranch = targetName;
      this.#mendTarget();
      this.#rest(limit);
      const { state } = this.#coordinator;
      checkRest({
        world,
        state,
        journaled: this.#journal.state,
        undone: this.#auditor.undone,
        voided: this.#auditor.voided,
      });
      world.fleet?.checkRest(state);
      if (isDone(state)) break;
      if (round > 60) throw new BrokenPromise('everything lands in the end', describe(state));
      for (const command of wishes(state)) this.#command(command);
    }
  }

  /** The target is there, and nothing that breaks the checks is on it. */
  #mendTarget(): void {
    const { repository } = this.#world;
    const tip = repository.tip(targetName) ?? repository.moves.findLast(move => move.from !== null)?.from;
    if (tip === undefined || tip === null) throw new Error('the target never had a tip');
    if (repository.tip(targetName) === null) repository.moveTarget('user', tip);
    const { tree } = repository.history.get(tip);
    if (![...tree.values()].some(content => content.startsWith('broken'))) return;
    const repaired = [...tree].map(([path, content]) => [path, content.replace(/^broken/, 'mended')] as const);
    repository.moveTarget('user', repository.history.commit([tip], new Map(repaired)));
  }

  /** Goes on until nothing is under way and a fresh look, and another, have brought nothing new. */
  #rest(limit: number): void {
    let looks = 0;
    let known: State['instances'] = [];
    while (looks < 3) {
      if (this.steps > limit) throw new BrokenPromise('it comes to rest', describe(this.#coordinator.state));
      this.#step();
      if (this.#isStirring()) continue;
      this.#readMachine();
      this.#passTime();
      const { instances } = this.#coordinator.state;
      looks = instances === known ? looks + 1 : 0;
      known = instances;
      this.#look();
      this.#look();
      // Whether another machine can be reached is as much a part of what there is to see.
      if (this.#world.fleet !== null) this.#lookElsewhere(this.#world.fleet, false);
    }
    while (this.#isStirring()) this.#step();
  }

  #isStirring(): boolean {
    const { operations, inbox, look, watched, state } = this.#coordinator;
    if (operations.length > 0 || inbox.length > 0 || look !== null) return true;
    const { machine, repository, fleet } = this.#world;
    if (fleet !== null && (fleet.reports.length > 0 || state.instances.some(isElsewhere))) return true;
    const hangs = (runId: string) =>
      machine.runs.get(runId)?.alive === true && machine.runs.get(runId)?.endsAt === Infinity;
    if (machine.alive.some(run => !hangs(run.runId)) || [...watched].some(runId => !hangs(runId))) return true;
    return state.targetTip !== repository.tip(targetName);
  }
}
