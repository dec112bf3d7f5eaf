/** Writes an item's scope and dependencies into the text of a roadmap, and nothing else (docs/contract.md). */
import type { Item } from '../item.ts';
import { type Outline, readOutline } from './document/outline.ts';
import { type ItemSection, statusPlace } from './document/sections.ts';
import { type Field, inlineValue } from './fields.ts';
import { parseRoadmap } from './parse.ts';
import { type ItemPlace, locate } from './status-line.ts';

/** What is to stand in the file of one item. */
export interface ScopeText extends ItemPlace {
  /** The whole scope from now on. */
  readonly paths: readonly string[];
  /** Keys of items to be added to its dependencies. */
  readonly dependsOn: readonly string[];
}

/** `count` lines from the 0-based line `at` are replaced by these, which have no line ends. */
export interface LineEdit {
  readonly at: number;
  readonly count: number;
  readonly lines: readonly string[];
}

/**
 * The edits that give an item this scope, bottom first; null where that cannot be done for sure: the item is not there, its files stand in
 * a list, or the text would then say anything else than what was wanted.
 */
export function scopeEdits(text: string, wanted: ScopeText): readonly LineEdit[] | null {
  const outline = readOutline(text);
  const section = locate(outline, wanted);
  if (section === null || wanted.paths.length === 0) return null;
  const edits: LineEdit[] = [];
  for (const [kind, label, value] of [
    ['files', 'Files', wanted.paths.map(path => `\`${path}\``).join(', ')],
    ['dependencies', 'Dependencies', wanted.dependsOn.join(', ')],
  ] as const) {
    if (value === '') continue;
    const edit = fieldEdit(outline, section, kind, label, value);
    if (edit === null) return null;
    edits.push(edit);
  }
  edits.sort(bottomFirst);
  return saysSo(text, applyEdits(text, edits), wanted) ? edits : null;
}

/** The order in which edits leave each other's places alone. */
export function bottomFirst(a: LineEdit, b: LineEdit): number {
  return b.at - a.at || b.count - a.count;
}

/** The text after edits of different lines; its own line ends stay. */
export function applyEdits(text: string, edits: readonly LineEdit[]): string {
  const lines = text.split(/(?<=\n)/);
  const end = lines[0]?.endsWith('\r\n') === true ? '\r\n' : '\n';
  for (const { at, count, lines: added } of [...edits].sort(bottomFirst)) {
    const before = lines[at - 1];
    // A last line without a line end gets one where something follows.
    if (before !== undefined && !before.endsWith('\n')) lines[at - 1] = before + end;
    const replaced = lines.slice(at, at + count);
    const isLast = at + count >= lines.length && replaced.length > 0 && replaced.at(-1)?.endsWith('\n') === false;
    lines.splice(at, count, ...added.map((line, place) => (isLast && place === added.length - 1 ? line : line + end)));
  }
  return lines.join('');
}

function fieldEdit(
  outline: Outline,
  section: ItemSection,
  kind: 'files' | 'dependencies',
  label: string,
  value: string,
): LineEdit | null {
  const field = section.fields.find(one => one.kind === kind && one.own && one.under === null);
  if (field === undefined) return newField(outline, section, label, value);
  const old = inlineValue(outline, field);
  // A list below it cannot be replaced without touching lines that may say more.
  if (old === '') return null;
  const line = outline.lines[field.index] ?? '';
  const known = kind === 'dependencies' && !/^(?:none|n\/a|-|—|tbd|aucune?)\b/i.test(old);
  return {
    at: field.index,
    count: 1,
    lines: [
      `${line.slice(0, field.start)}${spaced(line, field)}${known ? `${old}, ` : ''}${value}${line.slice(field.end)}`,
    ],
  };
}

function spaced(line: string, field: Field): string {
  return /[:*_]$/.test(line.slice(0, field.start)) ? ' ' : '';
}

/** Below the status line, in its form; else below the heading. */
function newField(outline: Outline, section: ItemSection, label: string, value: string): LineEdit {
  const place = statusPlace(outline, section);
  const text = `**${label}**: ${value}`;
  if (place !== null && place.index > section.start) {
    const bullet = /^\s*[-*+]\s+/.exec(outline.lines[place.index] ?? '')?.[0] ?? '';
    return { at: place.index + 1, count: 0, lines: [bullet + text] };
  }
  const isBlank = (index: number) => (outline.lines[index] ?? '').trim() === '';
  const at = section.start + 1;
  if (!isBlank(at) || at >= section.end) return { at, count: 0, lines: at < section.end ? [text, ''] : [text] };
  return { at: at + 1, count: 0, lines: isBlank(at + 1) ? [text] : [text, ''] };
}

/** Does the new text say exactly what was wanted of this item, and of all others what it said before? */
function saysSo(before: string, after: string, wanted: ScopeText): boolean {
  const [old, now] = [parseRoadmap(before, { path: null }), parseRoadmap(after, { path: null })];
  if (old.items.length !== now.items.length) return false;
  return now.items.every((item, place) => {
    const was = old.items[place];
    if (was === undefined) return false;
    if (!isMeant(item, wanted)) return same(item) === same(was);
    const added = wanted.dependsOn.every(key => item.dependsOn.includes(key));
    return added && item.scope.kind === 'known' && item.scope.paths.join('\n') === wanted.paths.join('\n');
  });
}

function isMeant({ key, heading, duplicate, line }: Item, wanted: ScopeText): boolean {
  return key === wanted.key && (!duplicate || (heading === wanted.heading && line === wanted.line));
}

/** An item but for where it stands. */
function same({ line: _, endLine: __, ...rest }: Item): string {
  return JSON.stringify({ ...rest, id: rest.duplicate ? rest.key : rest.id });
}
