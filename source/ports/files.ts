import type { Item, Roadmap, SourceProblem } from '../domain/item.ts';
import type { Ownership } from '../domain/ownership/ownership.ts';

export interface SourcesReading {
  readonly roadmap: Roadmap;
  readonly ownership: Ownership;
  readonly ownershipProblems: readonly SourceProblem[];
  /** Changes when either file changed; equal stamps mean nothing has to be recomputed. */
  readonly stamp: string;
}

/** ROADMAP and ownership file of the repository, re-read only when they changed. */
export interface SourcesPort {
  read(): Promise<SourcesReading>;
  /** The text of an item's section, for its prompt; sanitised of nothing (an agent reads it, not a terminal). */
  sectionText(item: Item): Promise<string>;
}

/** What a folder takes on disk. */
export interface DiskPort {
  /**
   * Bytes that the folder and everything below it take on its own file system; links are counted once and not followed. Null: unknown (it
   * does not exist, it takes too long, or the signal came first).
   */
  folderBytes(path: string, signal: AbortSignal): Promise<number | null>;
}
