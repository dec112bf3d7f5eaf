import { fleetView, type WorkerView } from '../../coordinator/fleet/fleet-view.ts';
import {
  type ItemRow,
  itemRows,
  latestInstances,
  paneInstances,
  queueInstances,
} from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { type Layout, layOut, type Part, scrollTo } from '../presentation/layout.ts';
import type { Size } from '../terminal/size.ts';

/** What the user has chosen in the overview. Items and runs are remembered by name, so that a selection stays when rows move. */
export interface Overview {
  readonly focus: Part;
  /** The list that was focused last: its selection fills the first pane. */
  readonly list: 'roadmap' | 'queue';
  readonly itemId: string | null;
  readonly queueRun: RunId | null;
  readonly paneRun: RunId | null;
  /** Name and key of the selected machine. */
  readonly machine: string | null;
  readonly filter: string;
  /** True: complete ROADMAP items are listed too. */
  readonly showAll: boolean;
  /** Groups whose items are not listed. */
  readonly folded: readonly string[];
  readonly itemOffset: number;
  readonly queueOffset: number;
  readonly machineOffset: number;
}

export const firstOverview: Overview = {
  focus: 'roadmap',
  list: 'roadmap',
  itemId: null,
  queueRun: null,
  paneRun: null,
  machine: null,
  filter: '',
  showAll: false,
  folded: [],
  itemOffset: 0,
  queueOffset: 0,
  machineOffset: 0,
};

/** What a pane is about: an item, a run, or both. */
export interface PaneContent {
  readonly row: ItemRow | null;
  readonly instance: Instance | null;
}

/** The overview as drawn at a size: lists, selections and positions. */
export interface OverviewScene {
  readonly layout: Layout;
  readonly rows: readonly ItemRow[];
  readonly totalRows: number;
  readonly rowIndex: number;
  readonly itemOffset: number;
  readonly queue: readonly Instance[];
  readonly queueIndex: number;
  readonly queueOffset: number;
  /** Other machines that agents run on; null: they run here only. */
  readonly machines: readonly WorkerView[] | null;
  readonly machineIndex: number;
  readonly machineOffset: number;
  /** What each pane shows: first what is selected in the list that was focused last, then the agents at work of the page. */
  readonly shown: readonly PaneContent[];
  /** All runs that have a pane, the selected one first, and the agents at work of the page. */
  readonly panes: readonly Instance[];
  readonly pagePanes: readonly Instance[];
  readonly page: number;
  readonly pages: number;
  readonly paneIndex: number;
}

let lastRows: {
  readonly from: readonly ItemRow[];
  readonly filter: string;
  readonly showAll: boolean;
  readonly folded: readonly string[];
  readonly rows: readonly ItemRow[];
} | null = null;

/** The rows that filter and setting leave; the same array while nothing changed. */
function visibleRows(state: State, overview: Overview): readonly ItemRow[] {
  const from = itemRows(state);
  const { filter, showAll, folded } = overview;
  const isSame = lastRows?.from === from && lastRows.filter === filter && lastRows.showAll === showAll;
  if (lastRows !== null && isSame && lastRows.folded === folded) return lastRows.rows;
  const wanted = filter.toLowerCase();
  const rows = from.filter(
    row =>
      (showAll || filter !== '' || (row.status !== 'complete' && !row.dismissed)) &&
      (wanted === '' || matches(row, wanted)) &&
      (filter !== '' || row.item.group == null || !folded.includes(row.item.group)),
  );
  lastRows = { from, filter, showAll, folded, rows };
  return rows;
}

function matches(row: ItemRow, wanted: string): boolean {
  const { key, title, aliases, agentType, group } = row.item;
  if (wanted.startsWith('group:')) return (group ?? '').toLowerCase() === wanted.slice('group:'.length).trim();
  return [key, title, agentType, row.status, ...aliases].some(text => text.toLowerCase().includes(wanted));
}

