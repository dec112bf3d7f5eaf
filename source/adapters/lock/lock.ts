import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Server } from 'node:net';
import path from 'node:path';
import { CmError, messageOf } from '../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { failpoint } from '../failpoint.ts';
import type { KernelNames, ProcessTable } from '../system/port.ts';
import { system } from '../system/system.ts';
import { judgeOwner, type OwnerPlace, ownerPlaceOf, type Verdict } from './judge.ts';
import {
  claim,
  forgetOthers,
  hideOwner,
  isOwnerFile,
  type OwnerReading,
  type OwnerRecord,
  ownerFile,
  readOwner,
  showOwner,
} from './owner-file.ts';
import { anybodyListens, attend } from './presence.ts';

export interface LockOptions {
  /** The repository's common git folder. */
  readonly commonDir: string;
  /** The state folder; made with mode 0700 where it is missing. */
  readonly stateDir: string;
  readonly now?: () => number;
  /** Another process table than the machine's, for tests. */
  readonly table?: ProcessTable;
  /** Without the kernel's abstract sockets, as on other systems than Linux. */
  readonly withoutName?: boolean;
  /** Without sockets in the state folder, as on a disk that takes none. */
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
 * heartbeat, and on nothing that another user can reach: of those who follow the same owner the file system lets one through, and an
 * owner is there as long as it listens in the state folder.
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
  const { now = Date.now } = options;
  fs.mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const surroundings = await surroundingsOf(options);
  const { table, names, name, here, stateDir } = surroundings;
  const self = await table.read(process.pid);
  if (self === null) throw new Error('the process table does not show cm-tui itself');
  const since = now();
  const nonce = randomBytes(12).toString('hex');
  // It guards an owner whose files were removed from under it; it decides nothing by itself, since any user can take the name.
  const named = (await names?.take(name)) ?? null;
  let listening: Server | null = null;
  const socket = `owner.${nonce}.sock`;
  const letGo = (): void => {
    named?.close();
    listening?.close();
    fs.rmSync(path.join(stateDir, socket), { force: true });
  };
  try {
    failpoint('lock.bound');
    if (options.withoutSocket !== true) listening = await attend(stateDir, socket, { pid: process.pid, since });
    const owner: OwnerRecord = {
      pid: process.pid,
      startTime: self.startTime,
      since,
      ...here,
      socket: listening === null ? null : socket,
      nonce,
    };
    const number = await follow(owner, surroundings, named !== null);
    forgetOthers(stateDir, number, owner);
    showOwner(stateDir, owner);
    // Held open, so that /proc shows whose it is.
    const held = fs.openSync(ownerFile(stateDir, number), 'r');
    let released = false;
    return {
      pid: process.pid,
      since,
      release() {
        if (released) return;
        released = true;
        hideOwner(stateDir);
        letGo();
        fs.closeSync(held);
      },
    };
  } catch (error) {
    letGo();
    throw error;
  }
}

/** Tells who owns the repository without touching anything. */
export async function currentOwner(options: LockOptions): Promise<OwnerReport> {
  if (!fs.existsSync(options.stateDir)) return { kind: 'none' };
  const surroundings = await surroundingsOf(options);
  const reading = readOwner(surroundings.stateDir);
  const verdict = await judge(reading, surroundings, '');
  if (verdict === 'gone') return { kind: 'none' };
  if (verdict === 'unknown' || reading.kind !== 'owner') {
    return { kind: 'unknown', message: unprovable(surroundings.stateDir, reading) };
  }
  return { kind: 'owned', pid: reading.owner.pid, since: reading.owner.since, answers: verdict.answers };
}

interface Surroundings {
  readonly table: ProcessTable;
  /** The real path. */
  readonly stateDir: string;
  /** Null where the system has none. */
  readonly names: KernelNames | null;
  /** The repository's among them. */
  readonly name: string;
  readonly here: OwnerPlace;
}

async function surroundingsOf(options: LockOptions): Promise<Surroundings> {
  const table = options.table ?? system().table;
  return {
    table,
    stateDir: fs.realpathSync(options.stateDir),
    names: options.withoutName === true ? null : system().names,
    name: lockName(process.getuid?.() ?? 0, fs.realpathSync(options.commonDir)),
    here: await ownerPlaceOf(table),
  };
}

/** Name of a repository in the kernel's table of names. */
export function lockName(uid: number, realCommonDir: string): string {
  return `cm-tui.${uid}.${createHash('sha256').update(realCommonDir).digest('hex')}`;
}

/** @param own the socket of this claim; empty for a reader */
async function judge(
  reading: OwnerReading,
  { stateDir, names, here, table }: Surroundings,
  own: string,
): Promise<Verdict> {
  switch (reading.kind) {
    case 'absent':
      return 'gone';
    case 'owner':
      return judgeOwner(reading, stateDir, here, table);
    case 'unreadable':
      // No owner ever leaves such a record. Somebody may have written over that of one who is there, whom the name or its socket shows.
      return names === null || (await anybodyListens(stateDir, own)) ? 'unknown' : 'gone';
  }
}

/** Puts our record behind that of an owner who is gone, and returns its number. */
async function follow(owner: OwnerRecord, surroundings: Surroundings, named: boolean): Promise<number> {
  const { stateDir, names, name } = surroundings;
  for (let tries = 0; tries < 10; tries++) {
    const reading = readOwner(stateDir);
    const verdict = await judge(reading, surroundings, owner.socket ?? '');
    if (verdict === 'unknown') throw new CmError(unprovable(stateDir, reading), 4);
    if (verdict !== 'gone') {
      throw refusal(reading.kind === 'owner' ? reading.owner : null, surroundings.here, verdict.answers);
    }
    const behind = named || names === null ? null : await names.holder(name, path => isOwnerFile(stateDir, path));
    if (behind !== null)
      throw new CmError(`cm-tui already runs here (pid ${behind}); use that one, or quit it first.`, 4);
    if (claim(stateDir, owner, reading.number)) return reading.number + 1;
  }
  throw new CmError('Other cm-tui processes keep starting and quitting in this repository: try again in a moment.', 4);
}

function refusal(owner: OwnerRecord | null, here: OwnerPlace, answers: boolean): CmError {
  const place = owner?.processNamespace === here.processNamespace ? '' : ' in another container';
  const who = owner === null ? '' : ` (pid ${owner.pid}${place}, since ${clockTime(owner.since)})`;
  const fix = answers ? 'use that one, or quit it first' : 'it does not respond: resume it with fg, or stop it';
  return new CmError(`cm-tui already runs here${who}; ${fix}.`, 4);
}

function unprovable(stateDir: string, reading: OwnerReading): string {
  const file = escapePath(ownerFile(stateDir, reading.number));
  if (reading.kind !== 'owner')
    return `${file} cannot be read, so cm-tui cannot tell who owns the repository: quit every other cm-tui here, then delete the file.`;
  const { host, pid, since } = reading.owner;
  return `${file} names a cm-tui on ${sanitizeLine(host, 80)} (pid ${pid}, since ${clockTime(since)}), and this machine cannot see whether it still runs: quit that one first, or delete the file if it is certainly gone.`;
}

/** `12:03`, with the date before it unless that is today. */
function clockTime(time: number): string {
  const date = new Date(time);
  const clock = date.toTimeString().slice(0, 5);
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toISOString().slice(0, 10)} ${clock}`;
}
