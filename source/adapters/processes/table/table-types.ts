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
export type Cookie = { readonly runId: string | null } | 'unreadable';

/** The system's table of processes. Every method throws when the system does not answer: that is never the same as "gone". */
export interface ProcessTable {
  /** Changes with every start of the machine. */
  bootId(): string;
  /** Null: no such process. */
  read(pid: number): Promise<ProcessEntry | null>;
  list(): Promise<readonly ProcessEntry[]>;
  cookie(pid: number): Promise<Cookie>;
  /** The mark that a process inherited from a run (see `run-mark.ts`); null: none, or the system does not tell. */
  mark(pid: number): Promise<number | null>;
  /** The environment of a process that carries `CM_RUN_ID` (empty for others); null where it is gone or may not be looked into. Missing where the system has no way. */
  environment?(pid: number): Promise<ReadonlyMap<string, string> | null>;
}
