/** One reading of the machine; a part that could not be read is null ("unknown"), never zero. */
export interface MachineReading {
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  /** Used share of the disk that holds the worktrees. */
  readonly diskPercent: number | null;
  readonly freeDiskBytes: number | null;
  /** CPU is an estimate from the load average, which the next reading replaces; missing: it was measured. */
  readonly estimated?: boolean;
}

export interface MachinePort {
  /** The first reading is there at once; later ones may take a quarter of a second. */
  read(): Promise<MachineReading>;
}

/** What a folder takes on disk. */
export interface DiskPort {
  /**
   * Bytes that the folder and everything below it take on its own file system; links are counted once and not followed. Null: unknown (it
   * does not exist, it takes too long, or the signal came first).
   */
  folderBytes(path: string, signal: AbortSignal): Promise<number | null>;
}
