import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Server } from 'node:net';
import { CmError, messageOf } from '../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { failpoint } from '../failpoint.ts';
import { processTable } from '../processes/table/process-table.ts';
import type { ProcessTable } from '../processes/table/table-types.ts';
import { askHolder, bind, type Holder, type HolderAnswer, lockName } from './abstract-socket.ts';
import { judgeOwner, type OwnerPlace, ownerPlaceOf } from './judge.ts';
import { claim, disclaim, type OwnerRecord, ownerFile, readOwner } from './owner-file.ts';

export interface LockOptions {
  /** The repository's common git folder. */
  readonly commonDir: string;
  /** The state folder; made with mode 0700 where it is missing. */
  readonly stateDir: string;
  /** Take it from an owner of which nobody can tell whether it is alive. One that is provably alive is never robbed. */
  readonly force?: boolean;
  readonly now?: () => number;
  /** Another process table than the machine's, for tests. */
  readonly table?: ProcessTable;
  /** Without the kernel's abstract sockets, as on other systems than Linux. */
  readonly withoutSocket?: boolean;
}

/** The right to write the journal and to change the repository, held until released or until the process ends. */
export interface RepositoryLock {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  release(): void;
}

/** Who owns a repository now. `since` is in milliseconds since 1970; `answers` is false for an owner that is stopped or hangs. */
export type OwnerReport =
  | { readonly kind: 'none' }
  | { readonly kind: 'owned'; readonly pid: number; readonly since: number; readonly answers: boolean }
  | { readonly kind: 'unknown'; readonly message: string };

/**
 * Makes this process the repository's owner or throws a `CmError` (exit 4) that names the one there is. It depends on no clock and no
 * heartbeat: on Linux the kernel's name table decides, and the owner file speaks for owners that this name table does not show.
 */
export async function acquireOwnership(options: LockOptions): Promise<RepositoryLock> {
  try {
    return await acquire(options);
  } catch (error) {
    if (error instanceof CmError) throw error;
    const reason = sanitizeLine(messageOf(error), 300);
    throw new CmError(
      `The repository cannot be locked (${reason}): make its git folder and the state folder writable.`,
      3,
      {
        cause: error,
      },
    );
  }
}

async function acquire(options: LockOptions): Promise<RepositoryLock> {
  const { stateDir, force = false, now = Date.now } = options;
  fs.mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const { table, name, here } = await surroundings(options);
  const self = await table.read(process.pid);
  if (self === null) throw new Error('the process table does not show cm-tui itself');
  const file = ownerFile(stateDir);
  const since = now();
  const answer = { pid: process.pid, startTime: self.startTime, since };
  const server = name === '' ? null : await take(name, answer, file);
  try {
    failpoint('lock.bound');
    const place = server === null ? { ...here, lock: '' } : here;
    const owner: OwnerRecord = { ...answer, ...place, nonce: randomBytes(12).toString('hex') };
    await settle(file, owner, place, table, force);
    return { pid: process.pid, since, release: () => release(file, owner.nonce, server) };
  } catch (error) {
    server?.close();
    throw error;
  }
}

/** Tells who owns the repository without touching anything. */
export async function currentOwner(options: LockOptions): Promise<OwnerReport> {
  const { table, name, here } = await surroundings(options);
  const file = ownerFile(options.stateDir);
  const holder: Holder = name === '' ? { kind: 'free' } : await askHolder(name);
  const reading = readOwner(file);
  switch (holder.kind) {
    case 'held':
      return { kind: 'owned', pid: holder.pid, since: holder.since, answers: true };
    case 'silent':
      return reading.kind === 'owner' && reading.owner.lock === name
        ? { kind: 'owned', pid: reading.owner.pid, since: reading.owner.since, answers: false }
        : {
            kind: 'unknown',
            message: 'Another process holds the lock and does not answer: bring it back with fg, or end it.',
          };
    case 'free':
      break;
  }
  if (reading.kind === 'absent') return { kind: 'none' };
  const verdict = reading.kind === 'owner' ? await judgeOwner(reading.owner, here, table) : 'unknown';
  if (verdict === 'gone') return { kind: 'none' };
  if (reading.kind === 'owner' && verdict === 'alive') {
    return { kind: 'owned', pid: reading.owner.pid, since: reading.owner.since, answers: true };
  }
  return { kind: 'unknown', message: unprovable(file, reading.kind === 'owner' ? reading.owner : null) };
}

