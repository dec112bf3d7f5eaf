/** A full git object id in hex. */
export type Oid = string;

/** Our own identifier of one run of an agent: `[a-z0-9]{16}`. Never derived from foreign text. */
export type RunId = string;

/** A process that can be proven to be ours: the pid alone proves nothing. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Kernel start time: field 22 of /proc/PID/stat (clock ticks since boot), or `ps -o lstart=` elsewhere. */
  readonly startTime: string;
  readonly bootId: string;
}

/** The landing that a run by git reverts. */
export interface Revert {
  /** The run whose landing it was. */
  readonly runId: RunId;
  readonly commit: Oid;
  /** The commit is a merge: its first parent is what it was before. */
  readonly merge: boolean;
  /** Several commits landed at once: what was there before them. The revert undoes all of them in one commit. */
  readonly base?: Oid;
}
