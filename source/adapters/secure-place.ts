import fs from 'node:fs';
import path from 'node:path';
import { CmError } from '../domain/errors.ts';
import { escapePath } from '../domain/text/sanitize.ts';

/** Makes the folder of a socket, or proves that it is the user's own and closed to others. Throws a `CmError` (exit 3). */
export function securePlace(socketPath: string): void {
  const dir = path.dirname(socketPath);
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const stats = fs.lstatSync(dir);
  if (!stats.isDirectory() || stats.uid !== (process.getuid?.() ?? stats.uid)) {
    throw new CmError(
      `${escapePath(dir)} is not a folder that you own: remove it, or set XDG_RUNTIME_DIR to one that is.`,
      3,
    );
  }
  if ((stats.mode & 0o077) !== 0) fs.chmodSync(dir, 0o700);
  const old = fs.lstatSync(socketPath, { throwIfNoEntry: false });
  if (old === undefined) return;
  // Whoever holds the lock is the only one who may serve here, so a socket that stands here is a dead one.
  if (!old.isSocket()) throw new CmError(`${escapePath(socketPath)} is not a socket: move it away.`, 3);
  fs.unlinkSync(socketPath);
}
