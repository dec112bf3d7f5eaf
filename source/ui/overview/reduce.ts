import type { ViewAct } from '../../commands/action.ts';
import type { Part } from '../presentation/layout.ts';
import { machineId, type Overview, type OverviewScene } from './model.ts';

type List = Exclude<Part, 'panes'>;

/** The lists that Tab goes through before the log panes. */
function listsOf({ machines }: OverviewScene): readonly List[] {
  return machines === null ? ['roadmap', 'queue'] : ['roadmap', 'queue', 'machines'];
}

/** Moves, scrolls and pages in the overview; any other act changes nothing. */
export function applyViewAct(overview: Overview, scene: OverviewScene, what: ViewAct): Overview {
  switch (what) {
    case 'down':
      return select(overview, scene, at => at + 1);
    case 'up':
      return select(overview, scene, at => at - 1);
    case 'page-down':
      return select(overview, scene, at => at + pageOf(overview, scene));
    case 'page-up':
      return select(overview, scene, at => at - pageOf(overview, scene));
    case 'top':
      return select(overview, scene, () => 0);
    case 'bottom':
      return select(overview, scene, () => Number.MAX_SAFE_INTEGER);
    case 'next-page':
      return turnPage(overview, scene, 1);
    case 'previous-page':
      return turnPage(overview, scene, -1);
    case 'show-all':
      return { ...overview, showAll: !overview.showAll };
    case 'next-part':
    case 'previous-part':
    case 'follow':
    case 'search':
    case 'next-match':
    case 'previous-match':
    case 'wrap':
    case 'stream':
    case 'copy':
    case 'next-error':
    case 'previous-error':
    case 'times':
    case 'save':
    case 'next-hunk':
    case 'previous-hunk':
    case 'pager':
    case 'editor':
    case 'whitespace':
    case 'left':
    case 'right':
    case 'next-review':
    case 'previous-review':
    case 'fold':
    case 'viewed':
    case 'select-lines':
    case 'remove-comment':
    case 'accept':
      return overview;
  }
}

function pageOf(overview: Overview, { layout }: OverviewScene): number {
  if (overview.focus === 'panes') return Math.max(1, layout.panes.length);
  const rows = (layout[overview.focus]?.height ?? 3) - (overview.focus === 'machines' ? 3 : 2);
  return Math.max(1, rows);
}

function select(overview: Overview, scene: OverviewScene, move: (at: number) => number): Overview {
  const at = (index: number, length: number): number => Math.max(0, Math.min(length - 1, move(Math.max(0, index))));
  switch (overview.focus) {
    case 'roadmap':
      return { ...overview, itemId: scene.rows[at(scene.rowIndex, scene.rows.length)]?.item.id ?? null };
    case 'queue':
      return { ...overview, queueRun: scene.queue[at(scene.queueIndex, scene.queue.length)]?.runId ?? null };
    case 'machines': {
      const machines = scene.machines ?? [];
      const machine = machines[at(scene.machineIndex, machines.length)];
      return { ...overview, machine: machine === undefined ? null : machineId(machine) };
    }
    case 'panes':
      return { ...overview, paneRun: scene.panes[at(scene.paneIndex, scene.panes.length)]?.runId ?? null };
  }
}

function turnPage(overview: Overview, scene: OverviewScene, by: number): Overview {
  const perPage = Math.max(1, scene.layout.panes.length - 1);
  const page = Math.max(0, Math.min(scene.pages - 1, scene.page + by));
  const first = scene.shown[0]?.instance ?? null;
  const place = page * perPage + (first === scene.panes[0] ? 1 : 0);
  return { ...overview, paneRun: scene.panes[place]?.runId ?? scene.panes.at(-1)?.runId ?? null };
}

/**
 * Moves the focus. `next` and `previous` go through Roadmap, Merge queue, the machines where there are others, and every log pane; numbers
 * are 1 Roadmap, 2 Merge queue, from 3 on the log panes of the page, and 0 the machines.
 */
export function focus(overview: Overview, scene: OverviewScene, pane: 'next' | 'previous' | number): Overview {
  if (typeof pane === 'number') return focusNumber(overview, scene, pane);
  const lists = listsOf(scene);
  const stops = lists.length + Math.max(1, scene.panes.length);
  const list = overview.focus === 'panes' ? -1 : lists.indexOf(overview.focus);
  const here = list < 0 ? lists.length + Math.max(0, scene.paneIndex) : list;
  const next = (here + (pane === 'next' ? 1 : stops - 1)) % stops;
  const wanted = lists[next];
  if (wanted !== undefined) return toList(overview, wanted);
  return { ...overview, focus: 'panes', paneRun: scene.panes[next - lists.length]?.runId ?? null };
}

function focusNumber(overview: Overview, scene: OverviewScene, pane: number): Overview {
  if (pane === 0) return scene.machines === null ? overview : toList(overview, 'machines');
  if (pane <= 2) return toList(overview, pane === 1 ? 'roadmap' : 'queue');
  const wanted = scene.shown[pane - 3]?.instance ?? scene.shown.find(one => one.instance !== null)?.instance ?? null;
  return { ...overview, focus: 'panes', paneRun: wanted?.runId ?? null };
}

/** Focuses a list; the first pane follows the selection of Roadmap or merge queue from then on. */
function toList(overview: Overview, list: List): Overview {
  return list === 'machines' ? { ...overview, focus: list } : { ...overview, focus: list, list };
}

/** The Roadmap in focus with this item selected, whatever the filter was. */
export function atItem(overview: Overview, itemId: string): Overview {
  return { ...overview, focus: 'roadmap', list: 'roadmap', filter: '', itemId };
}
