import type { CoordinatorHandle, RunSignals } from '../../../source/coordinator/state/handle.ts';
import type { State } from '../../../source/coordinator/state/state.ts';
import { initialState } from '../../../source/coordinator/update.ts';
import type { RunId } from '../../../source/domain/ids.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import type { Item } from '../../../source/domain/item.ts';
import { emptyMergeEntry, type MergeEntry } from '../../../source/domain/queue/merge-entry.ts';
import type { ReviewMaterial } from '../../../source/domain/review/material.ts';
import { defaultSettings } from '../../../source/domain/settings.ts';
import type { Command, CommandAnswer } from '../../../source/ports/commands.ts';
import type { CleanProbe } from '../../../source/ports/git.ts';
import type { LogChunk, LogFile, LogLine, LogsPort } from '../../../source/ports/logs.ts';
import type { TreeUsage } from '../../../source/ports/processes.ts';

/** Noon, local time, of a day in March: what tests take for now. */
export const noon = new Date(2026, 2, 2, 12, 0, 0).getTime();

export function fakeItem(key: string, more: Partial<Item> = {}): Item {
  return {
    id: key,
    key,
    aliases: [],
    title: `Title of ${key}`,
    status: 'planned',
    heading: `${key}: Title of ${key}`,
    line: 10,
    endLine: 20,
    dependsOn: [],
    notes: [],
    scope: { kind: 'known', paths: ['src/**'] },
    agentType: 'code_developer',
    agentProgram: null,
    estimateHours: null,
    duplicate: false,
    prompt: null,
    ...more,
  };
}

/** An instance of the item with that key, by default one that has run for five minutes. */
export function fakeInstance(
  key: string,
  more: Partial<Omit<Instance, 'merge'>> & { readonly merge?: Partial<MergeEntry> } = {},
): Instance {
  const slug = key.replace(/\D/g, '').padStart(3, '0');
  const { merge, ...rest } = more;
  return {
    runId: `run${slug}`.padEnd(16, 'x'),
    priorityId: key,
    key,
    title: `Title of ${key}`,
    slug,
    attempt: 1,
    agent: 'demo',
    agentType: 'code_developer',
    scope: { kind: 'known', paths: ['src/**'] },
    branchName: `roadmap-${slug}`,
    worktreePath: `/tmp/shop-wt${slug}`,
    target: 'roadmap',
    base: 'b'.repeat(40),
    state: 'running',
    reason: null,
    process: { pid: 4242, startTime: '1', bootId: 'boot' },
    requestedAt: noon - 300_000,
    startTime: noon - 300_000,
    endTime: null,
    exitCode: null,
    lost: null,
    head: null,
    commits: 0,
    files: [],
    sessionId: null,
    ...rest,
    merge: { ...emptyMergeEntry, ...merge },
  };
}

/** A state in which everything has been read and nothing has happened. */
export function fakeState(more: Partial<State> = {}): State {
  return {
    ...initialState(defaultSettings),
    target: 'roadmap',
    repository: {
      root: '/tmp/shop',
      name: 'shop',
      commonDir: '/tmp/shop/.git',
      bare: false,
      shallow: false,
      gitVersion: '2.50.1',
      currentBranch: 'roadmap',
      problems: [],
      committer: { name: 'Test', email: 'test@example.invalid' },
      remarks: [],
    },
    targetTip: 'a'.repeat(40),
    roadmap: { path: 'docs/ROADMAP.md', items: [], problems: [] },
    resources: {
      cpuPercent: 45,
      memoryPercent: 38,
      diskPercent: 39,
      freeDiskBytes: 100e9,
      smoothedCpu: 45,
      smoothedMemory: 38,
      source: 'measured',
      capacity: 4,
      band: 0,
      explanation: 'below 50 %',
      cpuHistory: [10, 20, 30, 45],
      memoryHistory: [30, 35, 38, 38],
    },
    sourcesRead: true,
    reconciled: true,
    ready: true,
    ...more,
  };
}

/** Shorthand for a state with these items; those that depend on nothing are ready, all of them. */
export function stateWith(items: readonly Item[], more: Partial<State> = {}): State {
  const taken = new Set((more.instances ?? []).map(one => one.priorityId));
  const planned = items.filter(item => item.status === 'planned' && !taken.has(item.id));
  return fakeState({
    roadmap: { path: 'docs/ROADMAP.md', items, problems: [] },
    plan: { ready: planned.filter(item => item.dependsOn.length === 0).map(item => item.id), at: noon },
    ...more,
  });
}

