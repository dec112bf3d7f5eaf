import type { ReactNode } from 'react';
import type { ActionContext, ViewAct } from '../../../commands/action.ts';
import { keyLabel } from '../../../commands/key-words.ts';
import { messageOf } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import { type Diff, type DiffFile, newLineAt, parseDiff } from '../../../domain/review/parse-diff.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { handOver } from '../../controller/outside.ts';
import type { Layer, LayerHost, OpenLayer, Position } from '../../layer.ts';
import { scrollTo } from '../../presentation/layout.ts';
import { fitLine, type Line, line, retone, span } from '../../presentation/line.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import type { Size } from '../../terminal/size.ts';
import { Page, pageHeight } from '../parts/parts.tsx';
import { scroll } from '../parts/scroll.ts';
import {
  beginSearch,
  highlight,
  noSearch,
  type Search,
  searchHints,
  searchKey,
  searchLine,
  searchPaste,
} from '../parts/search.ts';
import { current } from '../parts/text-page.tsx';
import { diffLine, fileLine } from './diff-lines.ts';

/** What a branch changes: its files with counts, and the hunks below them. */
class DiffView implements Layer {
  readonly view = 'diff';
  readonly floating = false;
  private diff: Diff | null = null;
  private problem: string | null = null;
  private ignoreWhitespace = false;
  private offset = 0;
  private search: Search = noSearch;
  private round = 0;

  constructor(
    private readonly host: LayerHost,
    private readonly context: ActionContext,
    private readonly run: Instance,
  ) {
    this.load();
  }

  get selection(): NonNullable<Layer['selection']> {
    return current(this.host, this.context);
  }

  private load(): void {
    const round = ++this.round;
    this.host.handle.diff(this.run.runId, { ignoreWhitespace: this.ignoreWhitespace }).then(
      text => this.loaded(round, parseDiff(text), null),
      (error: unknown) => this.loaded(round, null, messageOf(error)),
    );
  }

  private loaded(round: number, diff: Diff | null, problem: string | null): void {
    if (round !== this.round) return;
    this.diff = diff;
    this.problem = problem;
    this.offset = Math.min(this.offset, Math.max(0, (diff?.lines.length ?? 0) - 1));
    this.host.changed();
  }

  key(key: KeyPress): boolean {
    const typed = searchKey(this.search, key);
    if (typed === null) return false;
    this.search = typed.search;
    if (typed.problem !== null) this.host.showMessage(typed.problem, 'warning');
    if (typed.submitted) this.find(1, true);
    this.host.changed();
    return true;
  }

  paste(text: string): void {
    this.search = searchPaste(this.search, text);
    this.host.changed();
  }

  act(what: ViewAct): void {
    const steps: Partial<Record<ViewAct, () => unknown>> = {
      'next-part': () => this.toFile(1),
      'previous-part': () => this.toFile(-1),
      'next-hunk': () => this.toHunk(1),
      'previous-hunk': () => this.toHunk(-1),
      search: () => {
        this.search = beginSearch(this.search);
      },
      'next-match': () => this.find(1, false),
      'previous-match': () => this.find(-1, false),
      whitespace: () => {
        this.ignoreWhitespace = !this.ignoreWhitespace;
        this.load();
      },
      pager: () => this.toPager(),
      editor: () => this.toEditor(),
    };
    const total = this.diff?.lines.length ?? 0;
    const step = steps[what];
    if (step === undefined) this.offset = scroll(this.offset, what, total, this.textRows());
    else step();
    this.host.changed();
  }

  /** The diff as shown: the pager gets no raw bytes either. */
  private toPager(): void {
    if (this.diff === null) return this.host.showMessage('Still reading the diff. Try again in a moment.', 'warning');
    const text = this.diff.lines.map(one => `${sanitizeLine(one)}\n`).join('');
    handOver(this.host, { type: 'pager', text });
  }

  private toEditor(): void {
    const file = this.diff?.files[this.fileIndex()];
    if (this.diff === null || file === undefined) return this.host.showMessage('No file to open here.', 'warning');
    const { runId } = this.run;
    handOver(this.host, { type: 'editor', runId, path: file.path, line: this.lineInFile(this.diff, file) });
  }

  /** The first visible line that belongs to a hunk of the file. */
  private lineInFile(diff: Diff, { from, to }: DiffFile): number | null {
    const first = diff.hunks.find(hunk => hunk >= from && hunk < to);
    return first === undefined ? null : newLineAt(diff, Math.max(first + 1, this.offset));
  }

  private toHunk(by: 1 | -1): void {
    const hunks = this.diff?.hunks ?? [];
    const target = by === 1 ? hunks.find(at => at > this.offset) : hunks.findLast(at => at < this.offset);
    if (target === undefined || (by === 1 && this.offset >= this.lastOffset()))
      return this.host.showMessage(by === 1 ? 'No more hunks below.' : 'This is the first hunk.', 'warning');
    this.offset = Math.min(target, this.lastOffset());
  }

