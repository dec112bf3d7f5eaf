/** What a folder takes on disk. */
export interface DiskPort {
  /**
   * Bytes that the folder and everything below it take on its own file system; links are counted once and not followed. Null: it cannot
   * be told (it is not there, it takes too long, or the signal came first).
   */
  folderBytes(path: string, signal: AbortSignal): Promise<number | null>;
}
