import { initialDurableState } from '../../../source/coordinator/fold/fold.ts';
import type { CoordinatorHandle } from '../../../source/coordinator/state/handle.ts';
import type { State } from '../../../source/coordinator/state/state.ts';
import { noOwnership } from '../../../source/domain/ownership/ownership.ts';
import { defaultSettings } from '../../../source/domain/settings.ts';
import type { Command, CommandAnswer } from '../../../source/ports/commands.ts';
import type { LogLine, LogsPort } from '../../../source/ports/logs.ts';

const quietState: State = {
  ...initialDurableState,
  role: 'owner',
  settings: defaultSettings,
  repository: null,
  targetTip: null,
  roadmap: { path: null, items: [], problems: [] },
  ownership: noOwnership,
  ownershipProblems: [],
  resources: {
    cpuPercent: null,
    memoryPercent: null,
    diskPercent: null,
    freeDiskBytes: null,
    smoothedCpu: null,
    smoothedMemory: null,
    capacity: 1,
    source: 'none',
    band: null,
    explanation: 'unknown',
    cpuHistory: [],
    memoryHistory: [],
  },
  plan: { ready: [], at: 0 },
  cooldowns: {},
  inFlight: {},
  nextEffectId: 1,
  statusTried: [],
  undoTried: [],
  watched: [],
  sourcesRead: true,
  reconciled: true,
  ready: true,
  kept: [],
  startProblem: null,
};

/** A coordinator that does nothing but remember what it was asked, and whose state can be set. */
export interface FakeCoordinator extends CoordinatorHandle {
  readonly commands: Command[];
  lines: LogLine[];
  set(change: Partial<State>): void;
  /** What `send` answers; may throw. */
  reply: (command: Command) => Promise<CommandAnswer>;
  diffText: string;
}

export function fakeCoordinator(): FakeCoordinator {
  let state = quietState;
  const listeners = new Set<() => void>();
  const fake: FakeCoordinator = {
    role: 'owner',
    commands: [],
    lines: [],
    diffText: '',
    reply: async () => ({ ok: true, message: 'Done.', runIds: ['r1'] }),
    state: () => state,
    set(change) {
      state = { ...state, ...change };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send(command) {
      fake.commands.push(command);
      return fake.reply(command);
    },
    logs: fakeLogs(() => fake.lines),
    diff: async (runId, options) => `${runId} ${options?.ignoreWhitespace === true}${fake.diffText}`,
    review: async runId => ({ itemText: runId, summary: null, commits: [] }),
    probeClean: async () => [{ runId: 'r1', size: 1, untracked: ['a'], ignored: [], obstacles: [] }],
    usage: () => ({ r1: { cpuPercent: 1, memoryBytes: 2, count: 3 } }),
  };
  return fake;
}

function fakeLogs(lines: () => readonly LogLine[]): LogsPort {
  return {
    tail: lines,
    lastOutput: () => null,
    subscribe: () => () => undefined,
    open: () => Promise.reject(new Error('there is no log file here')),
  };
}
