import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CmError } from '../../domain/errors.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import { readRegularText, writeFresh } from '../regular-file.ts';

/** Unix sockets take 107 bytes on Linux and 103 elsewhere; a longer path would be cut silently. */
const pathLimit = 100;

/** Folders in which the control socket may stand, best first; all of them private to the user. */
export function socketPlaces(stateDir: string, env: NodeJS.ProcessEnv): readonly string[] {
  const name = `${createHash('sha256').update(fs.realpathSync(stateDir)).digest('hex').slice(0, 32)}.sock`;
  const own = `cm-tui-${process.getuid?.() ?? 0}`;
  const runtime = env.XDG_RUNTIME_DIR;
  const places = [
    path.join(stateDir, 'control.sock'),
    ...(runtime !== undefined && path.isAbsolute(runtime) ? [path.join(runtime, 'cm-tui', name)] : []),
    path.join(os.tmpdir(), own, name),
    path.join('/tmp', own, name),
  ];
  return places.filter(place => Buffer.byteLength(place) <= pathLimit);
}

/** Tells clients where the socket is. */
export function announcePlace(stateDir: string, socketPath: string): void {
  const draft = `${announcement(stateDir)}.new`;
  writeFresh(draft, `${socketPath}\n`);
  fs.renameSync(draft, announcement(stateDir));
}

export function withdraw(stateDir: string): void {
  fs.rmSync(announcement(stateDir), { force: true });
}

/**
 * Path of the socket of whoever serves this state folder; null if nobody does. Throws a `CmError` (exit 3) for a socket that another user
 * created, since it could receive everything and answer anything, and if the file that names it is not a file.
 */
export function announcedPlace(stateDir: string): string | null {
  const socketPath = readRegularText(announcement(stateDir))?.trim() ?? '';
  if (socketPath === '') return null;
  const stats = fs.lstatSync(socketPath, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isSocket()) return null;
  if (stats.uid !== (process.getuid?.() ?? stats.uid)) {
    throw new CmError(`${escapePath(socketPath)} belongs to another user: run cm-tui as the user who started it.`, 3);
  }
  return socketPath;
}

function announcement(stateDir: string): string {
  return path.join(stateDir, 'control.path');
}
