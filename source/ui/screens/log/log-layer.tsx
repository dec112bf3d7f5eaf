import type { ReactNode } from 'react';
import type { ActionContext, ViewAct } from '../../../commands/action.ts';
import type { Instance } from '../../../domain/instance.ts';
import type { LogFile } from '../../../ports/logs.ts';
import { Canvas } from '../../components/canvas.tsx';
import type { Layer, LayerHost, OpenLayer, Position } from '../../layer.ts';
import { paneTitle } from '../../overview/panes.ts';
import { usageLine } from '../../overview/usage-cells.ts';
import { type Line, line, span } from '../../presentation/line.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import type { Size } from '../../terminal/size.ts';
import { Page, pageHeight } from '../parts/parts.tsx';
import { highlight, noSearch, searchHints, searchLine } from '../parts/search.ts';
import type { FieldView } from '../parts/text-field.ts';
import { current } from '../parts/text-page.tsx';
import { LogFinder } from './log-finder.ts';
import { kindAfter, kindNames, openSource, type SourceKind } from './log-source.ts';
import { type LogRow, LogWindow } from './log-window.ts';
import { renderRows } from './render-rows.ts';
import { SavePrompt, saveHints, textOfLog } from './save-prompt.ts';

/** What a log view reads from, and what belongs to that source only. */
interface Opened {
  readonly kind: SourceKind;
  readonly file: LogFile;
  readonly window: LogWindow;
  readonly finder: LogFinder;
}

/** The log of one run, or the combined log of all, over the whole screen. */
class LogView implements Layer {
  readonly view = 'log';
  readonly floating = false;
  bare = false;
  private opened: Opened;
  private wrap = false;
  /** Shown if there is room and they are known. */
  private times: boolean | null = null;
  private saving: SavePrompt | null = null;

  constructor(
    private readonly host: LayerHost,
    private readonly context: ActionContext,
    /** Null: all of them. */
    private readonly run: Instance | null,
  ) {
    this.opened = this.open('readable');
  }

  get selection(): NonNullable<Layer['selection']> {
    return current(this.host, this.context);
  }

  /** The run as it is now: its checks may have started meanwhile. */
  private present(): Instance | null {
    return this.run === null ? null : (this.selection.instance ?? this.run);
  }

  private open(kind: SourceKind): Opened {
    const file = openSource(this.host, this.present(), kind);
    const window = new LogWindow(
      file,
      () => this.height(),
      () => this.host.changed(),
    );
    void window.follow();
    const search = this.opened?.finder.search ?? noSearch;
    return { kind, file, window, finder: new LogFinder(this.host, file, window, search) };
  }

  private height(): number {
    const size = this.host.size();
    return this.bare ? size.rows : pageHeight({ columns: size.columns, rows: size.rows - 2 });
  }

  refresh(what: 'state' | 'logs'): boolean {
    if (what === 'logs') void this.opened.window.grown();
    return false;
  }

  key(key: KeyPress): boolean {
    const handled = this.keyOfField(key) || (key.name === 'esc' && this.escape());
    if (handled) this.host.changed();
    return handled;
  }

  private keyOfField(key: KeyPress): boolean {
    if (this.saving === null) return this.opened.finder.key(key);
    if (this.saving.key(key)) this.saving = null;
    return true;
  }

  /** What Esc ends before it closes the view. */
  private escape(): boolean {
    if (this.opened.finder.stopSearch()) return true;
    if (!this.bare) return false;
    this.bare = false;
    return true;
  }

  paste(text: string): void {
    (this.saving ?? this.opened.finder).paste(text);
    this.host.changed();
  }

  act(what: ViewAct): void {
    const { window, finder } = this.opened;
    const page = Math.max(1, this.height() - 1);
    const steps: Partial<Record<ViewAct, () => unknown>> = {
      down: () => window.scroll(1),
      up: () => window.scroll(-1),
      'page-down': () => window.scroll(page),
      'page-up': () => window.scroll(-page),
      top: () => window.toStart(),
      bottom: () => window.follow(),
      follow: () => (window.following ? window.pause() : window.follow()),
      search: () => finder.begin(),
      'next-match': () => finder.findMatch(1),
      'previous-match': () => finder.findMatch(-1),
      'next-error': () => finder.findError(1),
      'previous-error': () => finder.findError(-1),
      wrap: () => {
        this.wrap = !this.wrap;
      },
      times: () => {
        this.times = !this.withTimes(this.host.size().columns);
      },
      copy: () => {
        this.bare = !this.bare;
      },
      stream: () => this.nextKind(),
      save: () => this.askWhere(),
    };
    steps[what]?.();
    this.host.changed();
  }

