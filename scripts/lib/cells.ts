import type { IBufferCell, Terminal } from '@xterm/headless';

/** How a stretch of cells looks: colours as the terminal resolved them, `inverse` already applied. */
export interface Style {
  /** `#rrggbb`. */
  readonly ink: string;
  /** `#rrggbb`; null: the terminal's own background. */
  readonly ground: string | null;
  readonly bold: boolean;
  readonly underline: boolean;
}

/** Neighbouring cells of one row that look alike. */
export interface Run {
  /** First column, from 0. */
  readonly column: number;
  /** Columns it takes. */
  readonly width: number;
  /** One entry per cell; a wide character is followed by an empty entry. */
  readonly chars: readonly string[];
  readonly style: Style;
}

export type Row = readonly Run[];

/** The contents of a terminal at one moment. */
export interface Screen {
  readonly columns: number;
  readonly rows: readonly Row[];
}

/** The picture's own palette: a calm dark terminal whose sixteen colours all stay readable on its background. */
export const palette = {
  ground: '#0d1117',
  ink: '#d1d9e0',
  edge: '#30363d',
  caption: '#9198a1',
  ansi: [
    ...['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
    ...['#8b949e', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#f0f6fc'],
  ],
} as const;

/** How much of its colour dim text keeps. */
const dimShare = 0.6;

/** Reads the cells that a terminal shows now. */
export function readScreen(terminal: Terminal): Screen {
  const { active } = terminal.buffer;
  const rows = Array.from({ length: terminal.rows }, (_, row) => {
    const line = active.getLine(active.viewportY + row);
    const cells = Array.from({ length: terminal.cols }, (_, column) => line?.getCell(column));
    return runsOf(cells);
  });
  return { columns: terminal.cols, rows };
}

/** The text of a row. */
export function textOf(row: Row): string {
  return row.map(run => run.chars.join('')).join('');
}

function runsOf(cells: readonly (IBufferCell | undefined)[]): Row {
  const runs: { column: number; width: number; chars: string[]; style: Style }[] = [];
  let last = '';
  cells.forEach((cell, column) => {
    const style = styleOf(cell);
    const name = JSON.stringify(style);
    const chars = cell === undefined ? ' ' : cell.getWidth() === 0 ? '' : cell.getChars() || ' ';
    const run = runs.at(-1);
    if (run !== undefined && name === last) {
      run.chars.push(chars);
      run.width += 1;
    } else runs.push({ column, width: 1, chars: [chars], style });
    last = name;
  });
  return runs;
}

function styleOf(cell: IBufferCell | undefined): Style {
  if (cell === undefined) return { ink: palette.ink, ground: null, bold: false, underline: false };
  const own = colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()) ?? palette.ink;
  const under = colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor());
  const inverse = cell.isInverse() !== 0;
  const [front, ground] = inverse ? [under ?? palette.ground, own] : [own, under];
  const ink = cell.isDim() === 0 ? front : mix(front, ground ?? palette.ground, dimShare);
  return { ink, ground, bold: cell.isBold() !== 0, underline: cell.isUnderline() !== 0 };
}

function colour(standard: boolean, direct: boolean, value: number): string | null {
  if (standard) return null;
  if (direct) return `#${value.toString(16).padStart(6, '0')}`;
  return palette.ansi[value] ?? indexed(value);
}

/** Colours 16 to 255: a cube of six levels per channel, then a ramp of greys. */
function indexed(value: number): string {
  const levels = [0, 95, 135, 175, 215, 255];
  const grey = 8 + (value - 232) * 10;
  const at = value - 16;
  const channels =
    value >= 232
      ? [grey, grey, grey]
      : [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map(one => levels[one] ?? 0);
  return `#${channels.map(hex).join('')}`;
}

function mix(front: string, back: string, share: number): string {
  const channel = (from: string, at: number) => Number.parseInt(from.slice(1 + at * 2, 3 + at * 2), 16);
  return `#${[0, 1, 2].map(at => hex(Math.round(channel(front, at) * share + channel(back, at) * (1 - share)))).join('')}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
