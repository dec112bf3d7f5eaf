import type { LogChunk, LogFile } from '../../../ports/logs.ts';

/** A log file that is opened when it is first read, so that opening is one more step that may fail. */
export function openLazily(open: () => Promise<LogFile>): LogFile {
  let file: Promise<LogFile> | null = null;
  const opened = (): Promise<LogFile> => {
    file ??= open();
    return file;
  };
  return {
    size: async (): Promise<number> => (await opened()).size(),
    forward: async (offset: number, maxLines: number): Promise<LogChunk> => (await opened()).forward(offset, maxLines),
    backward: async (offset: number, maxLines: number): Promise<LogChunk> =>
      (await opened()).backward(offset, maxLines),
    close: async (): Promise<void> => {
      if (file !== null) await (await file).close();
    },
  };
}
