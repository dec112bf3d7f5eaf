import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { codeOf } from '../../adapters/regular-file.ts';
import { CmError } from '../../domain/errors.ts';
import { countOf } from '../../domain/text/count.ts';
import { escapePath } from '../../domain/text/sanitize.ts';

/**
 * Writes text to a new file below the folder; the file's own folder has to exist. Nothing is overwritten and no link leads out.
 * Returns one sentence; rejects with one that says why not.
 */
export async function saveText(folder: string, path: string, text: AsyncIterable<string>): Promise<string> {
  const shown = escapePath(path);
  const target = await placeBelow(folder, path, shown);
  const file = await open(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600).catch(
    (cause: unknown) => {
      if (codeOf(cause) === 'EEXIST') throw new CmError(`${shown} already exists. Choose another name.`, 1, { cause });
      throw new CmError(`Cannot write ${shown} (${codeOf(cause) ?? 'unknown error'}).`, 1, { cause });
    },
  );
  let lines = 0;
  try {
    for await (const piece of text) {
      await file.appendFile(piece);
      lines += piece.split('\n').length - 1;
    }
  } catch (cause) {
    throw new CmError(`Saved only ${countOf(lines, 'line')} to ${shown}: ${codeOf(cause) ?? 'reading failed'}.`, 1, {
      cause,
    });
  } finally {
    await file.close();
  }
  return `Saved ${lines} ${lines === 1 ? 'line' : 'lines'} to ${shown}.`;
}

async function placeBelow(folder: string, path: string, shown: string): Promise<string> {
  const wanted = resolve(folder, path);
  const base = await realpath(folder);
  const parent = await realpath(dirname(wanted)).catch((cause: unknown) => {
    throw new CmError(`The folder of ${shown} does not exist. Create it, or choose another.`, 1, { cause });
  });
  const way = relative(base, parent);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
    throw new CmError(`${shown} is outside the current folder. Choose a path below it.`, 1);
  return join(parent, basename(wanted));
}
