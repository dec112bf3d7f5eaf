import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { failpoint } from '../failpoint.ts';
import { OddFileError, readRegularText } from '../regular-file.ts';

const shape = z.object({
  pid: z.int().check(z.positive()),
  /** The kernel's start time of the process, see `ProcessEntry`. */
  startTime: z.string(),
  /** Milliseconds since 1970 at which it became the owner. */
  since: z.number(),
  bootId: z.string(),
  host: z.string(),
  /** The machine's own id where it has one: two hosts may bear one name. */
  machine: z.string(),
  /** Name of the abstract socket it holds; empty where the system has none. */
  lock: z.string(),
  /** Identity of its network and its process namespace; empty where the system has none. */
  networkNamespace: z.string(),
  processNamespace: z.string(),
  nonce: z.string(),
});

/** Who owns a repository, as it stands in the state folder. */
export type OwnerRecord = z.infer<typeof shape>;

/** What the file says. `unreadable`: there is one, and nobody can tell what it says. */
export type OwnerFileReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'owner'; readonly owner: OwnerRecord }
  | { readonly kind: 'unreadable' };

/** Path of the owner file of a state folder. */
export function ownerFile(stateDir: string): string {
  return path.join(stateDir, 'owner.json');
}

/** Throws an `OddFileError` where something else than a file stands there. */
export function readOwner(file: string): OwnerFileReading {
  let text: string;
  try {
    const found = readRegularText(file);
    if (found === null) return { kind: 'absent' };
    text = found;
  } catch (error) {
    if (error instanceof OddFileError) throw error;
    return { kind: 'unreadable' };
  }
  try {
    const parsed = shape.safeParse(JSON.parse(text));
    return parsed.success ? { kind: 'owner', owner: parsed.data } : { kind: 'unreadable' };
  } catch (error) {
    if (error instanceof OddFileError) throw error;
    return { kind: 'unreadable' };
  }
}

/**
 * Puts our record where there was none, or in place of `replaced`, which was judged to be gone. False when somebody else was faster;
 * then theirs stands. The name appears with its content or not at all.
 */
export function claim(file: string, owner: OwnerRecord, replaced: OwnerFileReading): boolean {
  const draft = `${file}.${owner.nonce}`;
  const fd = fs.openSync(draft, 'wx', 0o600);
  try {
    fs.writeFileSync(fd, `${JSON.stringify(owner)}\n`);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  try {
    failpoint('lock.written');
    if (replaced.kind !== 'absent' && !takeAway(file, replaced)) return false;
    return linkNew(draft, file);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Removes the file if it is still this owner's. */
export function disclaim(file: string, nonce: string): void {
  try {
    const found = readOwner(file);
    if (found.kind === 'owner' && found.owner.nonce === nonce) fs.rmSync(file, { force: true });
  } catch {
    // What stands there now is not ours.
  }
}

/** Moves a stale file out of the way; one that has changed since it was judged is put back. */
function takeAway(file: string, judged: OwnerFileReading): boolean {
  const moved = `${file}.stale-${randomBytes(6).toString('hex')}`;
  try {
    fs.renameSync(file, moved);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true;
    throw error;
  }
  const same = nonceOf(readOwner(moved)) === nonceOf(judged);
  if (!same) linkNew(moved, file);
  fs.rmSync(moved, { force: true });
  return same;
}

function linkNew(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function nonceOf(reading: OwnerFileReading): string | null {
  return reading.kind === 'owner' ? reading.owner.nonce : null;
}
