import type { ActionContext, ScreenEvent, ViewAct } from '../../commands/action.ts';
import type { Keymap } from '../../commands/keymap.ts';
import type { Layer } from '../layer.ts';
import { footerActionAt } from '../overview/footer.ts';
import { machineId, type Overview, type OverviewScene } from '../overview/model.ts';
import { isTooSmall, type Rect } from '../presentation/layout.ts';
import type { MouseEvent } from '../terminal/mouse.ts';
import type { Size } from '../terminal/size.ts';

/** Two presses of the same row this close together open it. */
const doubleMs = 400;
/** Rows that one step of the wheel moves by. */
const wheelRows = 3;

/** What a place of the overview stands for. */
export type MouseTarget =
  | { readonly part: 'roadmap' | 'queue' | 'machines'; readonly index: number | null }
  | { readonly part: 'pane'; readonly index: number };

/** The screen as the mouse sees it. */
export interface MouseHost {
  readonly keymap: Keymap;
  readonly now: () => number;
  readonly size: () => Size;
  top(): Layer | null;
  context(): ActionContext;
  scene(): OverviewScene;
  dispatch(event: ScreenEvent): void;
  act(id: string, context: ActionContext): void;
  clearMessage(): void;
  changeOverview(change: Partial<Overview>): void;
}

/** Turns clicks and the wheel into what keys do: a click selects, a double click opens, a click on the footer presses its key. */
export class MouseInput {
  #last: { readonly at: number; readonly what: string } = { at: Number.NEGATIVE_INFINITY, what: '' };

  constructor(private readonly host: MouseHost) {}

  /** Clicks and steps of the wheel that came together. */
  take(events: readonly MouseEvent[]): void {
    for (const event of events) this.#one(event);
  }

  #one(event: MouseEvent): void {
    const { host } = this;
    if (isTooSmall(host.size())) return;
    if (event.type !== 'press') return this.#wheel(event, event.type === 'wheel-up' ? 'up' : 'down');
    host.clearMessage();
    const { rows, columns } = host.size();
    const top = host.top();
    if (event.row === rows - 1 && top?.view !== null) {
      const context = host.context();
      const id = footerActionAt(host.keymap, context, columns, event.column);
      if (id !== null) host.act(id, context);
    } else if (top === null) this.#press(event);
  }

  #wheel(event: MouseEvent, what: 'up' | 'down'): void {
    const top = this.host.top();
    if (top === null) this.#focus(targetAt(this.host.scene(), event));
    for (let step = 0; step < wheelRows; step++) {
      if (top?.view === null) top.key?.({ name: what, text: null });
      else this.host.dispatch({ type: 'view', act: what satisfies ViewAct });
    }
  }

  #press(event: MouseEvent): void {
    const { host } = this;
    const target = targetAt(host.scene(), event);
    if (target === null) return;
    const scene = host.scene();
    this.#focus(target);
    if (target.part === 'roadmap' && target.index !== null)
      host.changeOverview({ itemId: scene.rows[target.index]?.item.id ?? null });
    if (target.part === 'queue' && target.index !== null)
      host.changeOverview({ queueRun: scene.queue[target.index]?.runId ?? null });
    const machine = target.part === 'machines' ? scene.machines?.[target.index ?? -1] : undefined;
    if (machine !== undefined) host.changeOverview({ machine: machineId(machine) });
    const what = JSON.stringify(target);
    const again = this.#last.what === what && host.now() - this.#last.at < doubleMs;
    this.#last = again ? { at: Number.NEGATIVE_INFINITY, what: '' } : { at: host.now(), what };
    if (again && target.index !== null && target.part !== 'machines') host.act('open', host.context());
  }

  #focus(target: MouseTarget | null): void {
    if (target === null) return;
    const lists = { roadmap: 1, queue: 2, machines: 0 };
    const pane = target.part === 'pane' ? target.index + 3 : lists[target.part];
    this.host.dispatch({ type: 'focus', pane });
  }
}

/** What stands at a place of the overview; null: nothing that can be selected. */
export function targetAt(
  scene: OverviewScene,
  { column, row }: Pick<MouseEvent, 'column' | 'row'>,
): MouseTarget | null {
  const { roadmap, queue, machines, panes } = scene.layout;
  const inside = (rect: Rect | null): rect is Rect =>
    rect !== null &&
    column >= rect.left &&
    column < rect.left + rect.width &&
    row >= rect.top &&
    row < rect.top + rect.height;
  const indexIn = (rect: Rect, offset: number, count: number): number | null => {
    const index = row - rect.top - 1 + offset;
    const framed = row === rect.top || row === rect.top + rect.height - 1;
    return framed || index >= count ? null : index;
  };
  if (inside(roadmap)) return { part: 'roadmap', index: indexIn(roadmap, scene.itemOffset, scene.rows.length) };
  if (inside(queue)) return { part: 'queue', index: indexIn(queue, scene.queueOffset, scene.queue.length) };
  if (inside(machines)) {
    // Its first row is the heading.
    const index = indexIn(machines, scene.machineOffset - 1, scene.machines?.length ?? 0);
    return { part: 'machines', index: index === null || index < scene.machineOffset ? null : index };
  }
  const pane = panes.findIndex(inside);
  return pane < 0 ? null : { part: 'pane', index: pane };
}
