import type { Effect } from '../../../source/coordinator/state/effects.ts';
import type { Message, Observation, Outcome } from '../../../source/coordinator/state/messages.ts';
import type { DurableState, State } from '../../../source/coordinator/state/state.ts';
import { initialState, updateAll } from '../../../source/coordinator/update.ts';
import type { ProcessIdentity, RunId } from '../../../source/domain/ids.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import type { Item } from '../../../source/domain/item.ts';
import { noOwnership } from '../../../source/domain/ownership/ownership.ts';
import { defaultSettings, type Settings } from '../../../source/domain/settings.ts';
import type { Command, CommandAnswer } from '../../../source/ports/commands.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import type { BranchFacts, GitObservation, RepositoryFacts } from '../../../source/ports/git.ts';

export type Fact = CoordinatorEvent extends infer E ? (E extends CoordinatorEvent ? Omit<E, 'at'> : never) : never;
type Timeless = Message extends infer M ? (M extends Message ? Omit<M, 'at' | 'entropy'> : never) : never;

/** What one message led to: facts without their time, the other effects in order, and the answer to a command. */
export interface Told {
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
  readonly answer: CommandAnswer | null;
}

/** Full object ids that can be told apart at a glance. */
export function oid(letter: string): string {
  return letter.repeat(40).slice(0, 40);
}

export const base = oid('b');
export const head = oid('d');

export const repository: RepositoryFacts = {
  root: '/home/user/shop',
  name: 'shop',
  commonDir: '/home/user/shop/.git',
  bare: false,
  shallow: false,
  gitVersion: '2.40.0',
  currentBranch: 'main',
  problems: [],
  committer: { name: 'Test', email: 'test@example.invalid' },
  remarks: [],
};

export const agent: ProcessIdentity = { pid: 4711, startTime: '99', bootId: 'boot' };

/** A branch with one commit on one file inside the scope of US-001, in a clean worktree. */
export function goodBranch(changes: Partial<BranchFacts> = {}): BranchFacts {
  return {
    head,
    commits: 1,
    files: [file('source/US-001/a.ts')],
    dirty: [],
    operation: null,
    checkedOut: 'roadmap-001',
    worktreeExists: true,
    escapingLinks: [],
    ...changes,
  };
}

export function file(path: string) {
  const modes = { oldMode: '100644', newMode: '100644' };
  return { path, change: 'M' as const, ...modes, insertions: 1, deletions: 0, binary: false };
}

export function look(
  changes: Partial<Omit<Observation, 'git'>> & { readonly git?: Partial<GitObservation> } = {},
): Observation {
  const { git, ...rest } = changes;
  const nothing = { worktrees: null, branches: { main: base }, pins: {}, targetTip: base };
  return { runs: {}, landed: {}, ...rest, git: { ...nothing, ...git } };
}

/** A coordinator on a stage: messages go in one by one, and everything that comes of each is looked at. */
export class Scene {
  state: State;
  /** Every effect that was started, by its id. */
  readonly started = new Map<number, Effect>();
  #runs = 0;
  at = 1000;

  constructor(
    items: readonly Item[],
    settings: Partial<Settings> = {},
    {
      mode = 'manual',
      durable,
      unread = false,
    }: { readonly mode?: 'auto' | 'manual'; readonly durable?: DurableState; readonly unread?: boolean } = {},
  ) {
    this.state = initialState(
      { ...defaultSettings, agent: 'demo', roadmapStatus: 'off', checkEarly: false, ...settings },
      durable,
    );
    const started = { type: 'coordinator-started', pid: 1, target: 'main', mode, version: '1', at: this.at } as const;
    this.send({ type: 'fact', event: started });
    this.send({ type: 'repository-read', facts: repository });
    this.readSources(items);
    if (unread) return;
    const reading = { cpuPercent: 5, memoryPercent: 20, diskPercent: 30, freeDiskBytes: 50 * 1024 ** 3 };
    this.send({ type: 'machine-read', reading });
  }

