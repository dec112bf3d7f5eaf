import type { RunId } from '../../domain/ids.ts';

/** One line of the process table. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** 0 where the system does not tell. */
  readonly session: number;
  /** Comparable only for equality; with the pid and the boot it names one process for ever. */
  readonly startTime: string;
  /** The same as milliseconds since 1970, to the second; null where only `startTime` is exact. */
  readonly startedAt: number | null;
  /** Has it a terminal, as what a person started there has? */
  readonly terminal: boolean;
  /** Ended, only not yet collected by its parent. */
  readonly zombie: boolean;
  /** Processor time of the process and of its ended, collected children. */
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/**
 * Whether a process carries `CM_RUN_ID`: the id, null for no, `unreadable` where the system does not let us look or where nothing is
 * left to look at (it is just ending).
 */
export type Cookie = { readonly runId: RunId | null } | 'unreadable';

/** The system's table of processes. Every method throws when the system does not answer: that is never the same as "gone". */
export interface ProcessTable {
  /** Changes with every start of the machine. */
  bootId(): string;
  /** Null: no such process. */
  read(pid: number): Promise<ProcessEntry | null>;
  list(): Promise<readonly ProcessEntry[]>;
  cookie(pid: number): Promise<Cookie>;
  /** The same of many processes at one go. */
  cookies(pids: readonly number[]): Promise<ReadonlyMap<number, Cookie>>;
  /** Do processes inherit a mark that `mark` reads? */
  readonly marks: boolean;
  /** The mark that a process inherited from a run (see `run-mark.ts`); null: none, or the system does not tell. */
  mark(pid: number): Promise<number | null>;
  /** The environment of a process that carries `CM_RUN_ID` (empty for others); null where it is gone or may not be looked into. */
  environment(pid: number): Promise<ReadonlyMap<string, string> | null>;
}

/** A process that is at work in a folder. */
export interface Occupant {
  readonly pid: number;
  /** Name of the program, harmless for a terminal. */
  readonly name: string;
}

/** Names in a table of the kernel, which frees each when its holder ends. */
export interface KernelNames {
  /** Takes the name until it is closed. Null: it is taken, or this process may not have such names at all. */
  take(name: string): Promise<{ close(): void } | null>;
  /** The process that holds the name and has a file open whose path `isOurs`; null: nobody holds it, or somebody else. */
  holder(name: string, isOurs: (path: string) => boolean): Promise<number | null>;
}

/** What the control groups of this process allow and use; null where they set no limit that is known. */
export interface CgroupReading {
  /** Cores that may be used, and the time used so far by everything in the group, in microseconds. */
  readonly cpu: { readonly cores: number; readonly usedMicros: number } | null;
  /** Bytes; file cache that can be given back is not counted as used. */
  readonly memory: { readonly used: number; readonly limit: number } | null;
}

/** What processes have open. */
export interface OpenFiles {
  /**
   * Processes (other than ourselves) whose current folder is `folder` or lies in it, and with `files` those too whose program lies
   * there or that hold a file there open. Null: nobody can tell. Processes of other users are not seen.
   */
  occupants(folder: string, files: boolean): Promise<readonly Occupant[] | null>;
  /** Paths of the files that a process has open; null: they cannot be seen. */
  openFiles(pid: number): Promise<readonly string[] | null>;
  /**
   * The process that holds `file` open for writing: `hint` where it does, else another one. Null: none that can be seen. Throws where
   * nobody can tell.
   */
  writerOf(file: string, hint: number): Promise<number | null>;
}

/**
 * All that one operating system can tell and another cannot, or tells in another way. There are two: Linux, and what every POSIX system
 * has. What a system cannot know it calls unknown (null), never no.
 */
export interface System extends OpenFiles {
  readonly table: ProcessTable;
  /** The words a process was started with; null: nobody can tell. */
  commandLine(pid: number): Promise<readonly string[] | null>;
  /** Id of the user whose process it is; null: there is none that can be seen. */
  userOf(pid: number): Promise<number | null>;
  /** Null where the kernel has none. */
  readonly names: KernelNames | null;
  /** A path to `name` in the folder open as `descriptor`, for what takes only short paths; null where there is none. */
  pathThrough(descriptor: number, name: string): string | null;
  /** The machine's own id, since two hosts may have one name; empty where it has none. */
  machineId(): string;
  /** Identity of the namespace that our pids are of; empty where there are no namespaces. */
  processNamespace(): string;
  /** Is the folder on a disk that no other machine can write at the same time? False where that is not known. */
  isLocalDisk(folder: string): boolean;
  cgroup(): Promise<CgroupReading>;
  /** Microseconds of processor time of our children that have ended; 0 where nobody counts them. */
  childrenMicros(): Promise<number>;
}
