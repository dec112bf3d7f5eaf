import { messageOf } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { LogFile, LogLine } from '../../../ports/logs.ts';
import { findLine } from './find-line.ts';
import type { MatchIndex } from './match-index.ts';
import type { Wanted } from './matcher.ts';

export interface LogRow {
  readonly offset: number;
  readonly line: LogLine;
}

const pageLines = 400;
const mostLines = 4000;

/**
 * A window on a log of any size: holds the lines around what is visible and reads more when a scroll comes near their ends, never the
 * complete file. Steps run one after the other, in the order requested.
 */
export class LogWindow {
  private rows: readonly LogRow[] = [];
  private start = 0;
  private end = 0;
  private total = 0;
  private first = 0;
  private tracking = true;
  private queue: Promise<void> = Promise.resolve();
  private followPending = false;
  private reads = 0;

  constructor(
    private readonly file: LogFile,
    private readonly height: () => number,
    private readonly changed: () => void,
  ) {}

  /** True while the end is kept in view. */
  get following(): boolean {
    return this.tracking;
  }

  /** False until something has been read. */
  get loaded(): boolean {
    return this.reads > 0;
  }

  /** Lines from the first visible one on; at most `height`. */
  visible(height: number): readonly LogRow[] {
    const first = this.tracking ? Math.max(0, this.rows.length - height) : this.first;
    return this.rows.slice(first, first + height);
  }

  /** Share of the log before the end of what is visible, 0 to 100. */
  percent(): number {
    const last = this.visible(this.height()).at(-1);
    return this.total === 0 || last === undefined || this.tracking ? 100 : Math.round((last.offset / this.total) * 100);
  }

  /** Goes to the end and stays there as the log grows. */
  follow(): Promise<void> {
    this.tracking = true;
    return this.reload();
  }

  /** The log has grown. Reads its end again if that is visible; many calls while one is running count as one. */
  grown(): Promise<void> {
    if (!this.tracking || this.followPending) return this.queue;
    this.followPending = true;
    return this.reload();
  }

  /** Stays at what is visible now. */
  pause(): Promise<void> {
    return this.step(async () => this.stop());
  }

  scroll(by: number): Promise<void> {
    return this.step(async () => {
      this.stop();
      this.first += by;
      if (this.first < 0) await this.more('before', -this.first);
      const short = this.first + this.height() - this.rows.length;
      if (short > 0) await this.more('after', short);
      const last = Math.max(0, this.rows.length - this.height());
      const atEnd = by > 0 && this.first >= last && this.end >= this.total;
      this.first = Math.max(0, Math.min(last, this.first));
      this.tracking = atEnd;
    });
  }

  toStart(): Promise<void> {
    return this.step(async () => {
      this.tracking = false;
      this.total = await this.file.size();
      this.take(await this.file.forward(0, pageLines));
      this.first = 0;
    });
  }

  /**
   * Finds the next (1) or previous (-1) matching line from the line `from` on (the first visible one when null) and scrolls to it.
   * Nearby lines are scanned, beyond that the index answers. Null: there is none, or `signal` aborted.
   */
  async find(
    wanted: Wanted,
    direction: 1 | -1,
    from: number | null,
    signal: AbortSignal,
    index: () => MatchIndex,
  ): Promise<number | null> {
    let here = 0;
    await this.step(async () => {
      this.stop();
      this.total = await this.file.size();
      here = from ?? this.rows[this.first]?.offset ?? 0;
    });
    const found = await findLine(this.file, wanted, { direction, from: here, inclusive: from === null }, signal, index);
    if (found === null || signal.aborted) return null;
    await this.step(() => this.show(found));
    return found;
  }

  dispose(): void {
    void this.queue.then(() => this.file.close());
  }

  /** Puts a line a third of the way down. */
  private async show(offset: number): Promise<void> {
    const loaded = this.rows.findIndex(row => row.offset === offset);
    if (loaded < 0) {
      const before = await this.file.backward(offset, pageLines);
      const after = await this.file.forward(offset, pageLines);
      this.rows = [...before.lines, ...after.lines];
      this.start = before.start;
      this.end = after.end;
    }
    const index = this.rows.findIndex(row => row.offset === offset);
    const last = Math.max(0, this.rows.length - this.height());
    this.first = Math.max(0, Math.min(last, index - Math.floor(this.height() / 3)));
  }

  private reload(): Promise<void> {
    return this.step(async () => {
      this.followPending = false;
      if (!this.tracking) return;
      this.total = await this.file.size();
      this.take(await this.file.backward(this.total, Math.max(pageLines, this.height())));
    });
  }

  private stop(): void {
    if (!this.tracking) return;
    this.tracking = false;
    this.first = Math.max(0, this.rows.length - this.height());
  }

  private take(chunk: { readonly lines: readonly LogRow[]; readonly start: number; readonly end: number }): void {
    this.rows = chunk.lines;
    this.start = chunk.start;
    this.end = chunk.end;
  }

  /** Reads on at one side, at least `wanted` lines if there are that many, and drops lines at the other. */
  private async more(side: 'before' | 'after', wanted: number): Promise<void> {
    this.total = await this.file.size();
    const lines = Math.max(pageLines, wanted);
    if (side === 'before') {
      if (this.start <= 0) return;
      const chunk = await this.file.backward(this.start, lines);
      this.rows = [...chunk.lines, ...this.rows].slice(0, mostLines);
      this.start = chunk.start;
      this.first += chunk.lines.length;
      const last = this.rows.at(-1);
      if (this.rows.length === mostLines && last !== undefined) this.end = last.offset + 1;
      return;
    }
    const chunk = await this.file.forward(this.end, lines);
    if (chunk.lines.length === 0) return;
    const spare = Math.max(0, this.rows.length + chunk.lines.length - mostLines);
    this.rows = [...this.rows, ...chunk.lines].slice(spare);
    this.first = Math.max(0, this.first - spare);
    this.start = this.rows[0]?.offset ?? this.start;
    this.end = chunk.end;
  }

  private step(work: () => Promise<void>): Promise<void> {
    const counted = async (): Promise<void> => {
      await work();
      this.reads++;
    };
    this.queue = this.queue.then(counted).then(this.changed, (error: unknown) => {
      this.rows = [{ offset: 0, line: complaint(error) }];
      this.changed();
    });
    return this.queue;
  }
}

function complaint(error: unknown): LogLine {
  const why = messageOf(error);
  return { time: null, kind: 'error', stream: 'err', text: `Cannot read the log: ${sanitizeLine(why, 500)}` };
}
