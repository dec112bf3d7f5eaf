import type { Item, ItemStatus, Roadmap, Scope, SourceProblem } from '../domain/item.ts';
import type { Ownership } from '../domain/ownership/ownership.ts';

/** Where work can come from: forms of files, forges, and a program of the user. */
export const sourceTypes = [
  'roadmap',
  'gsd',
  'spec-kit',
  'openspec',
  'kiro',
  'backlog',
  'task-master',
  'ralph',
  'beads',
  'checklist',
  'github',
  'gitlab',
  'command',
] as const;

export type SourceType = (typeof sourceTypes)[number];

/** One item as its source has it, before it is joined with those of other sources. */
export interface FoundItem {
  /** Unique within the source and stable while others change: `001-search/T012`, `task-10`, `#12`. */
  readonly name: string;
  /** What people call it; used wherever it is unique over all sources: `T012`. */
  readonly short: string;
  /** Further names that find it in commands and dependencies. */
  readonly names: readonly string[];
  readonly title: string;
  readonly status: ItemStatus;
  /** The line as written, sanitised. */
  readonly heading: string;
  /** 1-based; 0 where it stands in no file. */
  readonly line: number;
  readonly endLine: number;
  /** The file that holds it, relative to the repository; null: it stands in no file. */
  readonly path: string | null;
  /** Names of items of the same source that must have landed first. */
  readonly wants: readonly string[];
  /** What has to be known of it and cannot be said otherwise. */
  readonly notes: readonly string[];
  readonly scope: Scope;
  readonly group: string | null;
  readonly parallel: boolean | null;
  readonly priority: number | null;
  readonly agentType: string | null;
  readonly agentProgram: string | null;
  readonly estimateHours: number | null;
  /** What an agent is asked to do. */
  readonly text: string;
}

/** What a source holds now. */
export interface SourceContent {
  readonly type: SourceType;
  /** Files or the program it was read from, for people. */
  readonly places: readonly string[];
  readonly items: readonly FoundItem[];
  readonly problems: readonly SourceProblem[];
  /** How the status of its items is written; absent: into their files. */
  readonly writes?: 'program' | 'none';
  /** Changes whenever anything of it does. */
  readonly stamp: string;
}

/** How a program that was asked for items ended. */
export interface ProgramAnswer {
  /** Null: it could not be started, or did not end by itself. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** `missing`: there is no such program; `late`: it took too long; `long`: it printed more than anybody reads. */
  readonly trouble: 'missing' | 'late' | 'long' | 'failed' | null;
}

/** Runs a program of the user without a shell, in the repository, with the user's environment and these variables. Does not reject. */
export type AskProgram = (
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
) => Promise<ProgramAnswer>;

/** A source of work. None of its functions rejects: what is wrong becomes a problem of the content. */
export interface WorkSource {
  readonly type: SourceType;
  /** True where this repository has it. */
  detect(): Promise<boolean>;
  /** What it holds, read again only where it changed. `wait`: false gives what is known of a slow one at once. */
  read(wait: boolean): Promise<SourceContent>;
  /** Calls back soon after it may have changed. Returns the stop function. */
  watch(onChange: () => void): () => void;
  /**
   * Sets an item's status where the source lives outside the repository; true when it is done. Null: it is a file, whose status becomes
   * part of the landing (see {@link StatusWriter}), or it is read only.
   */
  readonly writeStatus: ((item: Item, to: 'complete' | 'planned') => Promise<boolean>) | null;
}

/** An item in a file, as it was when the file was read. */
export interface ItemInFile {
  readonly source: string;
  /** Its {@link FoundItem.name}, or the key of an item of the ROADMAP. */
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly heading: string;
}

/**
 * The text of a file with the item's status set, byte for byte the same elsewhere, and the 1-based line that changed. A text that says so
 * already comes back as it is. Null when the item is not found for sure, or its file cannot say such a status. `beside` reads another file of
 * the same version, by its path in the repository; null: there is none.
 */
export type StatusWriter = (
  text: string,
  place: ItemInFile,
  to: 'complete' | 'planned',
  beside: (path: string) => Promise<string | null>,
) => Promise<{ readonly text: string; readonly line: number } | null>;

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
  /** Calls back soon after one of the files may have changed; looking now and then notices the rest. Returns the stop function. */
  watch?(onChange: () => void): () => void;
  /** Sets the status of an item whose source lies outside the repository; false: not possible now. */
  writeStatus?(item: Item, to: 'complete' | 'planned'): Promise<boolean>;
}
