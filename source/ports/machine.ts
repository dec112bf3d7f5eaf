/** One reading of the machine; a part that could not be read is null ("unknown"), never zero. */
export interface MachineReading {
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  /** Used share of the disk that holds the worktrees. */
  readonly diskPercent: number | null;
  readonly freeDiskBytes: number | null;
}

export interface MachinePort {
  read(): Promise<MachineReading>;
}
