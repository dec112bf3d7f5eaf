import type { RunId } from '../../../domain/ids.ts';
import type { LogChunk, LogFile, LogsPort, SearchOptions, SearchPattern, SearchResult } from '../../../ports/logs.ts';

/** A raw log that is opened at the first read, so that opening is one more step that may fail. */
export function openLazily(logs: LogsPort, runId: RunId, stream: 'out' | 'err'): LogFile {
  let file: Promise<LogFile> | null = null;
  const opened = (): Promise<LogFile> => {
    file ??= logs.open(runId, stream);
    return file;
  };
  return {
    size: async (): Promise<number> => (await opened()).size(),
    forward: async (offset: number, maxLines: number): Promise<LogChunk> => (await opened()).forward(offset, maxLines),
    backward: async (offset: number, maxLines: number): Promise<LogChunk> =>
      (await opened()).backward(offset, maxLines),
    search: async (pattern: SearchPattern, options: SearchOptions): Promise<SearchResult> => {
      const { search } = await opened();
      if (search === undefined) throw new Error('this log cannot be searched');
      return search.call(await opened(), pattern, options);
    },
    close: async (): Promise<void> => {
      if (file !== null) await (await file).close();
    },
  };
}
