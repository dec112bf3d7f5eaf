import type { LogChunk, LogFile, LogLine } from '../../../ports/logs.ts';

/** Lines kept while a log view is open; what came before is in the raw log only. */
const keep = 20_000;

/**
 * The live end of a run's log as a file to page through: line numbers stand for byte offsets. The port gives the last lines as a new
 * array for every change; this strings them together, so that a place stays a place while lines come in.
 */
export class TailFile implements LogFile {
  private lines: LogLine[] = [];
  /** Line number of the first line kept. */
  private base = 0;
  private seen: readonly LogLine[] = [];

  constructor(private readonly tail: () => readonly LogLine[]) {}

  async size(): Promise<number> {
    this.sync();
    return this.base + this.lines.length;
  }

  async forward(offset: number, maxLines: number): Promise<LogChunk> {
    this.sync();
    const start = Math.max(this.base, offset);
    return this.chunk(start, start + maxLines);
  }

  async backward(offset: number, maxLines: number): Promise<LogChunk> {
    this.sync();
    const end = Math.min(this.base + this.lines.length, offset);
    return this.chunk(end - maxLines, end);
  }

  async close(): Promise<void> {
    this.lines = [];
  }

  private chunk(from: number, to: number): LogChunk {
    const start = Math.max(this.base, from);
    const end = Math.max(start, Math.min(this.base + this.lines.length, to));
    const lines = this.lines
      .slice(start - this.base, end - this.base)
      .map((line, index) => ({ offset: start + index, line }));
    return { lines, start, end };
  }

  private sync(): void {
    const now = this.tail();
    if (now === this.seen) return;
    this.lines.push(...this.fresh(now));
    this.seen = now;
    const spare = this.lines.length - keep;
    if (spare > 0) {
      this.lines.splice(0, spare);
      this.base += spare;
    }
  }

  /** What has been added since the last look, found by the last line known then; a gap is said. */
  private fresh(now: readonly LogLine[]): readonly LogLine[] {
    const last = this.seen.at(-1);
    if (last === undefined) return now;
    const known = now.lastIndexOf(last);
    if (known >= 0) return now.slice(known + 1);
    const gap: LogLine = {
      time: null,
      kind: 'system',
      stream: 'out',
      text: '… lines came faster than they are kept: o shows the raw log',
    };
    return [gap, ...now];
  }
}
