import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { system } from '../../system/system.ts';
import { type GitContext, privateFolder } from '../context.ts';

/** A deletion of refs that is under way. */
export interface DeletionNote {
  /** When the first deletion began that died with its process and may have left locks; null: there is none. */
  leftSince(): Promise<number | null>;
  /** The deletion has ended; `succeeded`: so no lock stands in the way, and what is left of earlier ones says nothing more. */
  end(succeeded: boolean): Promise<void>;
}

let count = 0;

/**
 * To delete a ref, git locks `packed-refs`, which is the user's as well. A note of each deletion is kept while it runs, so that a lock that
 * git left when it died together with us is not mistaken for the user's. It need not survive a power cut: the lock would be gone too,
 * or be older than every note.
 */
export function noteDeletion(context: GitContext): DeletionNote {
  const folder = privateFolder(join(context.runtimeDir, 'deleting'));
  const others = readdirSync(folder).filter(name => /^\d+-\d+$/.test(name));
  const file = join(folder, `${process.pid}-${count++}`);
  writeFileSync(file, '', { mode: 0o600 });

  /** Notes of processes that are gone. One whose number is in use again is passed over. */
  async function leftNotes(): Promise<readonly string[]> {
    const gone = await Promise.all(others.map(name => isGone(Number.parseInt(name, 10))));
    return others.filter((_, at) => gone[at]).map(name => join(folder, name));
  }

  return {
    async leftSince() {
      const times = (await leftNotes()).flatMap(left => statSync(left, { throwIfNoEntry: false })?.mtimeMs ?? []);
      return times.length === 0 ? null : Math.min(...times);
    },
    async end(succeeded) {
      for (const left of succeeded ? await leftNotes() : []) rmSync(left, { force: true });
      rmSync(file, { force: true });
    },
  };
}

async function isGone(pid: number): Promise<boolean> {
  try {
    return (await system().table.read(pid)) === null;
  } catch {
    return false;
  }
}
