import { CmError, spawnReason } from '../../domain/errors.ts';
import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { StartRequest } from '../../ports/processes.ts';
import { asyncFailpoint } from '../failpoint.ts';
import type { ProcessTable } from '../system/port.ts';
import { loadExeca } from './execa.ts';
import { provenIdentity } from './probe.ts';
import { prepareRunFolder, readPid, readRunRecord } from './run-folder.ts';
import { markText, shellPath, shimArguments } from './shim.ts';
import { runMembers } from './table/members.ts';
import { startInTerminal } from './terminal.ts';

/** Notified by the shim, as it is our child. */
export interface ChildEvents {
  started(): void;
  ended(): void;
}

/**
 * Starts a run under its shim: a session of its own, no inherited descriptor, exactly the environment that was asked for (save names
 * that no shell can hold, such as `a-b`, which are lost). Resolves as soon as the shim's identity is known.
 */
export async function startRun(
  table: ProcessTable,
  folder: string,
  request: StartRequest,
  events: ChildEvents,
): Promise<ProcessIdentity> {
  checkRequest(request);
  await asyncFailpoint('process.start.before');
  await refuseOccupied(table, folder);
  const bootId = table.bootId();
  const stdinPath = prepare(folder, request, bootId);
  await asyncFailpoint('process.start.prepared');
  const pid =
    request.terminal === true
      ? await startInTerminal(folder, request)
      : await startUnderShim(folder, request, stdinPath, events);
  await asyncFailpoint('process.start.spawned');
  const entry = await table.read(pid);
  // It may have ended before its process was looked for. Then the shim has written its pid, and its exit code.
  if (entry === null && (request.terminal === true || readPid(folder) === pid)) return { pid, startTime: '', bootId };
  if (entry === null)
    throw new CmError(`${request.file} was started, but its process cannot be found: check ${folder}.`, 3);
  await asyncFailpoint('process.start.after');
  return { pid, startTime: entry.startTime, bootId };
}

async function startUnderShim(
  folder: string,
  request: StartRequest,
  stdinPath: string,
  events: ChildEvents,
): Promise<number> {
  const { execa } = await loadExeca();
  const mark = markText(request.runId);
  const child = execa(
    shellPath,
    shimArguments(folder, stdinPath, request.env, mark, request.file, request.args, request.endsGroup),
    {
      cwd: request.cwd,
      env: request.env,
      extendEnv: false,
      detached: true,
      cleanup: false,
      stdio: 'ignore',
      reject: false,
    },
  );
  if (child.pid === undefined) throw notStarted(request, (await child).originalMessage);
  events.started();
  child.once('exit', () => events.ended());
  child.unref();
  return child.pid;
}

function checkRequest(request: StartRequest): void {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(request.runId) || request.env.CM_RUN_ID !== request.runId) {
    throw new CmError(
      `Run ${request.runId} has no CM_RUN_ID in its environment, so its processes could not be identified.`,
      2,
    );
  }
  if (request.file === '' || request.file.startsWith('-')) {
    throw new CmError(`${JSON.stringify(request.file)} cannot be started: name a program, or its path.`, 2);
  }
}

/** A folder may serve one run after the other, never two at once. */
async function refuseOccupied(table: ProcessTable, folder: string): Promise<void> {
  const runId = readRunRecord(folder)?.runId ?? (await runOfPid(table, folder));
  if (runId === null) return;
  const identity = await provenIdentity(table, folder, runId, null);
  const [member] = await runMembers(table, runId, identity);
  if (member === undefined) return;
  throw new CmError(`${folder} belongs to a run whose process ${member.pid} is still alive: stop it first.`, 1);
}

/** For a folder without a readable record: the run of the process its pid file names. */
async function runOfPid(table: ProcessTable, folder: string): Promise<RunId | null> {
  const pid = readPid(folder);
  const cookie = pid === null ? null : await table.cookie(pid);
  return cookie === null || cookie === 'unreadable' ? null : cookie.runId;
}

function prepare(folder: string, request: StartRequest, bootId: string): string {
  try {
    return prepareRunFolder(folder, request, bootId);
  } catch (cause) {
    if (cause instanceof CmError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CmError(
      `The run folder ${folder} cannot be written (${why}): free some space or fix its permissions.`,
      3,
      { cause },
    );
  }
}

function notStarted(request: StartRequest, why: string | undefined): CmError {
  const system = spawnReason(why ?? '');
  if (system !== null) return new CmError(`${request.file} could not be started: ${system}.`, 1);
  const reason = sanitizeLine(why ?? 'no reason given', 300);
  return new CmError(
    `${request.file} could not be started in ${request.cwd}: ${reason}. Check that the folder exists.`,
    1,
  );
}
