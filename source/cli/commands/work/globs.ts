import { posix } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';

/**
 * The globs of `--files`, separated by commas; a comma in braces is part of its glob.
 * @throws CmError for a path outside the repository
 */
export function globsOf(text: string): readonly string[] {
  const files = (text.match(/(?:\{[^}]*\}|[^,])+/g) ?? []).map(glob => glob.trim()).filter(glob => glob !== '');
  const outside = files.find(file => posix.isAbsolute(file) || /^\.\.(\/|$)/.test(posix.normalize(file)));
  if (outside === undefined) return files;
  throw new CmError(
    `${escapePath(outside)} is not inside the repository. Give --files relative to the repository folder.`,
    2,
  );
}
