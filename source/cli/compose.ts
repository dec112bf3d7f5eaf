import { join } from 'node:path';
import { systemClock } from '../adapters/clock.ts';
import { createSources } from '../adapters/files/sources.ts';
import { watchTarget } from '../adapters/files/target-watch.ts';
import { createJournal, type Journal } from '../adapters/journal/journal.ts';
import { acquireOwnership } from '../adapters/lock/lock.ts';
import { createLogs } from '../adapters/logs/logs.ts';
import { fixedMachine } from '../adapters/machine/fixed.ts';
import { createMachine } from '../adapters/machine/machine.ts';
import { processTable } from '../adapters/processes/process-table.ts';
import { createProcesses } from '../adapters/processes/processes.ts';
import { durablePart, initialDurableState } from '../coordinator/fold.ts';
import type { DurableState } from '../coordinator/state.ts';
import { replay } from '../coordinator/update.ts';
import { CmError } from '../domain/errors.ts';
import type { JournalLoad } from '../ports/journal.ts';
import type { MachinePort } from '../ports/machine.ts';
import type { RuntimeDeps } from '../runtime/deps.ts';
import { Runtime } from '../runtime/runtime.ts';
import { type Context, requireTarget } from './context.ts';
import { createLauncher } from './launcher.ts';

/** A coordinator of this process: it owns the repository until `close`. */
export interface OwnedRuntime {
  readonly runtime: Runtime;
  /** Looks at the repository and begins to work; before that the state is what the journal tells. */
  begin(): Promise<void>;
  close(reason: string): void;
}

/** Takes the lock (or throws, exit 4), folds the journal and makes the coordinator; it works once it is told to begin. */
export async function openRuntime(context: Context, mode: 'auto' | 'manual' | 'keep'): Promise<OwnedRuntime> {
  const target = requireTarget(context);
  const lock = await acquireOwnership({ commonDir: context.commonDir, stateDir: context.stateDir });
  try {
    let runtime: Runtime | null = null;
    const journal = await openJournal(context, () =>
      runtime === null ? initialDurableState : durablePart(runtime.state()),
    );
    const durable = durableOf(await journal.load());
    runtime = new Runtime(dependencies(context, target, journal), durable);
    const opened = runtime;
    return {
      runtime: opened,
      begin: () =>
        opened.start({
          type: 'coordinator-started',
          pid: process.pid,
          target,
          mode: mode === 'keep' ? durable.mode : mode,
          version: process.env.CM_TUI_VERSION ?? 'development',
          at: Date.now(),
        }),
      close(reason) {
        opened.stop(reason);
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A look at the repository without the lock: folds the journal, observes, concludes, and changes nothing. */
export async function openReader(context: Context): Promise<Runtime> {
  const load = await readJournal(context);
  const target = context.target ?? '';
  const runtime = new Runtime(dependencies(context, target, null), { ...durableOf(load), target });
  await runtime.start(null);
  await runtime.settled();
  return runtime;
}

/** What the journal says, read beside its writer. */
export async function readJournal(context: Context): Promise<JournalLoad> {
  const journal = await openJournal(context, () => null);
  const load = await journal.load({ readOnly: true });
  journal.close();
  return load;
}

async function openJournal(context: Context, snapshotState: () => DurableState | null): Promise<Journal> {
  const bootId = await processTable().bootId();
  const { now, monotonic } = systemClock;
  return createJournal({
    dir: context.stateDir,
    bootId,
    uptime: monotonic,
    now,
    snapshotState,
  });
}

/** The fold of a journal; throws (exit 3) where it is damaged. */
export function durableOf(load: JournalLoad): DurableState {
  if (load.outcome === 'damaged') {
    throw new CmError(
      `The journal is damaged at line ${load.line} (${load.message}); nothing was changed. "cm-tui doctor --recover" rebuilds it from the worktrees, branches and run folders.`,
      3,
    );
  }
  return replay(load.events, snapshotOf(load));
}

/** The journal checks a snapshot's checksum before it hands it out: what stands there is what `durablePart` wrote. */
function snapshotOf(load: JournalLoad): DurableState {
  const state = load.snapshot?.state;
  return state === undefined || state === null
    ? initialDurableState
    : { ...initialDurableState, ...(state as Partial<DurableState>) };
}

function dependencies(context: Context, target: string, journal: Journal | null): RuntimeDeps {
  const { settings, stateDir, root, commonDir, git } = context;
  const runsDir = join(stateDir, 'runs');
  const sources = createSources({
    root,
    roadmap: settings.roadmap,
    ownership: settings.ownership,
    readOnlyTypes: settings.readOnlyTypes,
  });
  return {
    settings,
    target,
    git,
    processes: createProcesses({ runsDir }),
    machine:
      fixedMachine(process.env.CM_TUI_MACHINE) ??
      whenRead(() => createMachine({ diskPath: settings.worktreeRoot ?? root })),
    clock: systemClock,
    sources,
    journal,
    logs: createLogs({ runsDir }),
    launcher: createLauncher(context, sources),
    watchTarget: onChange => watchTarget({ commonDir, target, onChange }),
  };
}

/** A machine that is made (and its library loaded) when it is first read: after the first frame, not before. */
function whenRead(make: () => MachinePort): MachinePort {
  let machine: MachinePort | null = null;
  return {
    read() {
      machine ??= make();
      return machine.read();
    },
  };
}
