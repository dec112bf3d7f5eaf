import type { ReactNode } from 'react';
import { type Action, groups, type ViewAct } from '../../commands/action.ts';
import { showKey } from '../../commands/keymap.ts';
import { Frame } from '../components/frame.tsx';
import { type ListRow, Rows } from '../components/table.tsx';
import type { Layer, LayerHost, OpenLayer } from '../layer.ts';
import { line } from '../presentation/line.ts';
import type { Size } from '../terminal/size.ts';
import { scroll } from './parts/scroll.ts';

const emptyRow: ListRow = { cells: {} };

/** All keys by group, as they are in force. */
class Help implements Layer {
  readonly view = 'help';
  readonly floating = false;
  private offset = 0;
  private readonly rows: readonly ListRow[];

  constructor(private readonly host: LayerHost) {
    this.rows = groups.flatMap(group => [
      { cells: { keys: line(group, 'strong') } },
      ...host.keymap.actions.filter(action => action.group === group).map(keyRow),
      emptyRow,
    ]);
  }

  act(what: ViewAct): void {
    this.offset = scroll(this.offset, what, this.rows.length, this.host.size().rows - 4);
    this.host.changed();
  }

  render(size: Size): ReactNode {
    const { columns: width, rows: height } = size;
    const visible = this.rows.slice(this.offset, this.offset + height - 2);
    const where = width >= 110 ? 30 : 0;
    const columns = [
      { name: 'keys', width: 22 },
      { name: 'action', width: width - 2 - 22 - where },
      { name: 'where', width: where },
    ];
    const last = this.offset + visible.length;
    const note = line(last < this.rows.length ? `${last} of ${this.rows.length}, j scrolls` : 'Esc closes', 'dim');
    return (
      <Frame rect={{ left: 0, top: 0, width, height }} heading={{ title: line('Keys', 'title'), note, focused: true }}>
        <Rows columns={columns} rows={visible} />
      </Frame>
    );
  }
}

function keyRow(action: Action): ListRow {
  const where = action.views.length > 5 ? 'everywhere' : action.views.join(' ');
  return {
    cells: {
      keys: line(` ${action.keys.map(showKey).join(' ')}`, 'hint'),
      action: line(action.title),
      where: line(where, 'dim'),
    },
  };
}

export const openHelp: OpenLayer = host => new Help(host);
