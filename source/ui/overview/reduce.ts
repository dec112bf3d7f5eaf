import type { ViewAct } from '../../commands/action.ts';
import type { Part } from '../presentation/layout.ts';
import type { Overview, OverviewScene } from './model.ts';

const order: readonly Part[] = ['roadmap', 'queue', 'panes'];

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
  const rect = overview.focus === 'roadmap' ? layout.roadmap : layout.queue;
  return Math.max(1, (rect?.height ?? 3) - 2);
}

function select(overview: Overview, scene: OverviewScene, move: (at: number) => number): Overview {
  const at = (index: number, length: number): number => Math.max(0, Math.min(length - 1, move(Math.max(0, index))));
  switch (overview.focus) {
    case 'roadmap':
      return { ...overview, itemId: scene.rows[at(scene.rowIndex, scene.rows.length)]?.item.id ?? null };
    case 'queue':
      return { ...overview, queueRun: scene.queue[at(scene.queueIndex, scene.queue.length)]?.runId ?? null };
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
 * Moves the focus. `next` and `previous` go through Roadmap, Merge queue and every log pane; numbers are 1 Roadmap, 2 Merge queue and
 * from 3 on the log panes of the page.
 */
export function focus(overview: Overview, scene: OverviewScene, pane: 'next' | 'previous' | number): Overview {
  if (typeof pane === 'number') return focusNumber(overview, scene, pane);
  const stops = 2 + Math.max(1, scene.panes.length);
  const here = overview.focus === 'panes' ? 2 + Math.max(0, scene.paneIndex) : order.indexOf(overview.focus);
  const next = (here + (pane === 'next' ? 1 : stops - 1)) % stops;
  if (next < 2) return toList(overview, next);
  return { ...overview, focus: 'panes', paneRun: scene.panes[next - 2]?.runId ?? null };
}

function focusNumber(overview: Overview, scene: OverviewScene, pane: number): Overview {
  if (pane <= 2) return toList(overview, pane - 1);
  const wanted = scene.shown[pane - 3]?.instance ?? scene.shown.find(one => one.instance !== null)?.instance ?? null;
  return { ...overview, focus: 'panes', paneRun: wanted?.runId ?? null };
}

/** Focuses the Roadmap (0) or the merge queue (1), whose selection the first pane follows from then on. */
function toList(overview: Overview, place: number): Overview {
  const list = place === 1 ? 'queue' : 'roadmap';
  return { ...overview, focus: list, list };
}

/** The Roadmap in focus with this item selected, whatever the filter was. */
export function atItem(overview: Overview, itemId: string): Overview {
  return { ...overview, focus: 'roadmap', list: 'roadmap', filter: '', itemId };
}
