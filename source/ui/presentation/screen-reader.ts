import { clipLine, type Line, lineText } from './line.ts';

/** Marks, bars, sparklines and lines: a screen reader would read out their Unicode names, and the word beside them says the same. */
const marks = /[\u2016\u2298\u2500-\u25ff\u2713\u2717]+ ?/g;

/** A row as a screen reader should read it, cut at the width of the terminal; empty if there is nothing to read. */
export function screenReaderLine(row: Line, width: number): string {
  const text = lineText(clipLine(row, width));
  return text
    .replace(/^ ?▸ ?/, 'selected: ')
    .replace('⎇ ', 'on ')
    .replaceAll(marks, '')
    .trimEnd();
}
