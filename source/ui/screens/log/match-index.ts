import type { LogFile } from '../../../ports/logs.ts';
import type { Wanted } from './matcher.ts';

/** Positions beyond this many are counted, not kept: eight megabytes. */
const mostPlaces = 1_000_000;
const pageLines = 2000;

/**
 * Where a log matches, found by one pass from its start to the end it had then. The pass can be stopped. Questions that it can already
 * answer are answered while it runs, the others wait.
 */
export class MatchIndex {
  /** Lines that match, so far. */
  count = 0;
  /** Bytes of the log (lines of a live end) that have been scanned. */
  searched = 0;
  state: 'running' | 'complete' | 'stopped' = 'running';
  private size = 0;
  private readonly places: number[] = [];
  private readonly abort = new AbortController();
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly file: LogFile,
    private readonly wanted: Wanted,
    private readonly changed: () => void,
  ) {}

  /** 0 to 100. */
  get percent(): number {
    if (this.state === 'complete') return 100;
    return this.size === 0 ? 0 : Math.min(99, Math.floor((this.searched / this.size) * 100));
  }

  /** Scans the log; resolves at its end or when stopped. Rejects if the log cannot be read or the expression takes too long. */
  async run(): Promise<void> {
    try {
      this.size = await this.file.size();
      const complete =
        this.file.search === undefined ? await this.page() : await this.stream(this.file.search.bind(this.file));
      this.state = complete && !this.abort.signal.aborted ? 'complete' : 'stopped';
    } catch (error) {
      this.state = 'stopped';
      throw error;
    } finally {
      this.answerWaiting();
    }
  }

  stop(): void {
    if (this.state !== 'running') return;
    this.abort.abort();
    this.state = 'stopped';
    this.answerWaiting();
  }

  /** The nearest match after `offset`; null: none, or stopped before it was known. */
  async after(offset: number): Promise<number | null> {
    for (;;) {
      const at = this.places[firstAbove(this.places, offset)];
      if (at !== undefined || this.state !== 'running') return at ?? null;
      await this.more();
    }
  }

  /** The nearest match before `offset`. */
  async before(offset: number): Promise<number | null> {
    while (this.state === 'running' && this.searched < offset) await this.more();
    return this.places[firstAbove(this.places, offset - 1) - 1] ?? null;
  }

  private more(): Promise<void> {
    return new Promise(resolve => this.waiting.add(resolve));
  }

  private found(offset: number): void {
    if (this.abort.signal.aborted) return;
    this.count++;
    if (this.places.length < mostPlaces) this.places.push(offset);
  }

  private async stream(search: NonNullable<LogFile['search']>): Promise<boolean> {
    const { complete } = await search(this.wanted.pattern, {
      signal: this.abort.signal,
      onMatch: ({ offset }) => this.found(offset),
      onProgress: bytes => this.progress(bytes),
    });
    return complete;
  }

  private async page(): Promise<boolean> {
    for (let at = 0; ; ) {
      const chunk = await this.file.forward(at, pageLines);
      if (this.abort.signal.aborted) return false;
      for (const { offset, line } of chunk.lines) if (this.wanted.test(line)) this.found(offset);
      if (chunk.lines.length === 0 || chunk.end <= at) return true;
      at = chunk.end;
      this.progress(at);
    }
  }

  private progress(searched: number): void {
    if (this.abort.signal.aborted) return;
    const before = this.percent;
    this.searched = searched;
    if (this.waiting.size > 0 || this.percent !== before) this.answerWaiting();
  }

  private answerWaiting(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const go of waiting) go();
    this.changed();
  }
}

/** Index of the first number above `limit` in an ascending list. */
function firstAbove(list: readonly number[], limit: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
