import { messageOf } from '../../domain/errors.ts';
import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { ProcessesPort, RunStatus } from '../../ports/processes.ts';
import { asyncFailpoint } from '../failpoint.ts';
import type { ProcessTable } from '../system/port.ts';
import { system } from '../system/system.ts';
import { runHelper } from './helper-command.ts';
import { killTree } from './kill-tree.ts';
import { probeRun, provenIdentity } from './probe.ts';
import { readRunRecords, runFolder } from './run-folder.ts';
import { startRun } from './start.ts';
import { Descendants } from './table/descendants.ts';
import { runMembers } from './table/members.ts';
import { findStrays } from './table/strays.ts';
import { UsageMeter } from './table/usage.ts';
import { Watcher } from './watch.ts';

export interface ProcessesOptions {
  /** The folder `runs/` of the state; made when the first run starts. */
  readonly runsDir: string;
  /** Another process table than this machine's own choice, for tests of the portable one. */
  readonly table?: ProcessTable;
}

/** Processes of this machine, each run under a shim that outlives us (see `shim.ts`). */
export function createProcesses(options: ProcessesOptions): ProcessesPort {
  const table = options.table ?? system().table;
  /** Leaders seen by this instance; a run's group is found by them where the environment was wiped. */
  const leaders = new Map<RunId, ProcessIdentity>();
  const folderOf = (runName: string) => runFolder(options.runsDir, runName);
  const names = new Map<RunId, string>();
  const descendants = new Descendants(
    runId => {
      const name = names.get(runId);
      return name === undefined ? null : folderOf(name);
    },
    () => table.bootId(),
  );
  const meter = new UsageMeter(table, descendants);
  const watcher = new Watcher(probe);

  async function probe(runId: RunId, runName: string, identity: ProcessIdentity | null): Promise<RunStatus> {
    names.set(runId, runName);
    try {
      const status = await probeRun(table, folderOf(runName), runId, identity);
      if (status.status === 'alive') leaders.set(runId, status.process);
      return status;
    } catch (error) {
      return { status: 'unknown', message: messageOf(error) };
    }
  }

  return {
    async start(request) {
      const identity = await startRun(table, folderOf(request.runName), request, {
        started: () => watcher.childStarted(request.runId),
        ended: () => watcher.childEnded(request.runId),
      });
      leaders.set(request.runId, identity);
      names.set(request.runId, request.runName);
      return identity;
    },
    probe,
    watch(runId, runName, identity, onEnd) {
      leaders.set(runId, identity);
      names.set(runId, runName);
      return watcher.watch(runId, runName, identity, onEnd);
    },
    async killTree(runId, runName, identity, killOptions) {
      names.set(runId, runName);
      const proven = await provenIdentity(table, folderOf(runName), runId, identity);
      await asyncFailpoint('process.kill.before');
      const survivors = await killTree(table, runId, proven, killOptions?.graceMs, descendants.of(runId));
      await asyncFailpoint('process.kill.after');
      return survivors;
    },
    async leftovers(runId) {
      const leader = leaders.get(runId) ?? null;
      const members = await runMembers(table, runId, leader, descendants.of(runId));
      return members.filter(entry => entry.pid !== leader?.pid).length;
    },
    strays: (runId, identity, folder) =>
      findStrays(table, {
        runId,
        identity: identity ?? leaders.get(runId) ?? null,
        folder,
        seen: descendants.of(runId),
      }),
    runNames: async () => readRunRecords(options.runsDir).map(record => record.runName),
    usage: runIds => meter.measure(runIds, leaders),
    run: (command, runOptions) => runHelper(table, command, runOptions),
  };
}
