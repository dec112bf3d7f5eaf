import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { failpoint } from '../failpoint.ts';
import { readRegularText, writeFresh } from '../regular-file.ts';

const shape = z.object({
  pid: z.int().check(z.positive()),
  /** The kernel's start time of the process, see `ProcessEntry`. */
  startTime: z.string(),
  /** Milliseconds since 1970 at which it became the owner. */
  since: z.number(),
  bootId: z.string(),
  host: z.string(),
  /** The machine's own id if it has one: two machines may have the same name. */
  machine: z.string(),
  /** Identity of its process namespace; empty where the system has none. */
  processNamespace: z.string(),
  /** Name of the socket in the state folder at which it listens while it lives; null where the disk takes none. */
  socket: z.nullable(z.string().check(z.regex(/^owner\.[0-9a-f]{1,64}\.sock$/))),
  nonce: z.string(),
});

/** Who owns a repository, as it stands in the state folder. */
export type OwnerRecord = z.infer<typeof shape>;

/** The newest record. `unreadable`: there is one, and nobody can tell what it says. */
export type OwnerReading =
  | { readonly kind: 'absent'; readonly number: 0 }
  | { readonly kind: 'owner'; readonly number: number; readonly owner: OwnerRecord }
  | { readonly kind: 'unreadable'; readonly number: number };

const recordName = /^owner-([1-9]\d{0,8})\.json$/;
/** No owner ever comes so far; whoever made a record of this number only wanted nobody to follow. */
const lastNumber = 999_999_999;
/** What a claim makes on its way: its draft, and the socket of a process that owns or wants to. */
const passingName = /^owner\.[0-9a-f]+\.(new|sock)$/;

/** Path of the record with this number. */
export function ownerFile(stateDir: string, number: number): string {
  return path.join(stateDir, `owner-${number}.json`);
}

/** True for the path of a record of this state folder, as `/proc` shows it among open files. */
export function isOwnerFile(stateDir: string, link: string): boolean {
  const file = link.replace(/ \(deleted\)$/, '');
  return path.dirname(file) === stateDir && recordName.test(path.basename(file));
}

export function readOwner(stateDir: string): OwnerReading {
  const number = newest(stateDir);
  if (number === 0) return { kind: 'absent', number };
  try {
    const text = readRegularText(ownerFile(stateDir, number)) ?? '';
    return { kind: 'owner', number, owner: shape.parse(JSON.parse(text)) };
  } catch {
    return { kind: 'unreadable', number };
  }
}

/**
 * Puts our record behind the one with the number `after`, which was judged to be gone. False when somebody else was faster; then theirs
 * stands. Each number is given once, and the highest counts: of two that judged the same owner to be gone only one can follow it, however
 * slow the other is. A record stays when its owner ends, so that numbers never begin again.
 */
export function claim(stateDir: string, owner: OwnerRecord, after: number): boolean {
  if (after === lastNumber) {
    fs.rmSync(ownerFile(stateDir, after), { force: true, recursive: true });
    return false;
  }
  const draft = path.join(stateDir, `owner.${owner.nonce}.new`);
  const file = ownerFile(stateDir, after + 1);
  const fd = fs.openSync(draft, 'wx', 0o600);
  try {
    fs.writeFileSync(fd, `${JSON.stringify(owner)}\n`);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  try {
    failpoint('lock.written');
    if (!linkNew(draft, file)) return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
  if (newest(stateDir) === after + 1) return true;
  fs.rmSync(file, { force: true });
  return false;
}

/** Shows who owns the repository under a name that scripts and people can rely on. cm-tui itself never reads it. */
export function showOwner(stateDir: string, owner: OwnerRecord): void {
  try {
    writeFresh(shownFile(stateDir), `${JSON.stringify(owner)}\n`);
  } catch {
    // Somebody put a folder there, or the disk is full: nothing depends on it.
  }
}

export function hideOwner(stateDir: string): void {
  try {
    fs.rmSync(shownFile(stateDir), { force: true });
  } catch {
    // As above.
  }
}

function shownFile(stateDir: string): string {
  return path.join(stateDir, 'owner.json');
}

/** Removes what earlier owners and failed claims have left; for whoever owns the repository now. */
export function forgetOthers(stateDir: string, number: number, { socket }: OwnerRecord): void {
  for (const name of fs.readdirSync(stateDir)) {
    const older = Number(recordName.exec(name)?.[1] ?? number) < number;
    if (older || (passingName.test(name) && name !== socket)) fs.rmSync(path.join(stateDir, name), { force: true });
  }
}

function newest(stateDir: string): number {
  let names: readonly string[];
  try {
    names = fs.readdirSync(stateDir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
  return Math.max(0, ...names.map(name => Number(recordName.exec(name)?.[1] ?? 0)));
}

/** False: the name is taken, or a faster claim has removed our draft. */
function linkNew(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'ENOENT')) return false;
    throw error;
  }
}
