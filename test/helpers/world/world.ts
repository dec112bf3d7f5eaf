import type { Observation } from '../../../source/coordinator/state/messages.ts';
import type { State } from '../../../source/coordinator/state/state.ts';
import { defaultFleetSettings } from '../../../source/domain/fleet/settings.ts';
import type { Oid, RunId } from '../../../source/domain/ids.ts';
import { isAlive } from '../../../source/domain/instance.ts';
import type { Item } from '../../../source/domain/item.ts';
import type { CheckResult } from '../../../source/domain/queue/merge-entry.ts';
import { defaultSettings, type Settings } from '../../../source/domain/settings.ts';
import type { RunStatus } from '../../../source/ports/processes.ts';
import { type Questions, questionsOf } from '../../../source/runtime/observe.ts';
import { FleetWorld } from './fleet.ts';
import { type Conduct, Machine } from './machine.ts';
import { createRandom, type Random } from './random.ts';
import { Repository } from './repository/repository.ts';
import { RoadmapReader, randomItems, roadmapPath } from './repository/roadmap.ts';

export const targetName = 'main';

/** How often things happen; each world has a character of its own, so that rare paths are common in some of them. */
export interface Odds {
  /** Relative weights of what happens next. */
  readonly look: number;
  readonly command: number;
  readonly deed: number;
  readonly crash: number;
  /** Probabilities: of an operation that fails, of a probe that says nothing, of a step that takes long. */
  readonly fault: number;
  readonly blind: number;
  readonly slow: number;
}

/** Everything outside the coordinator: repository, processes, machine, time. All chance comes from one seed. */
export class World {
  readonly random: Random;
  readonly odds: Odds;
  readonly repository: Repository;
  readonly machine: Machine;
  readonly settings: Settings;
  /** Other machines; null: everything runs here. */
  readonly fleet: FleetWorld | null;
  readonly items: readonly Item[];
  readonly roadmap: RoadmapReader;
  readonly conducts: readonly Conduct[] = [
    'fails',
    'idles',
    'leaves-dirt',
    'wanders-off',
    'reports-failure',
    'breaks-checks',
  ];
  /** What passed the checks, as `tree hash`. */
  readonly passed = new Set<string>();
  /** Runs of the checks by run, number and candidate. */
  readonly checks = new Map<string, CheckResult>();
  now = 1_700_000_000_000;
  /** The journal cannot be written. */
  diskIsFull = false;
  /** No more faults: everything answers, agents do their work. */
  calm = false;

  constructor(seed: number) {
    this.random = createRandom(seed);
    this.odds = randomOdds(this.random);
    this.items = randomItems(this.random);
    // Chance of its own: the other worlds stay what they were.
    const withFleet = seed % 3 === 0;
    const drawn = randomSettings(this.random);
    const style: Settings = seed % 8 === 5 ? { ...drawn, landing: 'ff' } : drawn;
    const stack = seed % 5 === 2;
    const after: Partial<Settings> = seed % 4 === 1 ? { after: ['review'], reviewRounds: seed % 3 } : {};
    const settings: Settings = { ...style, stack, ...after };
    this.settings = withFleet
      ? { ...settings, fleet: { ...defaultFleetSettings, engine: 'redis://w', lostAfter: 60, local: seed % 2 === 0 } }
      : settings;
    this.roadmap = new RoadmapReader(this.items);
    this.machine = new Machine(this.random);
    const lines = this.items.map(({ key }) => [`${roadmapPath}#${key}`, 'planned'] as const);
    const tree = new Map([...lines, ['shared/a.txt', '0'], ['user.txt', '0']] as const);
    this.repository = new Repository(targetName, tree, stack);
    this.fleet = withFleet ? new FleetWorld(createRandom(seed + 7_000_000), this.repository, this.now) : null;
  }

  readSources() {
    const tip = this.repository.tip(targetName) ?? this.#lastTip();
    return this.roadmap.read(tip, this.repository.history.get(tip).tree);
  }

  /** Without a target the user's files still stand as they were. */
  #lastTip(): Oid {
    const known = this.repository.moves.findLast(move => move.from !== null)?.from;
    if (known === undefined || known === null) throw new Error('the target never had a tip');
    return known;
  }

  /** The first half of a look: what git shows. Faults leave parts of it unknown. */
  lookAtGit(state: State): Observation['git'] {
    const alive = state.instances.filter(one => isAlive(one.state) && one.base !== null);
    const folders = alive.map(one => one.worktreePath);
    const seen = this.repository.observe(state.settings.branchPrefix, folders);
    const fails = () => !this.calm && this.random.chance(this.odds.blind);
    if (fails()) return { worktrees: null, branches: null, pins: null, targetTip: null };
    return { ...seen, worktrees: fails() ? null : seen.worktrees };
  }

  /** The second half: processes, and what has become part of the target as git showed it. */
  completeLook(asOf: State, git: Observation['git']): Observation {
    const { probes, landings, heads } = questionsOf(asOf);
    const runs: Record<RunId, RunStatus> = {};
    for (const { runId, process } of probes) runs[runId] = this.#probe(runId, process);
    const landed = this.#onTarget(landings, git.targetTip);
    const { instances, targetTip } = asOf;
    return { runs, git, landed, merged: this.#landedBy(heads, git.targetTip), asOf: { instances, targetTip } };
  }

  #probe(runId: RunId, identity: Parameters<Machine['probe']>[1]): RunStatus {
    if (!this.calm && this.random.chance(this.odds.blind))
      return { status: 'unknown', message: 'the process table cannot be read' };
    return this.machine.probe(runId, identity);
  }

  #landedBy(questions: Questions['heads'], tip: Oid | null): NonNullable<Observation['merged']> {
    const own = questions.filter(({ isOwn }) => isOwn);
    const found = Object.entries(this.#onTarget(own, tip)).map(([runId, there]) => {
      const commit = own.find(one => one.runId === runId)?.commit ?? '';
      return [runId, there === true ? ({ oid: commit, style: 'merge' } as const) : there] as const;
    });
    return Object.fromEntries(found);
  }

  #onTarget(questions: Questions['landings'], tip: Oid | null): Record<RunId, boolean | null> {
    const answers: Record<RunId, boolean | null> = {};
    for (const { runId, commit } of questions) {
      const unknown = tip === null || (!this.calm && this.random.chance(this.odds.blind));
      answers[runId] = unknown ? null : this.repository.history.isAncestor(commit, tip);
    }
    return answers;
  }
}

function randomOdds(random: Random): Odds {
  return {
    look: random.pick([0.4, 2.5, 6]),
    command: random.pick([1, 4, 10]),
    deed: random.pick([0.3, 1.5, 5]),
    crash: random.pick([0.1, 0.5, 2]),
    fault: random.pick([0.005, 0.03, 0.12]),
    blind: random.pick([0.01, 0.05, 0.2]),
    slow: random.pick([0.1, 0.25, 0.6]),
  };
}

function randomSettings(random: Random): Settings {
  return {
    ...defaultSettings,
    agent: 'demo',
    maxParallel: 1 + random.int(4),
    approve: random.chance(0.5) ? 'clean' : 'none',
    checks: random.chance(0.6) ? [['test']] : [],
    setup: random.chance(0.3) ? [['install']] : [],
    landing: random.pick(['merge', 'merge', 'merge', 'squash', 'rebase', 'rebase']),
    batch: random.pick([1, 2, 4, 8]),
    roadmapStatus: random.chance(0.8) ? 'commit' : 'off',
    unknownScope: random.chance(0.7) ? 'serial' : 'parallel',
  };
}
