import { join } from 'node:path';
import { systemClock } from '../../adapters/clock.ts';
import { changeTimesOf, keepAccepted, type SealedPlaces, sealsOf } from '../../adapters/config/index.ts';
import { createDisk } from '../../adapters/files/folder-size.ts';
import { watchTarget } from '../../adapters/files/target-watch.ts';
import { createForge } from '../../adapters/forge/forge.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import { acquireOwnership } from '../../adapters/lock/lock.ts';
import { createLogs } from '../../adapters/logs/logs.ts';
import { fixedMachine } from '../../adapters/machine/fixed.ts';
import { createMachine } from '../../adapters/machine/machine.ts';
import { loadExeca } from '../../adapters/processes/execa.ts';
import { livingRuns } from '../../adapters/processes/living-runs.ts';
import { createProcesses } from '../../adapters/processes/processes.ts';
import { system } from '../../adapters/system/system.ts';
import { durablePart, fold, initialDurableState } from '../../coordinator/fold/fold.ts';
import { judgeSettings } from '../../coordinator/runs/settings-change.ts';
import type { DurableState } from '../../coordinator/state/state.ts';
import { CmError, messageOf } from '../../domain/errors.ts';
import type { ConversationPort } from '../../ports/agents.ts';
import type { MachinePort } from '../../ports/machine.ts';
import type { OutsidePort } from '../../ports/outside.ts';
import type { RuntimeDeps } from '../../runtime/deps.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { lateFleet } from '../fleet/late-fleet.ts';
import { writeError } from '../output/output.ts';
import { type Context, requireTarget } from './context.ts';
import { keepActivity } from './journal/activity.ts';
import { JournalDamage } from './journal/damage.ts';
import { openJournal, readJournal } from './journal/open-journal.ts';
import { durableOf, rebuildFrom } from './journal/rebuild-journal.ts';
import { createLauncher } from './launcher.ts';
import { liveRedactor } from './redactor.ts';
import { sourcesOf } from './sources.ts';

/** Size in bytes at which a log is rotated: a run keeps at most twice this for each stream. */
const longestLog = 64 * 1024 * 1024;

/** A coordinator of this process: it owns the repository until `close`. */
export interface OwnedRuntime {
  readonly runtime: Runtime;
  /** Inspects the repository and starts working; before that the state is what the journal says. */
  begin(): Promise<void>;
  close(reason: string): void;
}

/**
 * Takes the lock (or throws, exit 4), folds the journal and creates the coordinator, which works once it is started. `onTrouble` gets
 * the sentence when the journal cannot be written, and null when it can again. Throws (exit 3)
 * where settings were changed while an agent ran, unless `accept` holds them as they are. `adapt`: changes what it works with.
 */
