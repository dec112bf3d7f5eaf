import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, copyDurably, readRegularText, syncFolder } from '../../regular-file.ts';
import { copyIndex } from '../calls/copy-index.ts';
import type { GitContext } from '../context.ts';

/**
 * The lock that every git takes before it writes the index of the user's checkout. While it is ours no commit, add or switch of theirs can
 * come between the files, the index and the branch. What stands in it tells whose it is.
 */
export function indexLock(context: GitContext, startedAt: number) {
  const index = join(context.checkout.gitDir, 'index');
  const file = `${index}.lock`;
  const mark = `cm-tui landing-${startedAt}\n`;
  const isOurs = () => {
    try {
      return readRegularText(file) === mark;
    } catch {
      return false;
    }
  };
  return {
    file,
    isOurs,
    /** As often as git is tried while somebody else holds it. False: it is held for longer. */
    async take(): Promise<boolean> {
      for (let delay = 20; ; delay *= 2) {
        try {
          // On disk, so that it is known for ours after a power cut too.
          writeFileSync(file, mark, { flag: 'wx', flush: true });
          return true;
        } catch (error) {
          if (codeOf(error) !== 'EEXIST') throw error;
          if (isOurs()) return true;
          if (delay > 1300) return false;
        }
        await new Promise(resolve => setTimeout(resolve, delay));
      }
    },
    release(): void {
      if (isOurs()) rmSync(file);
    },
    /** A copy of the index to work on. */
    copyTo(place: string): void {
      copyIndex(index, place);
    },
    /** Puts a finished index, which is on disk, in the place of the present one. Nobody else can have written it: the lock is ours. */
    install(finished: string): void {
      try {
        renameSync(finished, index);
      } catch (error) {
        if (codeOf(error) !== 'EXDEV') throw error;
        const { atime, mtime } = statSync(finished);
        copyDurably(finished, `${index}.cm-tui`);
        utimesSync(`${index}.cm-tui`, atime, mtime);
        renameSync(`${index}.cm-tui`, index);
      }
      // Before the note of the landing goes: without it nobody would bring the index forward.
      syncFolder(context.checkout.gitDir);
    },
  };
}

export type IndexLock = ReturnType<typeof indexLock>;