/** Derives everything that the overview shows. Pure: the same inputs give the same scene. */
export function sceneOf(state: State, overview: Overview, size: Size, oneByOne = false): OverviewScene {
  const rows = visibleRows(state, overview);
  const queue = queueInstances(state);
  const rowIndex = rowIndexOf(rows, overview.itemId);
  const queueIndex = indexOr(queue, one => one.runId === overview.queueRun, 0);
  const detail = detailOf(
    // Nothing is selected before the repository was read.
    state.ready ? (rows[rowIndex] ?? null) : null,
    overview.list === 'queue' ? (queue[queueIndex] ?? null) : null,
    state,
  );
  const first = detail.instance;
  const others = paneInstances(state).filter(one => isAlive(one.state) && one.runId !== first?.runId);
  const panes = first === null ? others : [first, ...others];
  const fleet = fleetView(state);
  const machines = fleet.engine ? fleet.workers : null;
  const machineCount = machines?.length ?? null;
  const focus = focusOf(overview, machines);
  const layout = layOut(size, others.length, focus, { oneByOne, machineCount });
  const machineIndex = indexOr(machines ?? [], one => machineId(one) === overview.machine, 0);
  const paneIndex = indexOr(panes, one => one.runId === overview.paneRun, 0);
  // The selected item keeps the first pane; the pages are those of the other ones.
  const perPage = Math.max(1, layout.panes.length - 1);
  const place = paneIndex - (first === null ? 0 : 1);
  const page = Math.floor(Math.max(0, place) / perPage);
  const onPage = others.slice(page * perPage, page * perPage + Math.max(0, layout.panes.length - 1));
  const focused = focus === 'panes' ? (panes[paneIndex] ?? null) : null;
  // A single pane shows the run in focus.
  const shown =
    layout.panes.length === 1 && focused !== null
      ? [contentOf(state, focused)]
      : [detail, ...onPage.map(one => contentOf(state, one))];
  return {
    layout,
    rows,
    totalRows: itemRows(state).length,
    rowIndex,
    itemOffset: scrollTo(rowIndex, overview.itemOffset, (layout.roadmap?.height ?? 3) - 2, rows.length),
    queue,
    queueIndex,
    queueOffset: scrollTo(queueIndex, overview.queueOffset, (layout.queue?.height ?? 3) - 2, queue.length),
    machines,
    machineIndex,
    machineOffset: scrollTo(
      machineIndex,
      overview.machineOffset,
      (layout.machines?.height ?? 4) - 3,
      machines?.length ?? 0,
    ),
    panes,
    pagePanes: onPage,
    shown,
    page,
    pages: layout.panes.length < 2 ? 1 : Math.max(1, Math.ceil(others.length / perPage)),
    paneIndex,
  };
}

/** Two may have the same name, under two keys. */
export function machineId({ name, key }: Pick<WorkerView, 'name' | 'key'>): string {
  return `${name} ${key}`;
}

/** Without other machines there is no list of them. */
function focusOf({ focus }: Overview, machines: OverviewScene['machines']): Overview['focus'] {
  return focus === 'machines' && machines === null ? 'roadmap' : focus;
}

/** What the first pane shows: the run that is selected in the queue, else the selected row with its latest run. */
function detailOf(row: ItemRow | null, queued: Instance | null, state: State): PaneContent {
  return queued === null ? { row, instance: row?.instance ?? null } : contentOf(state, queued);
}

function contentOf(state: State, instance: Instance): PaneContent {
  return { row: itemRows(state).find(one => one.item.id === instance.priorityId) ?? null, instance };
}

/** Before anything was chosen the first ready item is selected, else the first row. */
function rowIndexOf(rows: readonly ItemRow[], itemId: string | null): number {
  const chosen = rows.findIndex(row => row.item.id === itemId);
  if (chosen >= 0) return chosen;
  return indexOr(rows, row => row.status === 'ready', 0);
}

/** Index of the first match; else `fallback`, or -1 in an empty list. */
function indexOr<T>(list: readonly T[], test: (value: T) => boolean, fallback: number): number {
  const found = list.findIndex(test);
  if (found >= 0) return found;
  return list.length === 0 ? -1 : fallback;
}

/** The item and the run that keys act on. An empty list falls back to the roadmap's selection. */
export function selectionOf(
  state: State,
  overview: Overview,
  scene: OverviewScene,
): { readonly item: Item | null; readonly instance: Instance | null } {
  // No key for items works on what is not marked.
  if (overview.focus === 'machines') return { item: null, instance: null };
  const row = scene.rows[scene.rowIndex];
  const instance = instanceInFocus(overview, scene);
  if (instance !== null) {
    const item = itemRows(state).find(one => one.item.id === instance.priorityId)?.item ?? null;
    return { item, instance };
  }
  return {
    item: row?.item ?? null,
    instance: row === undefined ? null : (latestInstances(state).get(row.item.id) ?? null),
  };
}

/** The machine that keys act on, null in an empty list; nothing while another list is in focus. */
export function machineOf(overview: Overview, scene: OverviewScene): { readonly machine?: WorkerView | null } {
  if (overview.focus !== 'machines' || scene.machines === null) return {};
  return { machine: scene.machines[scene.machineIndex] ?? null };
}

function instanceInFocus(overview: Overview, scene: OverviewScene): Instance | null {
  if (overview.focus === 'queue') return scene.queue[scene.queueIndex] ?? null;
  if (overview.focus === 'panes') return scene.panes[scene.paneIndex] ?? null;
  return null;
}

/**
 * Stores what the scene has derived, so that the next one starts from it. Until the repository has been read (`known`) no item is chosen:
 * only a part of them may be known, and none is ready yet.
 */
export function normalizeOverview(overview: Overview, scene: OverviewScene, known = true): Overview {
  const itemId = known ? (scene.rows[scene.rowIndex]?.item.id ?? overview.itemId) : overview.itemId;
  const { itemOffset, queueOffset, machineOffset } = scene;
  const next = {
    ...overview,
    itemOffset,
    queueOffset,
    machineOffset,
    itemId,
    focus: focusOf(overview, scene.machines),
  };
  const names = Object.keys(next) as (keyof Overview)[];
  return names.every(name => next[name] === overview[name]) ? overview : next;
}
