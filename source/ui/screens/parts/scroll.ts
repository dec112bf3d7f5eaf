import type { ViewAct } from '../../../commands/action.ts';

/** The first row to show after a scroll; `total` rows in a window of `height`. Any other act keeps it, within its limits. */
export function scroll(offset: number, what: ViewAct, total: number, height: number): number {
  const last = Math.max(0, total - height);
  return Math.max(0, Math.min(last, offset + step(what, total, height)));
}

function step(what: ViewAct, total: number, height: number): number {
  switch (what) {
    case 'down':
      return 1;
    case 'up':
      return -1;
    case 'page-down':
      return Math.max(1, height - 1);
    case 'page-up':
      return -Math.max(1, height - 1);
    case 'top':
      return -total;
    case 'bottom':
      return total;
    default:
      return 0;
  }
}
