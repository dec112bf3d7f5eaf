import type { ProcessIdentity, Revert, RunId } from '../../../source/domain/ids.ts';
import type { MachineReading } from '../../../source/ports/machine.ts';
import type { RunStatus } from '../../../source/ports/processes.ts';
import type { Random } from './random.ts';

/** What an agent does before it ends. */
export type Conduct = 'works' | 'fails' | 'idles' | 'leaves-dirt' | 'wanders-off' | 'reports-failure' | 'breaks-checks';

export interface AgentProcess {
  readonly runId: RunId;
  readonly identity: ProcessIdentity;
  readonly worktreePath: string;
  readonly branchName: string;
  readonly conduct: Conduct;
  /** Files that it changes. */
  readonly files: readonly string[];
  /** It is git itself, taking a landing back. */
  readonly reverts?: Revert;
  /** When it ends by itself; infinite for one that hangs. */
  readonly endsAt: number;
  alive: boolean;
  exitCode: number | null;
  endTime: number | null;
}

/** Processes and load of one computer; it can be switched off and on again. */
export class Machine {
  readonly runs = new Map<RunId, AgentProcess>();
  readonly #random: Random;
  #boot = 1;
  #pids = 100;
  #load = 0.3;

  constructor(random: Random) {
    this.#random = random;
  }

  get alive(): readonly AgentProcess[] {
    return [...this.runs.values()].filter(run => run.alive);
  }

  start(
    run: Pick<AgentProcess, 'runId' | 'worktreePath' | 'branchName' | 'conduct' | 'files' | 'endsAt' | 'reverts'>,
  ): AgentProcess {
    if (this.runs.get(run.runId)?.alive === true) throw new Error('its run folder belongs to a live process');
    const pid = ++this.#pids;
    const identity = { pid, startTime: `${pid}`, bootId: `boot-${this.#boot}` };
    const started = { ...run, identity, alive: true, exitCode: null, endTime: null };
    this.runs.set(run.runId, started);
    return started;
  }

  /** As the process adapter sees it: exit file first, then the identity that the journal knows, then the pid file. */
  probe(runId: RunId, identity: ProcessIdentity | null): RunStatus {
    const run = this.runs.get(runId);
    if (run === undefined) return { status: 'not-started' };
    if (run.exitCode !== null) return { status: 'exited', exitCode: run.exitCode, endTime: run.endTime };
    if ((identity ?? run.identity).bootId !== `boot-${this.#boot}`) return { status: 'lost', why: 'reboot' };
    if (run.alive) return { status: 'alive', process: run.identity };
    return { status: 'lost', why: this.#pids - run.identity.pid > 20 ? 'pid-reused' : 'killed' };
  }

  /** The process ends; without an exit code when something killed it together with whoever waited for it. */
  end(run: AgentProcess, exitCode: number | null, at: number): void {
    run.alive = false;
    run.exitCode = exitCode;
    run.endTime = exitCode === null ? null : at;
  }

  reboot(): void {
    this.#boot++;
    for (const run of this.runs.values()) run.alive = false;
  }

  /** The next reading of a load that wanders; `calm`: one that never stands in the way. */
  read(calm: boolean): MachineReading {
    const random = this.#random;
    if (calm) return { cpuPercent: 10, memoryPercent: 20, diskPercent: 30, freeDiskBytes: 50 * 1024 ** 3 };
    this.#load = Math.min(1, Math.max(0, this.#load + (random.next() - 0.5) * 0.3));
    const known = (value: number) => (random.chance(0.03) ? null : value);
    return {
      cpuPercent: known(this.#load * 100),
      memoryPercent: known(20 + this.#load * 60),
      diskPercent: 30,
      freeDiskBytes: random.chance(0.03) ? null : random.chance(0.03) ? 1024 : 50 * 1024 ** 3,
    };
  }
}
