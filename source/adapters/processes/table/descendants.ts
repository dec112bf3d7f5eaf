import { join } from 'node:path';
import type { RunId } from '../../../domain/ids.ts';
import { readRegularText, writeFresh } from '../../regular-file.ts';
import type { ProcessEntry } from '../../system/port.ts';

/** Start times by pid: together they name a process for as long as the machine runs. */
export type Known = ReadonlyMap<number, string>;

export const nobody: Known = new Map();

const descendantsFile = 'descendants';

/** No run has as many processes outside its session; a longer file is not one that we wrote. */
const most = 64 * 1024;

/**
 * What was seen below a run while it was at work. A process that later leaves the run's session, wipes its environment and loses its mark
 * is still known by pid and start time. Those that have left are also kept in the run's folder, for a cm-tui that is started later.
 */
export class Descendants {
  readonly #seen = new Map<RunId, Known>();
  readonly #written = new Map<RunId, string>();
  readonly #folderOf: (runId: RunId) => string | null;
  readonly #bootId: () => string;

  /** @param folderOf the run's folder; null where it is not known */
  constructor(folderOf: (runId: RunId) => string | null, bootId: () => string) {
    this.#folderOf = folderOf;
    this.#bootId = bootId;
  }

  of(runId: RunId): Known {
    const known = this.#seen.get(runId) ?? this.#read(runId);
    this.#seen.set(runId, known);
    return known;
  }

  /** @param members all living processes of a run; @param left those of them that are in neither its group nor its session */
  saw(runId: RunId, members: readonly ProcessEntry[], left: readonly ProcessEntry[]): void {
    this.#seen.set(runId, new Map(members.map(({ pid, startTime }) => [pid, startTime])));
    const lines = left.map(({ pid, startTime }) => JSON.stringify([pid, startTime, this.#bootId()])).join('\n');
    const folder = this.#folderOf(runId);
    if (folder === null || lines === (this.#written.get(runId) ?? '')) return;
    try {
      writeFresh(join(folder, descendantsFile), lines);
      this.#written.set(runId, lines);
    } catch {
      // The folder may have gone, or the disk may be full: this cm-tui knows them all the same, and the next look tries again.
    }
  }

  #read(runId: RunId): Known {
    const folder = this.#folderOf(runId);
    if (folder === null) return nobody;
    try {
      const lines = (readRegularText(join(folder, descendantsFile), { most }) ?? '').split('\n');
      const entries = lines.map(line => JSON.parse(line) as unknown);
      return new Map(entries.flatMap(entry => this.#entryOf(entry)));
    } catch {
      return nobody;
    }
  }

  #entryOf(entry: unknown): [number, string][] {
    if (!Array.isArray(entry)) return [];
    const [pid, startTime, bootId] = entry as unknown[];
    return typeof pid === 'number' && typeof startTime === 'string' && bootId === this.#bootId()
      ? [[pid, startTime]]
      : [];
  }
}
