/** Lines and blocks are drawn as shapes, so that frames close and bars are level in any font. */

/** A cell in pixels. */
export const cell = { width: 8.4, height: 18 } as const;

/** Weight of the strokes from the middle of a cell: left, right, up, down. */
type Arms = readonly [number, number, number, number];

const light = 1.1;
const heavy = 2;

const lines: Readonly<Record<string, Arms>> = {
  '─': [light, light, 0, 0],
  '━': [heavy, heavy, 0, 0],
  '│': [0, 0, light, light],
  '┃': [0, 0, heavy, heavy],
  '┌': [0, light, 0, light],
  '┐': [light, 0, 0, light],
  '└': [0, light, light, 0],
  '┘': [light, 0, light, 0],
  '├': [0, light, light, light],
  '┤': [light, 0, light, light],
  '┬': [light, light, 0, light],
  '┴': [light, light, light, 0],
  '┼': [light, light, light, light],
  '┏': [0, heavy, 0, heavy],
  '┓': [heavy, 0, 0, heavy],
  '┗': [0, heavy, heavy, 0],
  '┛': [heavy, 0, heavy, 0],
  '┣': [0, heavy, heavy, heavy],
  '┫': [heavy, 0, heavy, heavy],
};

/** Rounded corners: the signs of the horizontal and the vertical arm. */
const corners: Readonly<Record<string, readonly [number, number]>> = {
  '╭': [1, 1],
  '╮': [-1, 1],
  '╰': [1, -1],
  '╯': [-1, -1],
};

/** Blocks as shares of the cell: x, y, width, height, opacity. */
const blocks: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  '█': [0, 0, 1, 1, 1],
  '▌': [0, 0, 0.5, 1, 1],
  '▐': [0.5, 0, 0.5, 1, 1],
  '▀': [0, 0, 1, 0.5, 1],
  '▏': [0, 0, 0.125, 1, 1],
  '▕': [0.875, 0, 0.125, 1, 1],
  '░': [0, 0, 1, 1, 0.25],
  '▒': [0, 0, 1, 1, 0.5],
  '▓': [0, 0, 1, 1, 0.75],
  ...Object.fromEntries(
    ['▁', '▂', '▃', '▄', '▅', '▆', '▇'].map((glyph, at) => [glyph, [0, (7 - at) / 8, 1, (at + 1) / 8, 1]]),
  ),
};

export function isShape(char: string): boolean {
  return char in lines || char in corners || char in blocks;
}

/** `count` equal lines or blocks side by side from `x`, `y` as SVG elements. */
export function drawShape(char: string, x: number, y: number, count: number, ink: string): string {
  if (joins(char)) return drawOne(char, x, y, cell.width * count, ink);
  return Array.from({ length: count }, (_, at) => drawOne(char, x + at * cell.width, y, cell.width, ink)).join('');
}

/** True for shapes that join into one shape, however many stand side by side. */
function joins(char: string): boolean {
  const [left = 0, right = 0, up = 0, down = 0] = lines[char] ?? [];
  return blocks[char]?.[2] === 1 || (left > 0 && right > 0 && up + down === 0);
}

function drawOne(char: string, x: number, y: number, width: number, ink: string): string {
  const block = blocks[char];
  if (block !== undefined) {
    const [left, top, across, height, opacity] = block;
    return rect(x + left * width, y + top * cell.height, across * width, height * cell.height, ink, opacity);
  }
  const [middleX, middleY] = [x + width / 2, y + cell.height / 2];
  const corner = corners[char];
  if (corner !== undefined) {
    const [side, fall] = corner;
    const radius = cell.width / 2;
    const bend = `${num(middleX)} ${num(middleY)} ${num(middleX + side * radius)} ${num(middleY)}`;
    const path = `M${num(middleX)} ${num(middleY + (fall * cell.height) / 2)}V${num(middleY + fall * radius)}Q${bend}`;
    return `<path d="${path}" fill="none" stroke="${ink}" stroke-width="${light}"/>`;
  }
  const [left, right, up, down] = lines[char] ?? [0, 0, 0, 0];
  const [across, along] = [Math.max(left, right), Math.max(up, down)];
  // An arm reaches over the middle by half of the other stroke, so that corners close.
  const from = left > 0 ? x : middleX - along / 2;
  const to = right > 0 ? x + width : middleX + along / 2;
  const top = up > 0 ? y : middleY - across / 2;
  const bottom = down > 0 ? y + cell.height : middleY + across / 2;
  return [
    across === 0 ? '' : rect(from, middleY - across / 2, to - from, across, ink, 1),
    along === 0 ? '' : rect(middleX - along / 2, top, along, bottom - top, ink, 1),
  ].join('');
}

function rect(x: number, y: number, width: number, height: number, ink: string, opacity: number): string {
  const faint = opacity === 1 ? '' : ` opacity="${opacity}"`;
  return `<rect x="${num(x)}" y="${num(y)}" width="${num(width)}" height="${num(height)}" fill="${ink}"${faint}/>`;
}

/** Numbers as short as possible: more than two decimals are invisible. */
export function num(value: number): string {
  return String(Math.round(value * 100) / 100);
}
