import {
  closeSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod/mini';
import { CmError } from '../../domain/errors.ts';
import type { StartRequest } from '../../ports/processes.ts';
import { createFresh, openRegular, readFolder, readRegularText } from '../regular-file.ts';
import { exitPlaceholder } from './shim.ts';

/** What the run was for, should the journal that says so be lost. */
const runItemSchema = z.object({
  priorityId: z.string(),
  key: z.string(),
  title: z.string(),
  branch: z.string(),
  base: z.string(),
  worktree: z.string(),
});

/** What `run.json` says of a run: enough to know whose folder it is and what it is for, nothing secret of its environment. */
const runRecordSchema = z.object({
  runId: z.string(),
  runName: z.string(),
  /** The program's base name. */
  file: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  bootId: z.string(),
  /** Where its present part begins in the logs, in bytes; missing: at their start. */
  logStart: z.exactOptional(z.object({ out: z.number(), err: z.number() })),
  /** Missing where the environment did not say so. */
  item: z.exactOptional(runItemSchema),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

export interface ExitRecord {
  readonly exitCode: number;
  /** Milliseconds since 1970: when the shim wrote it. */
  readonly endTime: number;
}

const logFiles: readonly string[] = ['out.log', 'err.log', 'out.log.1', 'err.log.1', 'order'];

/** Files that belong to one run and are removed before the folder serves another. */
const ownFiles = [
  'run.json',
  'pid',
  'exit',
  'pid.tmp',
  'exit.tmp',
  'descendants',
  'stdin',
  'start.sh',
  'terminal',
  'terminal.conf',
  'control.path',
  'control.sock',
  ...logFiles,
];

/** Folder of a run below `runs/`. Throws for names that could leave it. */
export function runFolder(runsDir: string, runName: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(runName)) {
    throw new CmError(`${JSON.stringify(runName)} cannot name a run folder: use letters, digits, dots and dashes.`, 2);
  }
  return join(runsDir, runName);
}

/** Makes the folder ready for one run (0700, files 0600) and returns the path its stdin comes from. */
export function prepareRunFolder(folder: string, request: StartRequest, bootId: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!lstatSync(folder).isDirectory())
    throw new CmError(`${folder} is not a folder: move it away and start again.`, 3);
  const kept = request.continues === true && readRunRecord(folder)?.runId === request.runId ? logFiles : [];
  for (const name of ownFiles) if (!kept.includes(name)) rmSync(join(folder, name), { force: true });
  const logStart = { out: endOfLog(join(folder, 'out.log')), err: endOfLog(join(folder, 'err.log')) };
  createFile(join(folder, 'pid.tmp'), '');
  createFile(join(folder, 'exit.tmp'), exitPlaceholder);
  if (request.stdin !== null) createFile(join(folder, 'stdin'), request.stdin);
  const record: RunRecord = {
    runId: request.runId,
    runName: request.runName,
    file: basename(request.file),
    startedAt: Date.now(),
    bootId,
    ...(logStart.out + logStart.err > 0 ? { logStart } : {}),
    ...itemOf(request),
  };
  createFile(join(folder, 'run.json.tmp'), `${JSON.stringify(record)}\n`);
  renameSync(join(folder, 'run.json.tmp'), join(folder, 'run.json'));
  return request.stdin === null ? '/dev/null' : join(folder, 'stdin');
}

function itemOf({ env, cwd }: StartRequest): Pick<RunRecord, 'item'> {
  const { CM_PRIORITY_ID: priorityId, CM_KEY: key, CM_TITLE: title = '', CM_BRANCH: branch, CM_BASE: base = '' } = env;
  if (priorityId === undefined || key === undefined || branch === undefined) return {};
  return { item: { priorityId, key, title, branch, base, worktree: cwd } };
}

/** The records of all run folders, by run name; folders without one (of checks, or damaged) are left out. */
export function readRunRecords(runsDir: string): readonly RunRecord[] {
  const names = readFolder(runsDir) ?? [];
  return names
    .map(name => readRunRecord(join(runsDir, name)))
    .filter((record, at): record is RunRecord => record !== null && record.runName === names[at]);
}

/**
 * Length of a log that is to be continued, with its last line ended; a missing log, or one that is not a regular file, is created again.
 */
function endOfLog(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) {
    createFile(path, '');
    return 0;
  }
  const file = openRegular(path, { update: true });
  if (file === null) throw new CmError(`${path} disappeared while it was being opened: try again.`, 3);
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === 0x0a)) return size;
    writeSync(file, '\n', size);
    return size + 1;
  } finally {
    closeSync(file);
  }
}

/** A new file with mode 0600 whatever the umask; never through a symlink. */
export function createFile(path: string, text: string): void {
  const file = createFresh(path);
  try {
    fchmodSync(file, 0o600);
    if (text !== '') writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

/**
 * Whose folder it is. Null when it is nobody's yet, and when the record is damaged: only a power cut does that, after which no run of
 * the folder is alive. Throws when it cannot be read (unknown is not "nobody's").
 */
export function readRunRecord(folder: string): RunRecord | null {
  const text = readRegularText(join(folder, 'run.json'));
  if (text === null) return null;
  try {
    return runRecordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The pid the shim wrote; null when there is none. */
export function readPid(folder: string): number | null {
  const text = readRegularText(join(folder, 'pid'));
  return text !== null && /^[1-9]\d{0,9}\n$/.test(text) ? Number(text) : null;
}

/** The exit code the shim wrote; null when there is none, or none that can be believed. */
export function readExit(folder: string): ExitRecord | null {
  const path = join(folder, 'exit');
  const text = readRegularText(path);
  if (text === null || !/^\d{1,3} *\n$/.test(text)) return null;
  return { exitCode: Number(text), endTime: Math.round(statSync(path).mtimeMs) };
}

/** When the pid file was written, in milliseconds since 1970; null without one. */
export function pidFileTime(folder: string): number | null {
  return statSync(join(folder, 'pid'), { throwIfNoEntry: false })?.mtimeMs ?? null;
}
