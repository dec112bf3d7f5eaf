import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CmError } from '../../domain/errors.ts';

/**
 * Opens a log for reading. Never through a symlink and never anything but a regular file: an agent could have put a link to a secret or
 * a pipe that blocks in its place.
 */
export async function openLog(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK opening a pipe would wait for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (cause: unknown) => {
      if (codeOf(cause) === 'ELOOP') throw new CmError(`${path} is a link and is not read: remove it.`, 3, { cause });
      throw cause;
    },
  );
  try {
    if ((await file.stat()).isFile()) return file;
    throw new CmError(`${path} is no regular file and is not read: remove it.`, 3);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The system's code of an error, `ENOENT`; null for other errors. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