  private toFile(by: number): void {
    const files = this.diff?.files ?? [];
    const target = files[Math.max(0, Math.min(files.length - 1, this.fileIndex() + by))];
    if (target !== undefined) this.offset = Math.min(target.from, this.lastOffset());
  }

  private find(direction: 1 | -1, inclusive: boolean): void {
    const { matcher, typed } = this.search;
    const lines = this.diff?.lines ?? [];
    if (matcher === null)
      return this.host.showMessage(`No search yet. Press ${keyLabel('search')} to search.`, 'warning');
    for (let at = this.offset + (inclusive ? 0 : direction); at >= 0 && at < lines.length; at += direction) {
      if (matcher(sanitizeLine(lines[at] ?? '')).length === 0) continue;
      this.offset = Math.min(at, this.lastOffset());
      return;
    }
    this.host.showMessage(`No ${direction === 1 ? 'further' : 'earlier'} match for ${typed}.`, 'warning');
  }

  private lastOffset(): number {
    return Math.max(0, (this.diff?.lines.length ?? 0) - this.textRows());
  }

  /** The top of the text determines the file; at the end of the diff the last files count as reached. */
  private fileIndex(): number {
    const files = this.diff?.files ?? [];
    const at = files.findIndex(file => this.offset >= file.from && this.offset < file.to);
    return Math.max(0, at);
  }

  private listRows(height: number): number {
    const files = this.diff?.files.length ?? 0;
    return files > 1 && height >= 12 ? Math.min(files, Math.floor(height / 4)) : 0;
  }

  private textRows(): number {
    const { columns, rows } = this.host.size();
    const height = pageHeight({ columns, rows: rows - 2 });
    const list = this.listRows(height);
    return height - (list > 0 ? list + 1 : 0) - (this.search.field === null ? 0 : 1);
  }

  render(size: Size): ReactNode {
    const width = size.columns - 2;
    const height = pageHeight(size);
    const { instance } = this.selection;
    const title = line(`${sanitizeLine(this.run.key, 40)} ${sanitizeLine(this.run.branchName, 120)}`, 'title');
    const stale =
      instance !== null && instance.head !== this.run.head ? [span('new commits: d reloads  ', 'warning')] : [];
    return <Page size={size} title={title} note={[...stale, ...this.note()]} lines={this.lines(width, height)} />;
  }

  private note(): Line {
    if (this.diff === null) return [];
    const { files, lines } = this.diff;
    const plus = files.reduce((sum, file) => sum + file.insertions, 0);
    const minus = files.reduce((sum, file) => sum + file.deletions, 0);
    const last = Math.min(lines.length, this.offset + this.textRows());
    return [
      span(`+${plus}`, 'success'),
      span(` −${minus}`, 'danger'),
      span(`  ${last} of ${lines.length}${this.ignoreWhitespace ? '  ignoring whitespace' : ''}`, 'dim'),
    ];
  }

  private lines(width: number, height: number): readonly Line[] {
    if (this.problem !== null) return [line(` ✗ ${sanitizeLine(this.problem, 600)}`, 'danger')];
    if (this.diff === null) return [line(' Reading the diff …', 'dim')];
    if (this.diff.lines.length === 0) return [line(' No changes on the branch yet.', 'dim')];
    const list = this.fileLines(this.listRows(height), width);
    const rows = this.textRows();
    const { matcher } = this.search;
    const text = this.diff.lines
      .slice(this.offset, this.offset + rows)
      .map(raw => highlight(diffLine(sanitizeLine(raw)), matcher));
    const field = searchLine(this.search, width);
    return [
      ...list,
      ...Array.from({ length: rows }, (_, at) => text[at] ?? []),
      ...(field === null ? [] : [field.line]),
    ];
  }

  get hints(): Layer['hints'] {
    return this.search.field === null ? undefined : searchHints;
  }

  textCursor(size: Size): Position | null {
    const field = searchLine(this.search, size.columns - 2);
    return field === null ? null : { x: field.column + 1, y: size.rows - 2 };
  }

  private fileLines(rows: number, width: number): readonly Line[] {
    const files = this.diff?.files ?? [];
    if (rows === 0) return [];
    const here = this.fileIndex();
    const first = scrollTo(here, Math.max(0, here - Math.floor(rows / 2)), rows, files.length);
    const shown = files.slice(first, first + rows).map((file, at) => {
      const row = fileLine(file, at + first === here);
      return at + first === here ? retone(fitLine(row, width), 'selected') : row;
    });
    return [...shown, line('─'.repeat(width), 'frame')];
  }
}

export const openDiff: OpenLayer = (host, context) => {
  if (context.instance === null) throw new Error('no branch to show a diff of');
  return new DiffView(host, context, context.instance);
};
