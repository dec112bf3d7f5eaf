import type { ReactNode } from 'react';
import {
  type Action,
  type ActionContext,
  type ActionGroup,
  groups,
  type ViewAct,
  type ViewName,
} from '../../commands/action.ts';
import { showKey } from '../../commands/keymap.ts';
import { synonymsOf } from '../../commands/synonyms.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { Frame } from '../components/frame.tsx';
import { type ListRow, Rows } from '../components/table.tsx';
import type { Layer, LayerHost, OpenLayer } from '../layer.ts';
import { scrollTo } from '../presentation/layout.ts';
import { type Line, line, span } from '../presentation/line.ts';
import type { KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { scroll } from './parts/scroll.ts';
import { edit, emptyField, fieldLine, fieldText, insert, type TextField } from './parts/text-field.ts';

const emptyRow: ListRow = { cells: {} };

/** A row of the page: a heading, a key, or nothing. */
interface HelpRow {
  readonly group: ActionGroup | null;
  readonly action: Action | null;
}

/** The section that the page opens at. */
const sections: Readonly<Partial<Record<ViewName, ActionGroup>>> = {
  log: 'Log',
  diff: 'Diff',
  details: 'Inspect',
  timeline: 'Inspect',
  events: 'Inspect',
  review: 'Review',
  clean: 'Answer',
  redo: 'Answer',
  confirm: 'Answer',
};

/** All keys by group, as they are in force. Typing after `/` searches, Enter performs the selected action where the page was opened. */
class Help implements Layer {
  readonly view = 'help';
  readonly floating = false;
  private offset = 0;
  private chosen: number;
  private field: TextField | null = null;
  private rows: readonly HelpRow[];

  constructor(
    private readonly host: LayerHost,
    private readonly context: ActionContext,
  ) {
    this.rows = rowsOf(host.keymap.actions);
    const section = sections[context.view];
    const start = section === undefined ? 0 : this.rows.findIndex(row => row.group === section);
    this.offset = Math.max(0, start);
    this.chosen = this.rows.findIndex((row, index) => index >= start && row.action !== null);
  }

  key(key: KeyPress): boolean {
    if (key.name === 'enter') this.perform();
    else if (this.field === null) {
      if (key.name !== '/') return false;
      this.search(emptyField);
    } else if (key.name === 'esc' || key.name === 'ctrl+c') {
      this.field = null;
      this.find('');
    } else if (key.name === 'down' || key.name === 'up') this.act(key.name);
    else this.search(edit(this.field, key));
    return true;
  }

  paste(text: string): void {
    if (this.field !== null) this.search(insert(this.field, sanitizeLine(text, 200)));
  }

  private search(field: TextField | null): void {
    if (field === null) return;
    this.field = field;
    this.find(fieldText(field));
  }

  /** Keeps the actions that have every word of the search in key, title, name or synonyms. */
  private find(text: string): void {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.rows = rowsOf(
      this.host.keymap.actions.filter(({ id, title, keys }) => {
        const own = `${title} ${id} ${synonymsOf(id)} ${keys.map(showKey).join(' ')}`.toLowerCase();
        return words.every(word => own.includes(word));
      }),
    );
    this.offset = 0;
    this.chosen = this.rows.findIndex(row => row.action !== null);
    this.host.changed();
  }

  private perform(): void {
    const action = this.rows[this.chosen]?.action ?? null;
    if (action === null) return;
    if (!action.views.includes(this.context.view)) {
      const where = action.views.join(', ');
      return this.host.showMessage(`${action.title}: works in ${where}, not here.`, 'warning');
    }
    this.host.close(this);
    this.host.act(action.id, this.context);
  }

  act(what: ViewAct): void {
    const moved = scroll(this.chosen, what, this.rows.length, 1);
    const back = what === 'up' || what === 'page-up' || what === 'bottom';
    this.chosen = this.nearest(moved, back) ?? this.chosen;
    if (what === 'top') this.offset = 0;
    this.host.changed();
  }

  /** The next row with an action from here on, in either direction. */
  private nearest(from: number, back: boolean): number | null {
    const step = back ? -1 : 1;
    for (let at = from; at >= 0 && at < this.rows.length; at += step) if (this.rows[at]?.action != null) return at;
    return null;
  }

  render(size: Size): ReactNode {
    const { columns: width, rows } = size;
    const height = rows - (this.field === null ? 0 : 1);
    this.offset = scrollTo(this.chosen, this.offset, height - 2, this.rows.length);
    const visible = this.rows.slice(this.offset, this.offset + height - 2);
    const where = width >= 110 ? 30 : 0;
    const columns = [
      { name: 'keys', width: 22 },
      { name: 'action', width: width - 2 - 22 - where },
      { name: 'where', width: where },
    ];
    const last = this.offset + visible.length;
    const more = last < this.rows.length || this.offset > 0 ? `${last} of ${this.rows.length}  ` : '';
    const note: Line = [
      span(more, 'dim'),
      span('/', 'hint'),
      span(' search  ', 'dim'),
      span('Enter', 'hint'),
      span(' do it', 'dim'),
    ];
    const title: Line =
      this.field === null
        ? line('Keys', 'title')
        : [span('Keys ', 'title'), span('/ ', 'hint'), ...fieldLine(this.field, 40, true)];
    return (
      <Frame rect={{ left: 0, top: 0, width, height: rows }} heading={{ title, note, focused: true }}>
        <Rows
          columns={columns}
          rows={
            this.rows.length === 0
              ? [{ cells: { action: line('No matching key.', 'dim') } }]
              : visible.map((row, index) => listRow(row, index + this.offset === this.chosen))
          }
        />
      </Frame>
    );
  }
}

function rowsOf(actions: readonly Action[]): readonly HelpRow[] {
  return groups.flatMap((group): readonly HelpRow[] => {
    const own = actions.filter(action => action.group === group);
    if (own.length === 0) return [];
    return [{ group, action: null }, ...own.map(action => ({ group: null, action })), { group: null, action: null }];
  });
}

function listRow({ group, action }: HelpRow, selected: boolean): ListRow {
  if (group !== null) return { cells: { keys: line(group, 'strong') } };
  if (action === null) return emptyRow;
  const where = action.views.length > 5 ? 'everywhere' : action.views.join(' ');
  return {
    selected,
    cells: {
      keys: line(`${selected ? '▸' : ' '}${action.keys.map(showKey).join(' ')}`, 'hint'),
      action: line(action.title),
      where: line(where, 'dim'),
    },
  };
}

export const openHelp: OpenLayer = (host, context) => new Help(host, context);
