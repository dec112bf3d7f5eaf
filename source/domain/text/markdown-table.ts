/** Reads the pipe tables of a Markdown text. */
import { readOutline } from '../roadmap/document/outline.ts';

export interface MarkdownRow {
  /** 1-based. */
  readonly line: number;
  /** Cells as written, without outer spaces. */
  readonly cells: readonly string[];
}

export interface Table {
  readonly header: MarkdownRow;
  readonly rows: readonly MarkdownRow[];
}

const delimiter = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
/** Wider rows are not a table that a person wrote. */
const lineLimit = 8192;

/** Every table outside code: a header row, a row of dashes with as many cells, and the rows below. */
export function readTables(text: string): readonly Table[] {
  const { lines, code } = readOutline(text);
  const tables: Table[] = [];
  for (let index = 1; index < lines.length; index++) {
    const header = readRow(lines, code, index - 1);
    const dashes = header === null ? null : readRow(lines, code, index);
    if (header === null || dashes === null || !delimiter.test(lines[index] ?? '')) continue;
    if (dashes.cells.length !== header.cells.length) continue;
    const rows: MarkdownRow[] = [];
    for (let row = readRow(lines, code, ++index); row !== null; row = readRow(lines, code, ++index)) rows.push(row);
    tables.push({ header, rows });
  }
  return tables;
}

function readRow(lines: readonly string[], code: Uint8Array, index: number): MarkdownRow | null {
  const line = lines[index] ?? '';
  if (code[index] === 1 || !line.includes('|') || line.length > lineLimit) return null;
  return { line: index + 1, cells: splitCells(line.trim()) };
}

/** Splits at pipes that are not escaped. An outer pipe bounds no cell. */
function splitCells(row: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  for (let at = row.startsWith('|') ? 1 : 0; at < row.length; at++) {
    const char = row[at] ?? '';
    if (char === '\\' && row[at + 1] === '|') {
      cell += '|';
      at++;
    } else if (char === '|') {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  if (!row.endsWith('|') || row.endsWith('\\|')) cells.push(cell.trim());
  return cells;
}