interface Surroundings {
  readonly table: ProcessTable;
  /** Empty where the system has no abstract sockets. */
  readonly name: string;
  readonly here: OwnerPlace;
}

async function surroundings(options: LockOptions): Promise<Surroundings> {
  const table = options.table ?? processTable();
  const hasSockets = process.platform === 'linux' && options.withoutSocket !== true;
  const name = hasSockets ? lockName(process.getuid?.() ?? 0, fs.realpathSync(options.commonDir)) : '';
  return { table, name, here: await ownerPlaceOf(name, table) };
}

/** Takes the kernel's name; null where this process may not have one. A holder that went away while we asked gives another try. */
async function take(name: string, answer: HolderAnswer, file: string): Promise<Server | null> {
  for (let tries = 0; tries < 10; tries++) {
    const server = await bind(name, answer);
    if (server === 'unsupported') return null;
    if (server !== 'taken') return server;
    const holder = await askHolder(name);
    if (holder.kind === 'held') throw refusal(holder.pid, holder.since, true);
    if (holder.kind === 'free') continue;
    const reading = readOwner(file);
    const known = reading.kind === 'owner' && reading.owner.lock === name ? reading.owner : null;
    throw refusal(known?.pid ?? null, known?.since ?? null, false);
  }
  throw new CmError('Other cm-tui processes take and leave this repository all the time: try again in a moment.', 4);
}

/** Puts our record into the owner file, unless the one that stands there is or may be alive. */
async function settle(
  file: string,
  owner: OwnerRecord,
  here: OwnerPlace,
  table: ProcessTable,
  force: boolean,
): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    const reading = readOwner(file);
    if (reading.kind === 'owner') {
      const verdict = await judgeOwner(reading.owner, here, table);
      if (verdict === 'alive') throw refusal(reading.owner.pid, reading.owner.since, true);
      if (verdict === 'unknown' && !force) throw new CmError(unprovable(file, reading.owner), 4);
    }
    if (reading.kind === 'unreadable' && !force) throw new CmError(unprovable(file, null), 4);
    if (claim(file, owner, reading)) return;
  }
  throw new CmError('Other cm-tui processes take and leave this repository all the time: try again in a moment.', 4);
}

function release(file: string, nonce: string, server: Server | null): void {
  disclaim(file, nonce);
  server?.close();
}

function refusal(pid: number | null, since: number | null, answers: boolean): CmError {
  const known = [pid === null ? '' : `pid ${pid}`, since === null ? '' : `since ${clockTime(since)}`].filter(Boolean);
  const who = known.length === 0 ? '' : ` (${known.join(', ')})`;
  const mend = answers ? 'use that one, or leave it first' : 'it does not answer: bring it back with fg, or end it';
  return new CmError(`cm-tui already runs here${who}; ${mend}.`, 4);
}

function unprovable(file: string, owner: OwnerRecord | null): string {
  const who =
    owner === null
      ? 'an owner that nobody can read'
      : `a cm-tui on ${sanitizeLine(owner.host, 80)} (pid ${owner.pid}, since ${clockTime(owner.since)}), of which this machine cannot see whether it still runs`;
  return `${escapePath(file)} names ${who}: leave that one first, or delete the file if it is surely gone.`;
}

/** `12:03`, with the date before it unless that is today. */
function clockTime(time: number): string {
  const date = new Date(time);
  const clock = date.toTimeString().slice(0, 5);
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toISOString().slice(0, 10)} ${clock}`;
}
