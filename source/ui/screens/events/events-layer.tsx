import type { ReactNode } from 'react';
import type { ViewAct } from '../../../commands/action.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Activity } from '../../../domain/timeline/activity.ts';
import type { Layer, LayerHost, OpenLayer } from '../../layer.ts';
import { type Line, line, span } from '../../presentation/line.ts';
import { plural } from '../../presentation/text.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import type { Size } from '../../terminal/size.ts';
import { Page, pageHeight } from '../parts/parts.tsx';
import { scroll } from '../parts/scroll.ts';
import { edit, emptyField, fieldLine, fieldText, insert, type TextField } from '../parts/text-field.ts';
import { activityOfNotice, eventLines, matching, problemLines } from './event-lines.ts';

/** More would take longer to lay out than anybody reads. */
const mostShown = 2000;

/** The activity log, newest first, with what is wrong now below it. `/` filters. */
class Events implements Layer {
  readonly view = 'events';
  readonly floating = false;
  private offset = 0;
  private events: readonly Activity[] = [];
  private field: TextField | null = null;
  private filter = '';
  private readonly read: (() => readonly Activity[]) | null;
  private laidOut: { readonly inputs: readonly unknown[]; readonly lines: readonly Line[] } | null = null;

  constructor(private readonly host: LayerHost) {
    this.read = host.activity?.() ?? null;
    this.take();
  }

  private take(): boolean {
    const fresh = this.read?.() ?? [];
    if (fresh.length > 0) this.events = [...this.events, ...fresh].slice(-mostShown);
    return fresh.length > 0 || this.read === null;
  }

  refresh(what: 'state' | 'logs'): boolean {
    return what === 'state' && this.take();
  }

  key(key: KeyPress): boolean {
    if (this.field === null) {
      if (key.name !== 'esc' || this.filter === '') return false;
      this.setFilter('');
    } else if (key.name === 'esc' || key.name === 'ctrl+c') {
      this.field = null;
      this.setFilter('');
    } else if (key.name === 'enter') {
      this.field = null;
      this.host.changed();
    } else this.type(edit(this.field, key));
    return true;
  }

  paste(text: string): void {
    if (this.field !== null) this.type(insert(this.field, sanitizeLine(text, 200)));
  }

  private type(field: TextField | null): void {
    if (field === null) return;
    this.field = field;
    this.setFilter(fieldText(field));
  }

  private setFilter(text: string): void {
    this.filter = text;
    this.offset = 0;
    this.host.changed();
  }

  act(what: ViewAct): void {
    const { columns, rows } = this.host.size();
    if (what === 'search') this.field = { ...emptyField, before: this.filter };
    else
      this.offset = scroll(this.offset, what, this.lines(columns - 2).length, this.height({ columns, rows: rows - 2 }));
    this.host.changed();
  }

  private height(size: Size): number {
    return pageHeight(size) - (this.field === null ? 0 : 1);
  }

  /** The same lines again while nothing that they show has changed. */
  private lines(width: number): readonly Line[] {
    const state = this.host.handle.state();
    const minute = Math.floor(this.host.now() / 60_000);
    const inputs = [
      this.events,
      this.filter,
      width,
      minute,
      state.notices,
      state.roadmap,
      state.repository,
      state.plan,
    ];
    if (this.laidOut?.inputs.every((one, index) => one === inputs[index]) === true) return this.laidOut.lines;
    const known =
      this.read === null ? state.notices.map(notice => activityOfNotice(notice, state.instances)) : this.events;
    const shown = eventLines(matching(known, this.filter), this.host.now(), width);
    const problems = this.filter === '' ? problemLines(state, this.host.keymap.errors) : [];
    const none = this.filter === '' ? ' No events yet.' : ` No event matches "${sanitizeLine(this.filter, 60)}".`;
    const lines = [
      ...(problems.length === 0
        ? []
        : [line(` ! ${plural(countOf(problems), 'problem')} below the events (G)`, 'warning')]),
      ...(shown.length === 0 ? [line(none, 'dim')] : shown),
      line(''),
      ...problems,
    ];
    this.laidOut = { inputs, lines };
    return lines;
  }

  render(size: Size): ReactNode {
    const all = this.lines(size.columns - 2);
    const height = this.height(size);
    const offset = Math.min(this.offset, Math.max(0, all.length - height));
    const visible = all.slice(offset, offset + height);
    const field: readonly Line[] =
      this.field === null
        ? []
        : [
            ...Array.from({ length: height - visible.length }, () => line('')),
            [span(' / ', 'hint'), ...fieldLine(this.field, size.columns - 6, true)],
          ];
    const place = all.length > height ? `${Math.min(all.length, offset + height)} of ${all.length}` : '';
    const filter = this.filter === '' ? '' : `/${sanitizeLine(this.filter, 40)} `;
    return (
      <Page
        size={size}
        title={line('Events', 'title')}
        note={filter + place === '' ? [] : [span(filter, 'hint'), span(place, 'dim')]}
        lines={[...visible, ...field]}
      />
    );
  }
}

/** Rows of problems: neither the headings nor the rows between. */
function countOf(lines: readonly Line[]): number {
  return lines.filter(one => one[0]?.tone !== 'strong' && (one[0]?.text ?? '') !== '').length;
}

export const openEvents: OpenLayer = host => new Events(host);
