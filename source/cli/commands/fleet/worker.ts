import { homedir } from 'node:os';
import { join } from 'node:path';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { writeError } from '../../output/output.ts';
import type { WorkerFile } from '../../worker/worker-file.ts';

export interface WorkerCommandOptions {
  readonly join?: string;
  readonly name?: string;
  readonly pools?: string;
  readonly slots?: string;
  readonly dir?: string;
  readonly insecure?: boolean;
  /** Only looks whether it could work. */
  readonly check?: boolean;
}

/** `cm-tui worker --join URL`: takes runs from a coordinator until it is asked to end. SIGTERM drains; a second one ends it at once. */
export async function workerCommand(options: WorkerCommandOptions): Promise<ExitCode> {
  const dir = options.dir ?? join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'cm-tui-worker');
  const [{ openWorkerFile }, { FleetWorker }, { fingerprintOf }] = await Promise.all([
    import('../../worker/worker-file.ts'),
    import('../../worker/worker.ts'),
    import('../../../adapters/fleet/sign.ts'),
  ]);
  const file = openWorkerFile({
    dir,
    ...(options.join === undefined ? {} : { join: options.join }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.pools === undefined ? {} : { pools: options.pools.split(',') }),
    ...(options.slots === undefined ? {} : { slots: slotsOf(options.slots) }),
  });
  if (options.check === true) return check(file, options.insecure === true);
  const version = process.env.CM_TUI_VERSION ?? 'development';
  const insecure = options.insecure === true;
  const worker = await FleetWorker.open({ file, insecure, version, say: writeError });
  writeError(`Worker ${file.name}, fingerprint ${fingerprintOf(file.signer.publicKey)}, ${file.slots} slots.`);
  if (!file.isWelcome)
    writeError(
      `Accept it on the coordinator's machine with "cm-tui fleet accept ${file.name}", then it is given runs.`,
    );
  const ended = new Promise<void>(resolve => {
    let asked = 0;
    const end = () => {
      asked += 1;
      worker.drain();
      if (asked > 1) resolve();
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
  await Promise.race([worker.done, ended]);
  await worker.close();
  // A connection that is being closed must not keep it.
  setTimeout(() => process.exit(0), 500).unref();
  return 0;
}

/** What `doctor` is on the coordinator's machine: exit 3 if something prevents work. */
async function check(file: WorkerFile, insecure: boolean): Promise<ExitCode> {
  const [{ workerChecks }, { showChecks }, { createProcesses }] = await Promise.all([
    import('../setup/doctor-fleet.ts'),
    import('../setup/doctor-show.ts'),
    import('../../../adapters/processes/processes.ts'),
  ]);
  const { run } = createProcesses({ runsDir: join(file.folder, 'runs') });
  const checks = await workerChecks(file, insecure, { run, env: process.env, cwd: file.folder });
  const ok = !checks.some(({ status }) => status === 'problem');
  showChecks(checks, ok);
  return ok ? 0 : 3;
}

function slotsOf(text: string): number {
  const slots = Number(text);
  if (Number.isInteger(slots) && slots >= 1 && slots <= 256) return slots;
  throw new CmError('--slots is a whole number from 1 to 256.', 2);
}
