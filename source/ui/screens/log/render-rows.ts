import type { LogLine } from '../../../ports/logs.ts';
import { logLine } from '../../overview/panes.ts';
import { type Line, line, lineText, span } from '../../presentation/line.ts';
import { wrapHard } from '../../presentation/text.ts';
import { clockTime } from '../../presentation/time.ts';
import type { LogRow } from './log-window.ts';

export interface RowOptions {
  readonly width: number;
  readonly height: number;
  readonly wrap: boolean;
  readonly withTime: boolean;
  /** The text alone, for copying: no marks before it. */
  readonly bare: boolean;
  /** The last rows matter most; false: the first. */
  readonly fromEnd: boolean;
}

/** Log lines as rows of the screen; the line `match` is marked at its start. */
export function renderRows(rows: readonly LogRow[], match: number | null, options: RowOptions): Line[] {
  const lines = rows.flatMap(row => renderRow(row, row.offset === match, options));
  return options.fromEnd ? lines.slice(-options.height) : lines.slice(0, options.height);
}

/** A line of a log without our marks. */
export function renderPlain(entry: LogLine, withTime: boolean): Line {
  const text = `${entry.label ?? ''}${entry.text}`;
  return withTime && entry.time !== null ? line(`${clockTime(entry.time)} ${text}`) : line(text);
}

function renderRow(row: LogRow, marked: boolean, { width, wrap, withTime, bare }: RowOptions): readonly Line[] {
  const text = bare ? renderPlain(row.line, withTime) : logLine(row.line, withTime);
  const tone = text.at(-1)?.tone ?? 'plain';
  const parts = wrap ? wrapHard(lineText(text), bare ? width : width - 1).map(part => line(part, tone)) : [text];
  if (bare) return parts;
  // Every row reserves the column of the mark, so that no line moves when it is found.
  return parts.map((part, index) => [span(marked && index === 0 ? '▸' : ' ', 'hint'), ...part]);
}
