import type { ResourceStatus } from '../../../source/domain/capacity.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import type { Item, Scope } from '../../../source/domain/item.ts';
import { noOwnership } from '../../../source/domain/ownership/ownership.ts';
import type { PlanInput } from '../../../source/domain/plan.ts';
import { emptyMergeEntry } from '../../../source/domain/queue/merge-entry.ts';
import { defaultSettings } from '../../../source/domain/settings.ts';

/** A machine with nothing to do: four instances may run. */
export const quietMachine: ResourceStatus = {
  cpuPercent: 5,
  memoryPercent: 20,
  diskPercent: 30,
  freeDiskBytes: 50 * 1024 ** 3,
  smoothedCpu: 5,
  smoothedMemory: 20,
  capacity: 4,
  source: 'measured',
  band: 0,
  explanation: 'below 50 %',
  cpuHistory: [5],
  memoryHistory: [20],
};

export const unknownScope: Scope = { kind: 'unknown', paths: [] };

export function knownScope(...paths: string[]): Scope {
  return { kind: 'known', paths };
}

/** A planned item; its scope is a folder of its own unless told otherwise. */
export function makeItem(id: string, changes: Partial<Item> = {}): Item {
  return {
    id,
    key: id.replace(/@\d+$/, ''),
    aliases: [],
    title: `Title of ${id}`,
    status: 'planned',
    heading: `### ${id}: Title`,
    line: 10,
    endLine: 20,
    dependsOn: [],
    notes: [],
    scope: knownScope(`source/${id}/`),
    agentType: 'code_developer',
    agentProgram: null,
    estimateHours: null,
    duplicate: false,
    prompt: null,
    ...changes,
  };
}

/** A running instance of `item`. */
export function makeInstance(item: Item, changes: Partial<Instance> = {}): Instance {
  return {
    runId: `run${item.id}`
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .padEnd(16, '0')
      .slice(0, 16),
    priorityId: item.id,
    key: item.key,
    title: item.title,
    slug: item.id,
    attempt: 1,
    agent: 'demo',
    agentType: item.agentType,
    scope: item.scope,
    branchName: `roadmap-${item.id}`,
    worktreePath: `/tmp/wt-${item.id}`,
    target: 'roadmap',
    base: null,
    state: 'running',
    reason: null,
    process: { pid: 4711, startTime: '1', bootId: 'b' },
    requestedAt: 0,
    startTime: 0,
    endTime: null,
    exitCode: null,
    lost: null,
    head: null,
    commits: 0,
    files: [],
    sessionId: null,
    merge: emptyMergeEntry,
    ...changes,
  };
}

export function planInput(items: readonly Item[], changes: Partial<PlanInput> = {}): PlanInput {
  return {
    items,
    instances: [],
    ownership: noOwnership,
    settings: defaultSettings,
    resources: quietMachine,
    repositoryProblems: [],
    paused: false,
    pins: [],
    cooldowns: {},
    now: 1_000_000,
    problems: [],
    ...changes,
  };
}