  private nextKind(): void {
    if (this.run === null)
      return this.host.showMessage('Raw streams belong to one run. Open its log from the overview first.', 'warning');
    const { kind } = this.opened;
    this.close();
    this.opened = this.open(kindAfter(kind, this.present()));
  }

  private askWhere(): void {
    const { kind, file } = this.opened;
    const name = `${this.run?.slug ?? 'all'}${kind === 'readable' ? '' : `-${kind}`}.log`;
    const withTime = this.times ?? true;
    this.saving = new SavePrompt(this.host, name, () => textOfLog(file, withTime));
  }

  private withTimes(width: number): boolean {
    return this.times ?? (!this.bare && this.opened.kind === 'readable' && width >= 60);
  }

  render(size: Size): ReactNode {
    const width = this.bare ? size.columns : size.columns - 2;
    const height = this.bare ? size.rows : pageHeight(size);
    const lines = this.lines(this.opened.window.visible(height), width, height);
    if (this.bare) return <Canvas lines={lines} width={size.columns} height={size.rows} />;
    return <Page size={size} title={this.title()} note={this.note()} lines={lines} />;
  }

  private title(): Line {
    if (this.run === null) return line('All agents ', 'title');
    const signals = this.host.handle.signals?.()[this.run.runId] ?? null;
    return paneTitle(this.selection.instance ?? this.run, this.host.now(), signals);
  }

  private used(): Line {
    // On a narrow screen, whether the end is followed matters more.
    if (this.run === null || this.host.size().columns < 100) return [];
    const { runId } = this.run;
    const line = usageLine(this.selection.instance ?? this.run, this.host.trail.all().get(runId));
    return line.length === 0 ? [] : [...line, span('  ')];
  }

  private lines(rows: readonly LogRow[], width: number, height: number): readonly Line[] {
    const { window, finder } = this.opened;
    const field = this.field(width);
    const room = field === null ? height : height - 1;
    const options = {
      width,
      height: room,
      wrap: this.wrap,
      withTime: this.withTimes(width),
      bare: this.bare,
      fromEnd: window.following,
    };
    const shown = renderRows(rows, finder.match, options).map(row => highlight(row, finder.search.matcher));
    if (shown.length === 0 && window.loaded) shown.push(line('no output yet', 'dim'));
    return field === null ? shown : [...Array.from({ length: room }, (_, at) => shown[at] ?? []), field.line];
  }

  private field(width: number): FieldView | null {
    return this.saving?.line(width) ?? searchLine(this.opened.finder.search, width);
  }

  get hints(): Layer['hints'] {
    if (this.saving !== null) return saveHints;
    return this.opened.finder.search.field === null ? undefined : searchHints;
  }

  textCursor(size: Size): Position | null {
    const width = this.bare ? size.columns : size.columns - 2;
    const field = this.field(width);
    if (field === null) return null;
    return this.bare ? { x: field.column, y: size.rows + 1 } : { x: field.column + 1, y: size.rows - 2 };
  }

  private note(): Line {
    const { window, finder, kind } = this.opened;
    const place = window.following
      ? span('● following', 'success')
      : span(`‖ paused at ${window.percent()} %`, 'warning');
    const found = finder.note();
    return [
      // Search results matter more than resource use; both do not fit.
      ...(found.length === 0 ? this.used() : []),
      place,
      span(`  ${kindNames[kind]}${this.wrap ? '  wrapped' : ''}`, 'dim'),
      ...found,
    ];
  }

  private close(): void {
    this.opened.finder.dispose();
    this.opened.window.dispose();
  }

  dispose(): void {
    this.close();
  }
}

export const openLogView: OpenLayer = (host, context) => {
  if (context.instance === null) throw new Error('no run to show a log of');
  return new LogView(host, context, context.instance);
};

export const openAllLogs: OpenLayer = (host, context) => new LogView(host, context, null);
