import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GitContext, privateFolder } from '../context.ts';

/** A deletion of refs that is under way. */
export interface DeletionNote {
  /** When the first deletion began that died with its process and may have left locks; null: there is none. */
  readonly leftSince: number | null;
  /** The deletion has ended; `succeeded`: so no lock stands in the way, and what is left of earlier ones says nothing more. */
  end(succeeded: boolean): void;
}

let count = 0;

/**
 * To delete a ref, git locks `packed-refs`, which is the user's as well. A note of each deletion is kept while it runs, so that a lock that
 * git left when it died together with us is not mistaken for the user's. It need not survive a power cut: the lock would be gone too,
 * or be older than every note.
 */
export function noteDeletion(context: GitContext): DeletionNote {
  const folder = privateFolder(join(context.runtimeDir, 'deleting'));
  const left = leftNotes(folder);
  const file = join(folder, `${process.pid}-${count++}`);
  writeFileSync(file, '', { mode: 0o600 });
  return {
    leftSince: left.length === 0 ? null : Math.min(...left.map(({ since }) => since)),
    end(succeeded) {
      for (const one of succeeded ? left : []) rmSync(one.file, { force: true });
      rmSync(file, { force: true });
    },
  };
}

/** Notes of processes that are gone. One whose number is in use again is passed over. */
function leftNotes(folder: string): readonly { readonly file: string; readonly since: number }[] {
  const others = readdirSync(folder).filter(name => /^\d+-\d+$/.test(name) && !isRunning(Number.parseInt(name, 10)));
  return others.flatMap(name => {
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ file, since: stats.mtimeMs }];
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
