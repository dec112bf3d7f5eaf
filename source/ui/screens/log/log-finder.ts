import { keyLabel } from '../../../commands/key-words.ts';
import { messageOf } from '../../../domain/errors.ts';
import type { LogFile } from '../../../ports/logs.ts';
import type { LayerHost } from '../../layer.ts';
import { type Line, span } from '../../presentation/line.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import { beginSearch, type Search, searchKey, searchPaste } from '../parts/search.ts';
import type { LogWindow } from './log-window.ts';
import { MatchIndex } from './match-index.ts';
import { errors, type Wanted } from './matcher.ts';

/** Finds things in one log: what is typed, and errors. */
export class LogFinder {
  /** Offset of the line found last. */
  match: number | null = null;
  private matches: MatchIndex | null = null;
  private failures: MatchIndex | null = null;
  private searching: AbortController | null = null;
  /** The search that was asked for last, and how many have not ended. */
  private last: Promise<void> = Promise.resolve();
  private steps = 0;

  constructor(
    private readonly host: LayerHost,
    private readonly file: LogFile,
    private readonly window: LogWindow,
    public search: Search,
  ) {}

  /** True: the key was for the search field. */
  key(key: KeyPress): boolean {
    const typed = searchKey(this.search, key);
    if (typed === null) return false;
    this.search = typed.search;
    if (typed.problem !== null) this.host.showMessage(typed.problem, 'warning');
    if (typed.submitted) this.start();
    return true;
  }

  paste(text: string): void {
    this.search = searchPaste(this.search, text);
  }

  begin(): void {
    this.search = beginSearch(this.search);
  }

  /** Stops the search in progress; false if there is none. */
  stopSearch(): boolean {
    const running = [this.matches, this.failures].filter(one => one?.state === 'running');
    if (this.searching === null && running.length === 0) return false;
    this.searching?.abort();
    this.searching = null;
    for (const index of running) index?.stop();
    return true;
  }

  findMatch(direction: 1 | -1): void {
    const { wanted, typed } = this.search;
    if (wanted === null)
      return this.host.showMessage(`No search yet. Press ${keyLabel('search')} to search.`, 'warning');
    this.find(wanted, direction, `match for ${typed}`, () => {
      if (this.matches === null || this.matches.state === 'stopped') this.matches = this.indexOf(wanted);
      return this.matches;
    });
  }

  findError(direction: 1 | -1): void {
    this.find(errors, direction, 'error', () => {
      if (this.failures === null || this.failures.state === 'stopped') this.failures = this.indexOf(errors);
      return this.failures;
    });
  }

  /** How far the search has come and what it has found. */
  note(): Line {
    const busy = [this.matches, this.failures].find(one => one?.state === 'running');
    const progress =
      busy === undefined || busy === null ? [] : [span(`  ${busy.percent} % searched, Esc stops`, 'warning')];
    if (this.matches === null) return progress;
    const lines = `${this.matches.count} ${this.matches.count === 1 ? 'line matches' : 'lines match'}`;
    const part = this.matches.state === 'stopped' ? ` in the first ${this.matches.percent} %` : '';
    return [...progress, span(`  ${lines}${part}`, 'hint')];
  }

  dispose(): void {
    this.stopSearch();
  }

  private start(): void {
    const { wanted } = this.search;
    if (wanted === null) return;
    this.stopSearch();
    this.match = null;
    this.matches = this.indexOf(wanted);
    this.findMatch(1);
  }

  private indexOf(wanted: Wanted): MatchIndex {
    const index = new MatchIndex(this.file, wanted, () => this.host.changed());
    index.run().catch((error: unknown) => this.host.showMessage(messageOf(error), 'warning'));
    return index;
  }

  /** Every press counts: a search begins where the one before it has ended. */
  private find(wanted: Wanted, direction: 1 | -1, what: string, index: () => MatchIndex): void {
    const searching = this.searching ?? new AbortController();
    this.searching = searching;
    this.steps++;
    this.last = this.last.then(async () => {
      try {
        if (searching.signal.aborted) return;
        const offset = await this.window.find(wanted, direction, this.match, searching.signal, index);
        if (offset !== null) this.match = offset;
        else if (!searching.signal.aborted)
          this.host.showMessage(`No ${direction === 1 ? 'further' : 'earlier'} ${what}.`, 'warning');
      } catch (error) {
        this.host.showMessage(messageOf(error), 'warning');
      } finally {
        this.steps--;
        if (this.steps === 0 && this.searching === searching) this.searching = null;
        this.host.changed();
      }
    });
  }
}