export async function openRuntime(
  context: Context,
  mode: 'auto' | 'manual' | 'keep',
  onTrouble: (sentence: string | null) => void = () => undefined,
  accept: Seals = {},
  oneShot = false,
  adapt: (deps: RuntimeDeps) => RuntimeDeps = deps => deps,
): Promise<OwnedRuntime> {
  const target = requireTarget(context);
  const lock = await acquireOwnership({ commonDir: context.commonDir, stateDir: context.stateDir });
  try {
    let runtime: Runtime | null = null;
    let hearForeign: (count: number) => void = () => undefined;
    const journal = openJournal(
      context,
      () => (runtime === null ? initialDurableState : durablePart(runtime.state())),
      onTrouble,
      // It is found in the middle of a write.
      count => void setImmediate(() => hearForeign(count)),
    );
    const load = await journal.load();
    const durable = durableOf(load);
    const places = placesOf(context);
    const found = sealsOf(places);
    const known = withSeals(durable, accept);
    const changedAt = changeTimesOf(places);
    let settings = judgeSettings(known, found, false, changedAt);
    // What an agent has left running may have changed them as well.
    if (settings.kind === 'accepted' && settings.changed.length > 0)
      settings = judgeSettings(
        known,
        found,
        (await livingRuns(system().table, context.stateDir)).length > 0,
        changedAt,
      );
    if (settings.kind === 'refused') throw new CmError(settings.message, 3);
    const deps = adapt(dependencies(context, target, journal, oneShot));
    runtime = new Runtime({ ...deps, oneShot, onForeignRecords: hear => (hearForeign = hear) }, durable);
    const opened = runtime;
    keepActivity(context, opened, load);
    opened.onFact((_, event) => {
      if (event.type === 'settings-sealed') keepAccepted(places, opened.state().sealed ?? {});
    });
    return {
      runtime: opened,
      async begin() {
        const unmended = await repairLanding(context);
        const started = opened.start({
          type: 'coordinator-started',
          pid: process.pid,
          target,
          mode: mode === 'keep' ? durable.mode : mode,
          version: process.env.CM_TUI_VERSION ?? 'development',
          at: Date.now(),
        });
        // While git is at work there is time for what the first agent needs.
        void loadExeca();
        await started;
        keepAccepted(places, { ...known.sealed, ...found });
        if (JSON.stringify(durable.sealed) !== JSON.stringify(found)) opened.seal(found);
        if (settings.changed.length > 0)
          opened.tell(
            'info',
            `Settings changed since the last start, and are used from now on: ${settings.changed.join(', ')}.`,
          );
        if (unmended !== null) opened.tell('warning', unmended);
        for (const remark of load.outcome === 'ok' ? (load.remarks ?? []) : []) opened.tell('warning', remark);
      },
      close(reason) {
        try {
          opened.stop(reason);
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

type Seals = Readonly<Record<string, string>>;

/** As if these files had been accepted already. */
function withSeals(durable: DurableState, accept: Seals): DurableState {
  if (Object.keys(accept).length === 0) return durable;
  return fold(durable, { type: 'settings-sealed', sealed: accept, at: 0 });
}

/** Where the settings files are that a person alone, or cm-tui for one, writes. */
export function placesOf({ root, commonDir, bare }: Pick<Context, 'root' | 'commonDir' | 'bare'>): SealedPlaces {
  return { root: bare ? null : root, commonDir, env: process.env };
}

/** Agents are watched over our own settings as over what git may run. */
function withSettings({ git, ...context }: Context): OutsidePort {
  return {
    ...git,
    async readSettings() {
      const found = await git.readSettings();
      const seals = sealsOf(placesOf(context));
      return { ...found, executables: { ...found.executables, ...seals } };
    },
  };
}

/** Finishes what a killed landing left in the user's tree; null, or why that is not possible now. */
async function repairLanding({ git }: Context): Promise<string | null> {
  try {
    const recovery = await git.recoverLanding();
    return recovery.outcome === 'stopped' ? recovery.message : null;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * Inspects the repository without the lock: folds the journal, observes, concludes, and changes nothing. Of a damaged journal it uses
 * what is readable, and `onDamage` gets the sentence that says so.
 */
export async function openReader(
  context: Context,
  onDamage: (sentence: string) => void = writeError,
): Promise<Runtime> {
  const load = await readJournal(context);
  const { target } = context;
  if (load.outcome === 'damaged') onDamage(new JournalDamage(load).message);
  const durable = load.outcome === 'damaged' ? (await rebuildFrom(context, load)).state : durableOf(load);
  const runtime = new Runtime(dependencies(context, target, null), { ...durable, target });
  try {
    await runtime.start(null);
    await runtime.settled();
    return runtime;
  } catch (error) {
    runtime.stop('could not inspect the repository');
    throw error;
  }
}

function dependencies(context: Context, target: string | null, journal: Journal | null, oneShot = false): RuntimeDeps {
  const { settings, stateDir, root, commonDir, git } = context;
  const runsDir = join(stateDir, 'runs');
  const sources = sourcesOf(context);
  const processes = createProcesses({ runsDir });
  return {
    settings,
    target,
    git,
    work: git,
    branches: git,
    scopes: git,
    remote: git.remote,
    forge: createForge({
      run: processes.run,
      cwd: root,
      folder: stateDir,
      env: process.env,
      remoteUrl: async () => (target === null ? null : git.remote.url(target)),
    }),
    outside: withSettings(context),
    ...(settings.fleet.engine === null || journal === null || oneShot ? {} : { fleet: lateFleet(context) }),
    processes,
    disk: createDisk((command, options) => processes.run(command, options)),
    machine:
      fixedMachine(process.env.CM_TUI_MACHINE) ??
      whenRead(() => createMachine({ diskPath: settings.worktreeRoot ?? root })),
    clock: systemClock,
    sources,
    journal,
    logs: createLogs({
      runsDir,
      rotateAbove: journal === null ? null : longestLog,
      redact: liveRedactor(context),
    }),
    launcher: createLauncher(context, sources),
    conversation: lateConversations(join(stateDir, 'runs')),
    watchTarget: onChange => (target === null ? () => undefined : watchTarget({ commonDir, target, onChange })),
  };
}

/** Loaded when something is said: most coordinators never speak with an agent. */
function lateConversations(runsDir: string): ConversationPort {
  return {
    say: async (...what) => (await import('../../adapters/acp/talk.ts')).createConversations(runsDir).say(...what),
  };
}

/** A machine that is created (and its library loaded) at its first reading: after the first frame, not before. */
function whenRead(make: () => MachinePort): MachinePort {
  let machine: MachinePort | null = null;
  return {
    read() {
      machine ??= make();
      return machine.read();
    },
  };
}
