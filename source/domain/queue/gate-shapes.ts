import type { ChangedFile } from '../instance.ts';
import type { Scope } from '../item.ts';
import { patternMatches } from '../scope.ts';
import { countOf } from '../text/count.ts';
import type { Violation } from './merge-entry.ts';

const executable = '100755';
const plain = '100644';
const link = '120000';
const submodule = '160000';

/** A file that was there becomes a program: whoever lands it lets it be run. */
export function modeViolation({ path, oldMode, newMode }: ChangedFile): Violation | null {
  if (oldMode !== plain || newMode !== executable) return null;
  return { code: 'mode', path, message: `${path} becomes executable` };
}

/**
 * Folders that are replaced by something that is not a folder: everything in them goes at once, and a diff shows it as so many deletions.
 * `files` with renames split into a deletion and an addition.
 */
export function folderViolations(files: readonly ChangedFile[]): readonly Violation[] {
  const deleted = files.filter(file => file.change === 'D').map(file => file.path);
  return files
    .filter(file => file.change === 'A')
    .flatMap(({ path, newMode }) => {
      const lost = deleted.filter(other => other.startsWith(`${path}/`)).length;
      if (lost === 0) return [];
      const what = newMode === link ? 'a symbolic link' : newMode === submodule ? 'a submodule' : 'a file';
      const many = countOf(lost, 'file');
      return [{ code: 'folder' as const, path, message: `the folder ${path} with ${many} is replaced by ${what}` }];
    });
}

/**
 * What programs write while they run belongs into no commit: it collides with every other branch, and landing it takes the running
 * program's state away. An item whose scope names the path, or the kind of file, means it.
 */
export function runtimeViolation(path: string, scope: Scope, patterns: readonly string[]): Violation | null {
  const matched = patterns.find(pattern => patternMatches(pattern, path));
  if (matched === undefined) return null;
  const meant = scope.paths.some(
    own => own === path || own === matched || patterns.some(one => patternMatches(one, own)),
  );
  return meant
    ? null
    : { code: 'runtime-state', path, message: `${path} is written by programs while they run (${matched})` };
}
