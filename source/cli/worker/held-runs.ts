import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularText, writeDurably } from '../../adapters/regular-file.ts';
import { dispatchId } from '../../domain/fleet/remote-run.ts';
import type { Oid, RunId } from '../../domain/ids.ts';
import type { Dispatch } from '../../ports/fleet/fleet.ts';

/** A run that this worker has claimed, or is about to; on disk before each step, so that the next program of this worker continues it. */
export interface HeldRun {
  readonly dispatch: Dispatch;
  /** Our own commit, by which the run is ours in the depot. */
  readonly claim: Oid;
  readonly claimed: boolean;
  /** The run here that does it; null: it has not begun. */
  readonly localRun: RunId | null;
  /** Why it was given back. */
  readonly refused: string | null;
  /** Its end, once what it made is in the depot. */
  readonly ended: string | null;
}

/** Runs that are remembered after they were let go. */
const closedLimit = 5000;

/** The runs of a worker, one file each. */
export class HeldRuns {
  readonly #folder: string;
  readonly #runs = new Map<string, HeldRun>();
  readonly #closedFile: string;
  #closed: readonly string[];

  constructor(folder: string) {
    this.#folder = folder;
    this.#closedFile = join(folder, 'closed');
    this.#closed = JSON.parse(readRegularText(this.#closedFile) ?? '[]');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const text = name.endsWith('.json') ? readRegularText(join(folder, name)) : null;
      if (text !== null) this.#runs.set(name.slice(0, -'.json'.length), JSON.parse(text));
    }
  }

  get all(): readonly HeldRun[] {
    return [...this.#runs.values()];
  }

  get ids(): readonly string[] {
    return [...this.#runs].filter(([, run]) => run.claimed).map(([id]) => id);
  }

  find(id: string): HeldRun | undefined {
    return this.#runs.get(id);
  }

  save(run: HeldRun): HeldRun {
    const id = dispatchId(run.dispatch.runId, run.dispatch.epoch);
    const file = join(this.#folder, `${id}.json`);
    writeDurably(`${file}.new`, JSON.stringify(run));
    renameSync(`${file}.new`, file);
    this.#runs.set(id, run);
    return run;
  }

  /** Its coordinator has its result: it is never begun here again, whoever asks for it. */
  close(id: string): void {
    this.#closed = [...this.#closed.filter(one => one !== id), id].slice(-closedLimit);
    writeDurably(`${this.#closedFile}.new`, JSON.stringify(this.#closed));
    renameSync(`${this.#closedFile}.new`, this.#closedFile);
    this.forget(id);
  }

  wasHere(id: string): boolean {
    return this.#closed.includes(id);
  }

  forget(id: string): void {
    rmSync(join(this.#folder, `${id}.json`), { force: true });
    this.#runs.delete(id);
  }
}
