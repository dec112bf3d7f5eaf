import stringWidth from 'string-width';

/** Text to cells: how many columns it takes, and how to cut, pad and wrap it. All pure. */

/** Characters that take one column each: ASCII, Latin-1, and the marks, arrows, lines and blocks of our frames. */
const simple = /^[\x20-\x7e\xa1-\xac\xae-\xff\u2010-\u2027\u2190-\u21ff\u2212\u2298\u2387\u2500-\u25fc\u2713\u2717]*$/;
const graphemes = new Intl.Segmenter();

/** Joiners, presentation selectors, skin tones, keycaps and flag letters: terminals count these differently. */
const disputed = /\u200c|\u200d|\u20e3|[\ufe0e\ufe0f]|[\u{1f3fb}-\u{1f3ff}]|[\u{1f1e6}-\u{1f1ff}]/gu;

/**
 * The text without what terminals disagree about: a family emoji becomes its members, a flag its two letters. The rest takes the same
 * columns everywhere, so that a frame stays a frame.
 */
export function normalizeWidth(text: string): string {
  if (simple.test(text)) return text;
  return text.replaceAll(disputed, char => {
    const code = char.codePointAt(0) ?? 0;
    return code >= 0x1f1e6 && code <= 0x1f1ff ? String.fromCharCode(code - 0x1f1e6 + 0x41) : '';
  });
}

/** Widths of texts that are costly to measure; cleared all at once when there are many. */
const measured = new Map<string, number>();
const mostMeasured = 2000;

/** Columns that a text takes. */
export function textWidth(text: string): number {
  if (simple.test(text)) return text.length;
  const known = measured.get(text);
  if (known !== undefined) return known;
  const width = stringWidth(normalizeWidth(text));
  if (measured.size >= mostMeasured) measured.clear();
  if (text.length < 1000) measured.set(text, width);
  return width;
}

/** Cut to at most `width` columns; a cut shows as `…`. A wide character is never halved. */
export function truncate(raw: string, width: number): string {
  if (width <= 0) return '';
  if (simple.test(raw)) return raw.length <= width ? raw : `${raw.slice(0, width - 1)}…`;
  const text = normalizeWidth(raw);
  if (textWidth(text) <= width) return text;
  const { head, complete } = take(text, width);
  return complete ? head : `${take(text, width - 1).head}…`;
}

/** As many complete characters from the start as fit into `width` columns. */
function take(text: string, width: number): { head: string; complete: boolean } {
  let used = 0;
  let end = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    const next = used + stringWidth(segment);
    if (next > width) return { head: text.slice(0, end), complete: false };
    used = next;
    end = index + segment.length;
  }
  return { head: text, complete: true };
}

/** Exactly `width` columns: cut or padded with spaces. */
export function fitText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = truncate(text, width);
  const gap = ' '.repeat(Math.max(0, width - textWidth(cut)));
  return align === 'left' ? cut + gap : gap + cut;
}

/** Breaks a text into rows of at most `width` columns, at any character; an empty text is one empty row. */
export function wrapHard(raw: string, width: number): readonly string[] {
  const text = normalizeWidth(raw);
  const columns = Math.max(2, width);
  if (simple.test(text)) {
    const rows: string[] = [];
    for (let at = 0; at < text.length || at === 0; at += columns) rows.push(text.slice(at, at + columns));
    return rows;
  }
  const rows: string[] = [];
  let row = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const cells = stringWidth(segment);
    if (used + cells > columns) {
      rows.push(row);
      row = '';
      used = 0;
    }
    row += segment;
    used += cells;
  }
  return [...rows, row];
}

/** Breaks a text into rows at spaces; a word longer than a row is broken anywhere. */
export function wrapWords(raw: string, width: number): readonly string[] {
  const text = normalizeWidth(raw);
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(' ')) {
    const joined = row === '' ? word : `${row} ${word}`;
    if (textWidth(joined) <= width) {
      row = joined;
      continue;
    }
    if (row !== '') rows.push(row);
    const pieces = wrapHard(word, width);
    rows.push(...pieces.slice(0, -1));
    row = pieces.at(-1) ?? '';
  }
  return [...rows, row];
}

/** `1 commit`, `2 commits`. */
export function plural(count: number, word: string, many = `${word}s`): string {
  return `${count} ${count === 1 ? word : many}`;
}