  /** The first look, after which it decides. */
  ready(observation: Observation = look()): Told {
    return this.send({ type: 'observed', observation });
  }

  readSources(items: readonly Item[]): Told {
    const roadmap = { path: 'ROADMAP.md', items, problems: [] };
    const sources = { roadmap, ownership: noOwnership, ownershipProblems: [], stamp: '' };
    return this.send({ type: 'sources-read', sources });
  }

  send(message: Timeless): Told {
    const entropy = `run${++this.#runs}`.padEnd(16, '0');
    const { state, effects } = updateAll(this.state, [{ ...message, at: this.at, entropy }]);
    this.state = state;
    const facts: Fact[] = [];
    const others: Effect[] = [];
    let answer: CommandAnswer | null = null;
    for (const effect of effects) {
      if (effect.type === 'record') facts.push(timeless(effect.event));
      else if (effect.type === 'answer') answer = effect.answer;
      else {
        others.push(effect);
        if ('effectId' in effect) this.started.set(effect.effectId, effect);
      }
    }
    return { facts, effects: others, answer };
  }

  command(command: Command): Told {
    return this.send({ type: 'command', command, requestId: 'r' });
  }

  /** Answers the one effect of that kind that is under way. */
  answer(kind: string, outcome: Outcome): Told {
    return this.send({ type: 'outcome', effectId: this.effectId(kind), outcome });
  }

  fails(kind: Extract<Outcome, { type: 'failed' }>['kind'], message = 'the disk is full'): Told {
    return this.answer(kind, { type: 'failed', runId: this.run().runId, kind, message });
  }

  effectId(kind: string): number {
    const found = Object.entries(this.state.inFlight).filter(([, one]) => one.kind === kind);
    const [id] = found.at(-1) ?? [];
    if (id === undefined) throw new Error(`no ${kind} is under way: ${JSON.stringify(this.state.inFlight)}`);
    return Number(id);
  }

  get underWay(): readonly string[] {
    return Object.values(this.state.inFlight).map(one => one.kind);
  }

  /** The latest instance, or that of a run. */
  run(runId?: RunId): Instance {
    const found = this.state.instances.findLast(one => runId === undefined || one.runId === runId);
    if (found === undefined) throw new Error('there is no such instance');
    return found;
  }

  /** Spawns an item and plays it up to its running agent. */
  running(id = 'US-001'): Instance {
    this.command({ type: 'spawn', id });
    const { runId } = this.run();
    this.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    this.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    return this.run();
  }

  /** … up to the judgement of what it left behind. */
  judged(facts: BranchFacts = goodBranch(), id = 'US-001', exitCode = 0): Instance {
    const { runId } = this.running(id);
    this.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode, endTime: 900 } });
    this.answer('git.judge', { type: 'judged', runId, facts, result: null });
    return this.run();
  }

  /** … up to a clean prediction. */
  predicted(id = 'US-001', facts: BranchFacts = goodBranch()): Instance {
    const { runId } = this.judged(facts, id);
    const result = { outcome: 'clean', base, head, tree: oid('e') } as const;
    this.answer('git.predict', { type: 'predicted', runId, head, result });
    return this.run();
  }

  /** … up to an approved candidate, which is checked or landed. */
  prepared(candidate = oid('c'), id = 'US-001'): Instance {
    const { runId } = this.predicted(id);
    this.command({ type: 'approve', id: runId });
    this.prepare(candidate);
    return this.run();
  }

  prepare(candidate = oid('c'), on = base): Told {
    const { runId } = this.run();
    const result = { outcome: 'prepared', candidate, base: on, statusWritten: false } as const;
    return this.answer('git.prepare', { type: 'prepared', runId, head: this.run().head ?? head, result });
  }

  /** … up to its landing. */
  landed(candidate = oid('c'), id = 'US-001'): Instance {
    const { runId } = this.prepared(candidate, id);
    this.answer('git.land', { type: 'landed', runId, result: { outcome: 'landed' } });
    return this.run();
  }
}

function timeless({ at: _, ...fact }: CoordinatorEvent): Fact {
  return fact;
}