const searchBlock = 1000;

/** Logs in memory: tails as the port promises them, and files whose offsets are line numbers. */
class FakeLogs implements LogsPort {
  private readonly tails = new Map<RunId, readonly LogLine[]>();
  private readonly files = new Map<string, LogLine[]>();
  private readonly listeners = new Set<() => void>();
  /** How often a part of a file was read, and how many lines at most. */
  readonly reads: number[] = [];
  /** What a search through a file waits for before each block. */
  gate: Promise<void> = Promise.resolve();

  append(runId: RunId, texts: readonly string[], more: Partial<LogLine> = {}): void {
    const lines = texts.map((text): LogLine => ({ time: noon, kind: 'text', stream: 'out', text, ...more }));
    this.tails.set(runId, [...this.tail(runId), ...lines].slice(-2000));
    this.files.set(`${runId}/out`, [...(this.files.get(`${runId}/out`) ?? []), ...lines]);
    for (const listener of this.listeners) listener();
  }

  /** The raw file of a stream, without touching the tail. */
  fill(runId: RunId, stream: 'out' | 'err', texts: readonly string[]): void {
    this.files.set(
      `${runId}/${stream}`,
      texts.map((text): LogLine => ({ time: null, kind: 'text', stream, text })),
    );
  }

  tail(runId: RunId): readonly LogLine[] {
    const known = this.tails.get(runId);
    if (known !== undefined) return known;
    const none: readonly LogLine[] = [];
    this.tails.set(runId, none);
    return none;
  }

  lastOutput(): number | null {
    return null;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async open(runId: RunId, stream: 'out' | 'err'): Promise<LogFile> {
    const lines = this.files.get(`${runId}/${stream}`) ?? [];
    const chunk = (from: number, to: number): LogChunk => {
      const start = Math.max(0, from);
      const end = Math.max(start, Math.min(lines.length, to));
      this.reads.push(end - start);
      return { start, end, lines: lines.slice(start, end).map((line, index) => ({ offset: start + index, line })) };
    };
    return {
      size: async () => lines.length,
      forward: async (offset, maxLines) => chunk(offset, offset + maxLines),
      backward: async (offset, maxLines) => chunk(offset - maxLines, offset),
      search: async ({ text, regex, ignoreCase }, { signal, onMatch, onProgress }) => {
        const plain = text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
        const test = new RegExp(regex ? text : plain, ignoreCase ? 'iu' : 'u');
        for (const [offset, line] of lines.entries()) {
          // Block by block, as the files are read.
          if (offset % searchBlock === 0) {
            await this.gate;
            if (signal?.aborted === true) return { matches: 0, complete: false };
            onProgress?.(offset);
          }
          if (test.test(line.text)) onMatch({ offset, text: line.text });
        }
        return { matches: 0, complete: true };
      },
      close: async () => {},
    };
  }
}

/** A coordinator in memory: shows the state it is given, remembers commands, answers as it is told. */
export class FakeHandle implements CoordinatorHandle {
  role: 'owner' | 'viewer' = 'owner';
  readonly logs = new FakeLogs();
  readonly commands: Command[] = [];
  diffText = '';
  material: ReviewMaterial = { itemText: null, summary: null, commits: [] };
  probes: readonly CleanProbe[] = [];
  usages: Readonly<Record<RunId, TreeUsage>> = {};
  signalled: Readonly<Record<RunId, RunSignals>> = {};
  /** What happens on a command; by default it is accepted. */
  onCommand: (command: Command) => CommandAnswer | Promise<CommandAnswer> = command => ({
    ok: true,
    message: `did ${command.type}`,
    runIds: [],
  });
  private readonly listeners = new Set<() => void>();

  constructor(private current: State) {}

  state(): State {
    return this.current;
  }

  set(state: State): void {
    this.current = state;
    for (const listener of this.listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async send(command: Command): Promise<CommandAnswer> {
    this.commands.push(command);
    return this.onCommand(command);
  }

  async diff(): Promise<string> {
    return this.diffText;
  }

  async review(): Promise<ReviewMaterial> {
    return this.material;
  }

  async probeClean(): Promise<readonly CleanProbe[]> {
    return this.probes;
  }

  usage(): Readonly<Record<RunId, TreeUsage>> {
    return this.usages;
  }

  signals(): Readonly<Record<RunId, RunSignals>> {
    return this.signalled;
  }
}
