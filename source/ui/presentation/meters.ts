/** Change of a percentage, in points, below which the shown number stays: an idle machine draws no frames. */
const deadBand = 3;

/** The number to show: the last one shown until the value has really moved away from it. */
export function steady(value: number | null, shown: number | null): number | null {
  if (value === null) return null;
  const rounded = Math.round(value);
  return shown !== null && Math.abs(rounded - shown) < deadBand ? shown : rounded;
}

/** A bar in steps of half a column: `▕███▌    ▏`; two columns wider than `width`. Unknown is dotted, never empty. */
export function bar(percent: number | null, width: number): string {
  if (percent === null) return `▕${'·'.repeat(width)}▏`;
  const halves = Math.round((Math.min(100, Math.max(0, percent)) / 100) * width * 2);
  const full = '█'.repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? '▌' : '');
  return `▕${full.padEnd(width)}▏`;
}

const levels = '▁▂▃▄▅▆▇█';

/**
 * The last `width` percentages as a row of columns, newest on the right. It has its full width from the first value on, which is repeated
 * to the left: a row that fills up would be written again with every value. Blank: nothing is known.
 */
export function sparkline(history: readonly number[], width: number): string {
  const recent = history.slice(-width).map(value => levels[Math.min(7, Math.max(0, Math.floor(value / 12.5)))] ?? ' ');
  return recent.join('').padStart(width, recent[0] ?? ' ');
}
