import type { ReactNode } from 'react';
import type { ActionContext, ViewAct } from '../../../commands/action.ts';
import type { Instance } from '../../../domain/instance.ts';
import type { LogFile } from '../../../ports/logs.ts';
import { Canvas } from '../../components/canvas.tsx';
import type { Layer, LayerHost, OpenLayer } from '../../layer.ts';
import { paneTitle } from '../../overview/panes.ts';
import { type Line, line, span } from '../../presentation/line.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import type { Size } from '../../terminal/size.ts';
import { Page, pageHeight } from '../parts.tsx';
import { beginSearch, highlight, noSearch, type Search, searchKey, searchLine, searchPaste } from '../search.ts';
import { current } from '../text-page.tsx';
import { openLazily } from './lazy-file.ts';
import { type LogRow, LogWindow } from './log-window.ts';
import { renderRows } from './render-rows.ts';
import { TailFile } from './tail-file.ts';

/** What is read: the readable end of the log, or one of the raw streams whole. */
const sources = ['readable', 'out', 'err'] as const;
type Source = (typeof sources)[number];
const sourceNames: Readonly<Record<Source, string>> = { readable: 'readable', out: 'raw output', err: 'raw errors' };

/** The log of one instance over the whole screen. */
class LogView implements Layer {
  readonly view = 'log';
  readonly floating = false;
  bare = false;
  private source: Source = 'readable';
  private window: LogWindow;
  private wrap = false;
  private search: Search = noSearch;
  private match: number | null = null;
  private busy: AbortController | null = null;
  private found: string | null = null;

  constructor(
    private readonly host: LayerHost,
    private readonly context: ActionContext,
    private readonly run: Instance,
  ) {
    this.window = this.openWindow();
  }

  get selection(): NonNullable<Layer['selection']> {
    return current(this.host, this.context);
  }

  private openWindow(): LogWindow {
    const { logs } = this.host.handle;
    const { runId } = this.run;
    const { source } = this;
    const file: LogFile =
      source === 'readable' ? new TailFile(() => logs.tail(runId)) : openLazily(() => logs.open(runId, source));
    const window = new LogWindow(
      file,
      () => this.height(),
      () => this.host.changed(),
    );
    void window.follow();
    return window;
  }

  private height(): number {
    const size = this.host.size();
    return this.bare ? size.rows : pageHeight({ columns: size.columns, rows: size.rows - 2 });
  }

  refresh(what: 'state' | 'logs'): boolean {
    if (what === 'logs') void this.window.grown();
    return false;
  }

  key(key: KeyPress): boolean {
    const typed = searchKey(this.search, key);
    if (typed !== null) {
      this.search = typed.search;
      if (typed.problem !== null) this.host.say(typed.problem, 'warning');
      if (typed.submitted) this.startSearch();
      this.host.changed();
      return true;
    }
    if (key.name === 'esc' && this.busy !== null) return this.giveUp();
    if (key.name === 'esc' && this.bare) {
      this.act('copy');
      return true;
    }
    return false;
  }

  paste(text: string): void {
    this.search = searchPaste(this.search, text);
    this.host.changed();
  }

  act(what: ViewAct): void {
    const page = Math.max(1, this.height() - 1);
    const steps: Partial<Record<ViewAct, () => unknown>> = {
      down: () => this.window.scroll(1),
      up: () => this.window.scroll(-1),
      'page-down': () => this.window.scroll(page),
      'page-up': () => this.window.scroll(-page),
      top: () => this.window.toStart(),
      bottom: () => this.window.follow(),
      follow: () => (this.window.following ? this.window.pause() : this.window.follow()),
      search: () => {
        this.search = beginSearch(this.search);
      },
      'next-match': () => this.find(1),
      'previous-match': () => this.find(-1),
      wrap: () => {
        this.wrap = !this.wrap;
      },
      copy: () => {
        this.bare = !this.bare;
      },
      stream: () => this.nextSource(),
    };
    steps[what]?.();
    this.host.changed();
  }

  private nextSource(): void {
    this.busy?.abort();
    this.window.dispose();
    this.source = sources[(sources.indexOf(this.source) + 1) % sources.length] ?? 'readable';
    this.match = null;
    this.window = this.openWindow();
  }

  private giveUp(): boolean {
    this.busy?.abort();
    this.busy = null;
    this.found = 'given up';
    this.host.changed();
    return true;
  }

  private startSearch(): void {
    this.match = null;
    this.find(1);
    this.countMatches();
  }

  private find(direction: 1 | -1): void {
    const { matcher, typed } = this.search;
    if (matcher === null) return this.host.say('Nothing to look for yet: / begins a search.', 'warning');
    this.busy ??= new AbortController();
    const { signal } = this.busy;
    void this.window.find(matcher, direction, this.match, signal).then(offset => {
      if (offset !== null) this.match = offset;
      else if (!signal.aborted)
        this.host.say(`No ${direction === 1 ? 'further' : 'earlier'} match for ${typed}.`, 'warning');
      this.host.changed();
    });
  }

  private countMatches(): void {
    const { matcher } = this.search;
    if (matcher === null) return;
    this.busy?.abort();
    const busy = new AbortController();
    this.busy = busy;
    this.found = '…';
    void this.window
      .count(matcher, busy.signal, lines => {
        this.found = `${lines} …`;
      })
      .then(lines => {
        if (lines === null || this.busy !== busy) return;
        this.busy = null;
        this.found = String(lines);
        this.host.changed();
      });
  }

  render(size: Size): ReactNode {
    const width = this.bare ? size.columns : size.columns - 2;
    const height = this.bare ? size.rows : pageHeight(size);
    const lines = this.lines(this.window.visible(height), width, height);
    if (this.bare) return <Canvas lines={lines} width={size.columns} height={size.rows} />;
    const usage = this.host.handle.usage()[this.run.runId] ?? null;
    const title = paneTitle(this.selection.instance ?? this.run, this.host.now(), usage);
    return <Page size={size} title={title} note={this.note()} lines={lines} />;
  }

  private lines(rows: readonly LogRow[], width: number, height: number): readonly Line[] {
    const field = searchLine(this.search, width);
    const room = field === null ? height : height - 1;
    const options = {
      width,
      height: room,
      wrap: this.wrap,
      withTime: !this.bare && width >= 60,
      fromEnd: this.window.following,
    };
    const shown = renderRows(rows, this.match, options).map(row => highlight(row, this.search.matcher));
    if (shown.length === 0 && this.window.loaded) shown.push(line('no output yet', 'dim'));
    return field === null ? shown : [...Array.from({ length: room }, (_, at) => shown[at] ?? []), field];
  }

  private note(): Line {
    const place = this.window.following
      ? span('● following', 'success')
      : span(`‖ paused at ${this.window.percent()} %`, 'warning');
    const matches = this.search.matcher === null ? [] : [span(`  ${this.found ?? '0'} lines match`, 'hint')];
    return [place, span(`  ${sourceNames[this.source]}${this.wrap ? '  wrapped' : ''}`, 'dim'), ...matches];
  }

  dispose(): void {
    this.busy?.abort();
    this.window.dispose();
  }
}

export const openLog: OpenLayer = (host, context) => {
  if (context.instance === null) throw new Error('there is no run whose log could be shown');
  return new LogView(host, context, context.instance);
};
