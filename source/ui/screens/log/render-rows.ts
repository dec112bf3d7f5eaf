import { logLine } from '../../overview/panes.ts';
import { type Line, line, plainText, span } from '../../presentation/line.ts';
import { wrapHard } from '../../presentation/text.ts';
import type { LogRow } from './log-window.ts';

export interface RowOptions {
  readonly width: number;
  readonly height: number;
  readonly wrap: boolean;
  readonly withTime: boolean;
  /** The last rows are the ones that matter; else the first. */
  readonly fromEnd: boolean;
}

/** Log lines as rows of the screen; the line `match` is marked at its start. */
export function renderRows(rows: readonly LogRow[], match: number | null, options: RowOptions): Line[] {
  const lines = rows.flatMap(row => renderRow(row, row.offset === match, options));
  return options.fromEnd ? lines.slice(-options.height) : lines.slice(0, options.height);
}

function renderRow(row: LogRow, marked: boolean, { width, wrap, withTime }: RowOptions): readonly Line[] {
  const whole: Line = marked ? [span('▸', 'hint'), ...logLine(row.line, withTime)] : logLine(row.line, withTime);
  if (!wrap) return [whole];
  const tone = whole.at(-1)?.tone ?? 'plain';
  const [first, ...rest] = wrapHard(plainText(whole), width);
  return [first === undefined ? whole : line(first, tone), ...rest.map(part => line(part, tone))];
}
