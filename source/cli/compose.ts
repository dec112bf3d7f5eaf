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
import type { JournalLoad } from '../ports/journal.ts';
import type { MachinePort } from '../ports/machine.ts';
import type { RuntimeDeps } from '../runtime/deps.ts';
import { Runtime } from '../runtime/runtime.ts';
import { type Context, requireTarget } from './context.ts';
import { createLauncher } from './launcher.ts';
import { writeError } from './output.ts';
import { durableOf, JournalDamage, rebuildFrom } from './rebuild.ts';

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

/**
 * A look at the repository without the lock: folds the journal, observes, concludes, and changes nothing. Of a damaged journal it takes
 * what can be known, and `onDamage` hears the sentence that says so.
 */
export async function openReader(
  context: Context,
  onDamage: (sentence: string) => void = writeError,
): Promise<Runtime> {
  const load = await readJournal(context);
  const target = context.target ?? '';
  if (load.outcome === 'damaged') onDamage(new JournalDamage(load).message);
  const durable = load.outcome === 'damaged' ? (await rebuildFrom(context, load)).state : durableOf(load);
  const runtime = new Runtime(dependencies(context, target, null), { ...durable, target });
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

export async function openJournal(context: Context, snapshotState: () => DurableState | null): Promise<Journal> {
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
