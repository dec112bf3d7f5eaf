import type { Size } from '../terminal/size.ts';

/** A rectangle on the screen, in cells from the top left corner. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What the overview shows where. Lists that do not fit are null; the focused one is always there. */
export interface Layout {
  readonly kind: 'wide' | 'normal' | 'narrow';
  readonly roadmap: Rect | null;
  readonly queue: Rect | null;
  /** Null where all agents run here, too. */
  readonly machines: Rect | null;
  readonly panes: readonly Rect[];
  /** The row above the footer: notices, answers, why something waits. */
  readonly message: number;
  readonly footer: number;
}

export type Part = 'roadmap' | 'queue' | 'machines' | 'panes';

/** Smallest size that the overview works in. */
export const smallest: Size = { columns: 60, rows: 16 };

/** Header, machine, and what needs you; a low screen does without the machine. */
export function headerRowsOf(size: Size): number {
  return size.rows < 20 ? 2 : 3;
}

const footerRows = 2;
/** Two frame rows and three of log: a smaller pane would be useless. */
const paneRows = 5;
const mostPanes = 9;

/** True if the screen can only say which size it needs. */
export function isTooSmall(size: Size): boolean {
  return size.columns < smallest.columns || size.rows < smallest.rows;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, Math.round(value)));
}

export interface LayoutWishes {
  readonly oneByOne?: boolean;
  readonly machineCount?: number | null;
}

/** Rows of the list of machines: its frame, its heading, and a few of them. */
function machineRows(count: number, most: number): number {
  return Math.min(Math.max(1, count) + 3, Math.max(4, Math.floor(most)));
}

/**
 * Places the parts of the overview; `paneCount` is how many agents at work could have a pane beside that of the selected item, and
 * `machineCount` how many other machines are listed (null: agents run here only). `oneByOne`: only the focused part is shown, as on a
 * narrow screen. A screen reader reads from top to bottom, so everything else would come before what is new.
 */
export function layOut(
  size: Size,
  paneCount: number,
  focus: Part,
  { oneByOne = false, machineCount = null }: LayoutWishes = {},
): Layout {
  const body: Rect = {
    left: 0,
    top: headerRowsOf(size),
    width: size.columns,
    height: size.rows - headerRowsOf(size) - footerRows,
  };
  const rows = { message: size.rows - 2, footer: size.rows - 1 };
  if (oneByOne) return { ...narrow(body, focus), ...rows };
  if (size.columns >= 120 && size.rows >= 20) return { ...wide(body, paneCount, machineCount), ...rows };
  if (size.columns >= 80 && size.rows >= 20) return { ...normal(body, paneCount, machineCount), ...rows };
  return { ...narrow(body, focus), ...rows };
}

type Parts = Omit<Layout, 'message' | 'footer'>;

function wide(body: Rect, paneCount: number, machineCount: number | null): Parts {
  const left = clamp(body.width * 0.36, 42, 66);
  const queueHeight = clamp(body.height * 0.3, 5, 14);
  const machineHeight = machineCount === null ? 0 : machineRows(machineCount, body.height * 0.25);
  const listHeight = body.height - queueHeight - machineHeight;
  const column = { ...body, width: left };
  const roadmap = { ...column, height: listHeight };
  const queue = { ...column, top: body.top + listHeight, height: queueHeight };
  const under = { ...column, top: body.top + listHeight + queueHeight, height: machineHeight };
  const rest = { ...body, left, width: body.width - left };
  return {
    kind: 'wide',
    roadmap,
    queue,
    machines: machineHeight === 0 ? null : under,
    panes: detailAndGrid(rest, paneCount),
  };
}

function normal(body: Rect, paneCount: number, machineCount: number | null): Parts {
  const machineHeight = machineCount === null ? 0 : machineRows(machineCount, body.height * 0.34);
  const [share, least] = machineHeight === 0 ? [0.48, 8] : [0.42, 5];
  const height = clamp(body.height * share, least, body.height - machineHeight - paneRows);
  const left = clamp(body.width * 0.54, 40, body.width);
  const top = body.top + height + machineHeight;
  return {
    kind: 'normal',
    roadmap: { ...body, width: left, height },
    queue: { ...body, left, width: body.width - left, height },
    machines: machineHeight === 0 ? null : { ...body, top: body.top + height, height: machineHeight },
    panes: detailAndGrid({ ...body, top, height: body.height - height - machineHeight }, paneCount),
  };
}

function narrow(body: Rect, focus: Part): Parts {
  return {
    kind: 'narrow',
    roadmap: focus === 'roadmap' ? body : null,
    queue: focus === 'queue' ? body : null,
    machines: focus === 'machines' ? body : null,
    panes: focus === 'panes' ? [body] : [],
  };
}

/** Rows that the pane of the selected item keeps beside those of the agents at work. */
const detailRows = 9;

/** The pane of what is selected on top, and below it those of `paneCount` other agents, if both have room. */
function detailAndGrid(area: Rect, paneCount: number): readonly Rect[] {
  const height = Math.max(detailRows, Math.round(area.height * 0.45));
  if (paneCount === 0 || area.height - height < paneRows) return [area];
  const rest = { ...area, top: area.top + height, height: area.height - height };
  return [{ ...area, height }, ...grid(rest, Math.min(paneCount, mostPanes - 1))];
}

/** One to nine panes, side by side where the lines stay long enough to read. */
function grid(area: Rect, paneCount: number): readonly Rect[] {
  const wanted = clamp(paneCount, 1, mostPanes);
  const rowLimit = Math.max(1, Math.floor(area.height / paneRows));
  const columns = Math.min(wanted, clamp(Math.floor(area.width / 80), 1, 3));
  const rows = Math.min(rowLimit, Math.ceil(wanted / columns));
  const rects: Rect[] = [];
  const heights = shares(area.height, rows);
  let top = area.top;
  for (const height of heights) {
    const inRow = Math.min(columns, wanted - rects.length);
    let left = area.left;
    for (const width of shares(area.width, Math.max(1, inRow))) {
      rects.push({ left, top, width, height });
      left += width;
    }
    top += height;
  }
  return rects;
}

/** Splits a length into equal parts; the first ones get the remainder. */
function shares(total: number, parts: number): readonly number[] {
  const base = Math.floor(total / parts);
  return Array.from({ length: parts }, (_, index) => base + (index < total % parts ? 1 : 0));
}

/** The first row of a list to show: the selected one is visible and the list moves no more than necessary. */
export function scrollTo(selected: number, offset: number, height: number, total: number): number {
  const last = Math.max(0, total - height);
  const wanted = Math.min(Math.max(offset, selected - height + 1), Math.max(0, selected));
  return clamp(wanted, 0, last);
}
