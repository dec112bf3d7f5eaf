/** Reads who owns which files from the tables of the ownership file (docs/contract.md). */

import type { SourceProblem } from '../item.ts';
import { unreadLines } from '../roadmap/document/outline.ts';
import { toGlob } from '../roadmap/paths.ts';
import { type MarkdownRow, readTables, type Table } from '../text/markdown-table.ts';
import { sanitizeLine } from '../text/sanitize.ts';
import type { Ownership, OwnershipRule } from './ownership.ts';

const ownerHeader = /^(?:owners?|owned by|owning agent|propriétaire|responsible)\b/i;
const agentHeader = /^(?:agents?(?: type)?|roles?)\b/i;
const pathHeader =
  /^(?:files?|director(?:y|ies)|folders?|paths?|patterns?|globs?|owns|owned (?:files|paths|directories)|fichiers?|dossiers?|chemins?)(?![\p{L}])/iu;
const modifyHeader = /^(?:can modify|may modify|can change|may change|modifies|peut modifier)\b/i;
const nobody = /^(?:none|n\/a|nobody|all|any|everyone|anyone|-|–|—)?$/i;
const nothing = /^(?:none|nothing|n\/a|read[- ]only)(?![\p{L}])/iu;

interface Columns {
  readonly path: number;
  readonly owner: number;
  readonly modify: number;
  /** True where a row tells of an agent (`| Agent | Owns | …`) rather than of a file. */
  readonly byAgent: boolean;
}

interface Found {
  readonly rules: OwnershipRule[];
  readonly readOnly: Set<string>;
  readonly problems: SourceProblem[];
  ignored: number;
}

/**
 * Rules from every table with a path column and an owner column, whichever comes first. Tables that have an owner but no paths are about
 * tools: their rows are only counted. Rows whose path cell names no path are counted and reported. Never throws.
 */
export function parseOwnership(text: string): {
  readonly ownership: Ownership;
  readonly problems: readonly SourceProblem[];
} {
  const found: Found = { rules: [], readOnly: new Set(), problems: [], ignored: 0 };
  for (const table of readTables(text)) {
    const columns = columnsOf(table);
    if (columns === 'other') continue;
    if (columns === 'tools') found.ignored += table.rows.length;
    else for (const row of table.rows) readRow(row, columns, found);
  }
  if (unreadLines(text) > 0) {
    const message =
      'The ownership file has more lines than are read, so what its last ones say does not count. Shorten it.';
    found.problems.push({ line: 1, code: 'size', message });
  }
  const owners = new Set(found.rules.map(rule => rule.owner));
  const readOnly = [...found.readOnly].filter(name => !owners.has(name));
  return { ownership: { rules: found.rules, readOnly, ignoredRows: found.ignored }, problems: found.problems };
}

function columnsOf(table: Table): Columns | 'tools' | 'other' {
  const headers = table.header.cells.map(plainCell);
  const named = headers.findIndex(header => ownerHeader.test(header));
  const owner = named >= 0 ? named : headers.findIndex(header => agentHeader.test(header));
  const path = headers.findIndex((header, at) => at !== owner && pathHeader.test(header));
  if (owner < 0) return 'other';
  if (path < 0) return named >= 0 ? 'tools' : 'other';
  return { path, owner, modify: headers.findIndex(header => modifyHeader.test(header)), byAgent: owner < path };
}

function readRow(row: MarkdownRow, columns: Columns, found: Found): void {
  const pathCell = row.cells[columns.path] ?? '';
  const modifyCell = row.cells[columns.modify] ?? '';
  const owners = ownersIn(row.cells[columns.owner] ?? '');
  if (owners.length === 0) {
    report(found, row, `names no owner for "${sanitizeLine(plainCell(pathCell), 60)}"`);
    return;
  }
  if (nothing.test(plainCell(pathCell)) || (columns.byAgent && nothing.test(plainCell(modifyCell)))) {
    for (const owner of owners) found.readOnly.add(owner);
    return;
  }
  const own = patternsIn(pathCell, true);
  const patterns = own.length > 0 || !columns.byAgent ? own : patternsIn(modifyCell, false);
  if (patterns.length === 0) {
    report(found, row, `names no path ("${sanitizeLine(plainCell(pathCell), 60)}")`);
    return;
  }
  for (const pattern of patterns) for (const owner of owners) found.rules.push({ pattern, owner, line: row.line });
}

function report(found: Found, row: MarkdownRow, what: string): void {
  found.ignored++;
  found.problems.push({
    line: row.line,
    code: 'row',
    message: `The ownership row on line ${row.line} ${what} and is ignored.`,
  });
}

/** A cell without bold marks, back-ticks and emoji. */
function plainCell(cell: string): string {
  return cell.replace(/[*_]{2,3}(?=\S)|(?<=\S)[*_]{2,3}|`|\p{Extended_Pictographic}|\uFE0F/gu, '').trim();
}

/** Names such as `code_developer`, `ux-design-expert`; comments in brackets are dropped, blanks become `_`. */
function ownersIn(cell: string): readonly string[] {
  const names = splitList(plainCell(cell).replace(/\([^()]*\)/g, ' '))
    .map(name => name.trim().toLowerCase().replace(/\s+/g, '_'))
    .filter(name => !nobody.test(name) && /^\p{L}[\p{L}\p{N}_-]{0,59}$/u.test(name));
  return [...new Set(names)];
}

/** Splits at commas (not those inside braces), semicolons, line breaks and words that join. */
function splitList(text: string): readonly string[] {
  return text.split(/\s*(?:,(?![^{]*\})|;|<br\s*\/?>)\s*|\s+(?:and|et|&|\+)\s+/i).filter(part => part !== '');
}

/** The patterns in a cell. `sure` is false for a cell that mostly holds prose: there only back-ticked texts and file names count. */
function patternsIn(cell: string, sure: boolean): readonly string[] {
  const patterns = splitList(cell).flatMap(part => {
    const ticked = Array.from(part.matchAll(/`+([^`]+)`+/g), match => match[1] ?? '');
    return ticked.length > 0
      ? ticked.flatMap(text => toPattern(text, 'ticked') ?? [])
      : (toPattern(bare(part), sure ? 'word' : 'prose') ?? []);
  });
  return [...new Set(patterns)];
}

/** A word without bold marks around it, emoji, and a remark in brackets behind it; the stars and underscores of globs stay. */
function bare(part: string): string {
  return part
    .replace(/\p{Extended_Pictographic}|\uFE0F/gu, '')
    .trim()
    .replace(/^(\*\*|__)(?=\S)(.*\S)\1/, '$2')
    .replace(/\s+\([^()]*\)\s*$/, '')
    .trim();
}

/** A path of a cell as a glob; a leading `/` means the repository's root. A single word in capitals is not a path unless in back-ticks. */
function toPattern(text: string, as: 'ticked' | 'word' | 'prose'): string | null {
  const path = text.trim().replace(/^\/(?=[^/])/, '');
  const glob = toGlob(path, as !== 'prose');
  if (glob === null || as !== 'word') return glob;
  return /[/.*]/.test(path) || /^[a-z0-9_-]+$/.test(path) || toGlob(path, false) !== null ? glob : null;
}
