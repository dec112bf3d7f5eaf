import type { ReactNode } from 'react';
import { type ItemRow, itemRows } from '../../../coordinator/state/selectors.ts';
import { isAlive, stillLanded } from '../../../domain/instance.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { Frame } from '../../components/frame.tsx';
import { type ListRow, Rows } from '../../components/table.tsx';
import type { Layer, LayerHost, OpenLayer } from '../../layer.ts';
import { line } from '../../presentation/line.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import type { Size } from '../../terminal/size.ts';
import { pageHeight } from '../parts/parts.tsx';

/** A group with how far it is. */
export interface GroupCounts {
  readonly name: string;
  readonly total: number;
  readonly done: number;
  readonly running: number;
  readonly ready: number;
}

/** How far a group is, in words; first of all whether it runs alone. */
function countsOf({ name, done, total, running, ready }: GroupCounts, only: string | null): string {
  return [
    ...(name === only ? ['runs alone'] : []),
    `${done} of ${total} done`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(ready > 0 ? [`${ready} ready`] : []),
  ].join(', ');
}

/** The groups of the listed items, in the order in which they first appear. */
export function groupCounts(rows: readonly ItemRow[]): readonly GroupCounts[] {
  const groups = new Map<string, GroupCounts>();
  for (const { item, instance, status } of rows) {
    if (item.group == null) continue;
    const before = groups.get(item.group) ?? { name: item.group, total: 0, done: 0, running: 0, ready: 0 };
    const landed = status === 'complete' || (instance !== null && stillLanded(instance));
    groups.set(item.group, {
      ...before,
      total: before.total + 1,
      done: before.done + (landed ? 1 : 0),
      running: before.running + (instance !== null && isAlive(instance.state) ? 1 : 0),
      ready: before.ready + (status === 'ready' ? 1 : 0),
    });
  }
  return [...groups.values()];
}

/** Lists epics, phases and milestones: each can be folded, filtered by, or run alone. */
class GroupLayer implements Layer {
  readonly view = null;
  readonly floating = false;
  readonly hints = [
    ['Enter', 'show only it'],
    ['Space', 'fold or unfold'],
    ['s', 'run it alone'],
    ['S', 'run all groups'],
    ['Esc', 'back'],
  ] as const;
  private cursor: number;
  private offset = 0;

  constructor(
    private readonly host: LayerHost,
    selected: string | null,
  ) {
    this.cursor = Math.max(
      0,
      this.groups().findIndex(({ name }) => name === selected),
    );
  }

  refresh(what: 'state' | 'logs'): boolean {
    return what === 'state';
  }

  key(key: KeyPress): boolean {
    const name = this.groups()[this.cursor]?.name;
    const does = this.actionOf(key, name);
    if (does === null) return false;
    does();
    this.host.changed();
    return true;
  }

  private actionOf({ name: key, text }: KeyPress, name: string | undefined): (() => void) | null {
    const go = (by: number) => () => {
      this.cursor = Math.max(0, Math.min(this.groups().length - 1, this.cursor + by));
    };
    if (key === 'down' || text === 'j') return go(1);
    if (key === 'up' || text === 'k') return go(-1);
    if (key === 'pgdn' || text === 'G') return go(key === 'pgdn' ? 10 : Number.MAX_SAFE_INTEGER);
    if (key === 'pgup' || text === 'g') return go(key === 'pgup' ? -10 : -Number.MAX_SAFE_INTEGER);
    if (key === 'esc' || key === 'ctrl+c' || text === 'q') return () => this.host.close(this);
    if (text === 'S') return () => this.send(null);
    if (name === undefined) return null;
    if (key === 'enter')
      return () => {
        this.host.filter(`group:${name}`);
        this.host.close(this);
      };
    if (text === ' ') return () => this.toggle(name);
    return text === 's' ? () => this.send(name) : null;
  }

  private toggle(name: string): void {
    const folded = this.host.folded();
    this.host.fold(folded.includes(name) ? folded.filter(other => other !== name) : [...folded, name]);
  }

  private send(group: string | null): void {
    this.host.close(this);
    this.host.send({ type: 'set-group', group });
  }

  private groups(): readonly GroupCounts[] {
    return groupCounts(itemRows(this.host.handle.state()));
  }

  render(size: Size): ReactNode {
    const { columns: width, rows: height } = size;
    const groups = this.groups();
    const page = pageHeight(size);
    this.offset = Math.max(0, Math.min(this.offset, this.cursor));
    if (this.cursor >= this.offset + page) this.offset = this.cursor - page + 1;
    const only = this.host.handle.state().onlyGroup ?? null;
    const counts = Math.max(20, ...groups.map(group => countsOf(group, only).length + 2));
    const columns = [
      { name: 'group', width: Math.max(20, width - 2 - counts) },
      { name: 'counts', width: counts },
    ];
    const rows = groups.slice(this.offset, this.offset + page).map((group, place): ListRow => {
      const mark = this.host.folded().includes(group.name) ? '▸' : '▾';
      const tone = group.done === group.total ? 'dim' : 'plain';
      return {
        cells: {
          group: line(` ${mark} ${sanitizeLine(group.name, 200)}`, tone),
          counts: line(` ${countsOf(group, only)}`, group.name === only ? 'strong' : 'dim'),
        },
        selected: place + this.offset === this.cursor,
      };
    });
    return (
      <Frame rect={{ left: 0, top: 0, width, height }} heading={{ title: line('Groups', 'title'), focused: true }}>
        <Rows columns={columns} rows={rows} />
      </Frame>
    );
  }
}

export const openGroups: OpenLayer = (host, { item }) => new GroupLayer(host, item?.group ?? null);
