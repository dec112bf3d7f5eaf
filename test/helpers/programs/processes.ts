import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { systemClock } from '../../../source/adapters/clock.ts';
import { createProcesses } from '../../../source/adapters/processes/processes.ts';
import type { ProcessTable } from '../../../source/adapters/system/port.ts';
import type { ProcessIdentity, RunId } from '../../../source/domain/ids.ts';
import type { ProcessesPort, RunStatus, StartRequest } from '../../../source/ports/processes.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Started {
  readonly processes: ProcessesPort;
  readonly runId: RunId;
}

const started: Started[] = [];

afterEach(async () => {
  for (const { processes, runId } of started.splice(0))
    await processes.killTree(runId, '043', null, { graceMs: [0, 0] });
});

/** Asks again until the answer is truthy and returns it; the test's own time limit ends it. */
export async function until<Value>(ask: () => Value | Promise<Value>): Promise<NonNullable<Value>> {
  for (;;) {
    const value = await ask();
    if (value) return value;
    await sleep(5);
  }
}

/** True while a process of that number is there and has not ended. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** A runs folder with processes of its own; everything started through it is ended after the test. */
export class Workshop {
  readonly dir = temporaryFolder();
  readonly runsDir = path.join(this.dir, 'runs');
  readonly processes: ProcessesPort;
  readonly runId = systemClock.newId();
  readonly #table: { readonly table?: ProcessTable };

  /** @param table another table than this machine's own choice */
  constructor(table?: ProcessTable) {
    this.#table = table === undefined ? {} : { table };
    this.processes = this.another();
    started.push({ processes: this.processes, runId: this.runId });
  }

  /** A second instance, as after a restart of the coordinator. */
  another(): ProcessesPort {
    return createProcesses({ runsDir: this.runsDir, ...this.#table });
  }

  start(command: string, change: Partial<StartRequest> = {}): Promise<ProcessIdentity> {
    return this.processes.start({
      runId: this.runId,
      runName: '043',
      file: 'sh',
      args: ['-c', command],
      cwd: this.dir,
      env: { PATH: process.env.PATH ?? '', CM_RUN_ID: this.runId },
      stdin: null,
      ...change,
    });
  }

  /** Starts a command and waits for its end. */
  async finish(command: string, change: Partial<StartRequest> = {}): Promise<RunStatus> {
    return this.ended(await this.start(command, change));
  }

  ended(identity: ProcessIdentity, processes: ProcessesPort = this.processes): Promise<RunStatus> {
    return new Promise(resolve => processes.watch(this.runId, '043', identity, resolve));
  }

  probe(identity: ProcessIdentity | null, processes: ProcessesPort = this.processes): Promise<RunStatus> {
    return processes.probe(this.runId, '043', identity);
  }

  /** Text of a file of the run folder; empty while it is not there. */
  file(name: string): string {
    return this.text(path.join('runs', '043', name));
  }

  /** Text of a file below the workshop's folder; empty while it is not there. */
  text(name: string): string {
    try {
      return fs.readFileSync(path.join(this.dir, name), 'utf8');
    } catch {
      return '';
    }
  }

  /** Waits until a process wrote its number into a file of the workshop's folder. */
  pidIn(name: string): Promise<number> {
    return until(() => Number(/^(\d+)\n/.exec(this.text(name))?.[1] ?? 0));
  }
}
