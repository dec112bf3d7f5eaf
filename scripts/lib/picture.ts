import { palette, type Row, type Run, type Screen } from './cells.ts';
import { cell, drawShape, isShape, num } from './shapes.ts';

const padding = 14;
const fontSize = 14;
/** From the top of a cell to the baseline. */
const baseline = 13.4;
/** Height of the caption strip under the screen. */
const captionHeight = 30;
const fonts = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/** A screen that stays for a while, and its caption. */
export interface Frame {
  readonly screen: Screen;
  /** Seconds. */
  readonly lasts: number;
  readonly caption: string;
}

/** One screen as an SVG document. */
export function drawPicture(screen: Screen, title: string): string {
  const rows = screen.rows.map((row, index) => drawRow(row, padding + index * cell.height));
  return frame(screen, title, 0, '', rows.join('\n'));
}

/**
 * Several screens in an endless loop, as one SVG document animated by CSS alone. A row that stays the same over several screens is
 * stored once. If animation is off or unsupported, the last screen stays.
 */
export function drawRecording(frames: readonly Frame[], title: string): string {
  const [first] = frames;
  if (first === undefined) throw new Error('A recording needs at least one frame.');
  const { screen } = first;
  const spans = new Map<string, Span>();
  const parts = [
    ...screen.rows.flatMap((_, index) =>
      versions(frames, spans, one => drawRow(one.screen.rows[index] ?? [], padding + index * cell.height)),
    ),
    ...versions(frames, spans, one => drawCaption(one.caption, screen)),
  ];
  return frame(screen, title, captionHeight, motion(frames, [...spans.values()]), parts.join('\n'));
}

/** From one frame up to, but not including, another. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Everything shown at one position over all frames, each version once and marked with the frames that show it. */
function versions(
  frames: readonly Frame[],
  spans: Map<string, Span>,
  draw: (frame: Frame) => string,
): readonly string[] {
  const drawn = frames.map(draw);
  const parts: string[] = [];
  for (let from = 0; from < drawn.length; ) {
    let to = from + 1;
    while (to < drawn.length && drawn[to] === drawn[from]) to += 1;
    const content = drawn[from] ?? '';
    const whole = from === 0 && to === drawn.length;
    if (content !== '') parts.push(whole ? content : `<g class="${nameOf({ from, to })}">${content}</g>`);
    if (content !== '' && !whole) spans.set(nameOf({ from, to }), { from, to });
    from = to;
  }
  return parts;
}

function nameOf({ from, to }: Span): string {
  return `v${from}-${to}`;
}

function motion(frames: readonly Frame[], spans: readonly Span[]): string {
  const total = frames.reduce((sum, one) => sum + one.lasts, 0);
  const share = (index: number) => num((frames.slice(0, index).reduce((sum, one) => sum + one.lasts, 0) / total) * 100);
  const rules = spans.map(span => {
    const name = nameOf(span);
    const last = span.to === frames.length;
    const shown = [
      span.from === 0 ? '' : '0%{visibility:hidden}',
      `${share(span.from)}%{visibility:visible}`,
      last ? '' : `${share(span.to)}%{visibility:hidden}`,
    ].join('');
    const still = last ? '' : 'visibility:hidden;';
    return `.${name}{${still}animation:${name} ${num(total)}s step-end infinite}@keyframes ${name}{${shown}}`;
  });
  return `${rules.join('')}@media(prefers-reduced-motion:reduce){g{animation:none!important}}`;
}

function frame({ columns, rows }: Screen, title: string, under: number, style: string, content: string): string {
  const width = columns * cell.width + 2 * padding;
  const height = rows.length * cell.height + 2 * padding + under;
  const box = `width="${num(width)}" height="${num(height)}" viewBox="0 0 ${num(width)} ${num(height)}"`;
  const ground = `fill="${palette.ground}" stroke="${palette.edge}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} role="img">
<title>${escapeXml(title)}</title>
<style>text{font-family:${fonts};font-size:${fontSize}px}.b{font-weight:700}.u{text-decoration:underline}${style}</style>
<rect x=".5" y=".5" width="${num(width - 1)}" height="${num(height - 1)}" rx="8" ${ground}/>
${content}
</svg>
`;
}

function drawCaption(caption: string, { columns, rows }: Screen): string {
  const y = 2 * padding + rows.length * cell.height + captionHeight / 2;
  const x = padding + (columns * cell.width) / 2;
  return `<text x="${num(x)}" y="${num(y)}" fill="${palette.caption}" text-anchor="middle">${escapeXml(caption)}</text>`;
}

function drawRow(row: Row, y: number): string {
  const grounds = row.filter(run => run.style.ground !== null).map(run => drawGround(run, y));
  const words = row.flatMap(run => piecesOf(run).map(piece => drawPiece(piece, run, y)));
  return [...grounds, ...words].join('');
}

function drawGround({ column, width, style }: Run, y: number): string {
  const place = `x="${num(padding + column * cell.width)}" y="${num(y)}"`;
  return `<rect ${place} width="${num(width * cell.width)}" height="${cell.height}" fill="${style.ground}"/>`;
}

/** Something drawn at once: words with single spaces, one unusual character, or equal shapes side by side. */
interface Piece {
  readonly kind: 'words' | 'sign' | 'shape';
  readonly column: number;
  readonly width: number;
  readonly text: string;
}

function piecesOf({ column, chars }: Run): readonly Piece[] {
  const pieces: { kind: Piece['kind']; column: number; width: number; text: string }[] = [];
  chars.forEach((char, at) => {
    if (char === '') {
      const last = pieces.at(-1);
      if (last !== undefined) last.width += 1;
      return;
    }
    const kind = isShape(char) ? 'shape' : /^[ -~]$/.test(char) ? 'words' : 'sign';
    const last = pieces.at(-1);
    const continues = last?.kind === kind && last.column + last.width === column + at;
    if (continues && (kind === 'words' || (kind === 'shape' && last.text === char))) {
      last.width += 1;
      if (kind === 'words') last.text += char;
    } else pieces.push({ kind, column: column + at, width: 1, text: char });
  });
  return pieces.flatMap(piece => (piece.kind === 'words' ? splitWords(piece) : [piece]));
}

/** Cut at wide gaps and trimmed: what is not visible is not drawn. */
function splitWords({ column, text }: Piece): readonly Piece[] {
  return [...text.matchAll(/\S+(?: \S+)*/g)].map(found => ({
    kind: 'words',
    column: column + found.index,
    width: found[0].length,
    text: found[0],
  }));
}

function drawPiece({ kind, column, width, text }: Piece, { style }: Run, y: number): string {
  const x = padding + column * cell.width;
  if (kind === 'shape') return drawShape(text, x, y, width, style.ink);
  const look = `${style.bold ? 'b' : ''}${style.underline ? ' u' : ''}`.trim();
  const named = look === '' ? '' : ` class="${look}"`;
  // Whatever font the reader has, the text takes exactly its columns; an unusual character from another font is squeezed into its
  // cell.
  const squeezed = kind === 'sign' ? ' lengthAdjust="spacingAndGlyphs"' : '';
  const length = ` textLength="${num(width * cell.width)}"${squeezed}`;
  return `<text x="${num(x)}" y="${num(y + baseline)}" fill="${style.ink}"${named}${length}>${escapeXml(text)}</text>`;
}

function escapeXml(raw: string): string {
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
  return raw
    .replaceAll(/[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"]/g, mark => `&${names[mark]};`);
}
