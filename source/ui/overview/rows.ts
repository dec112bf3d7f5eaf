import type { ItemRow } from '../../coordinator/state/selectors.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { pullRequestWords } from '../../domain/queue/pull-request.ts';
import { countOf } from '../../domain/text/count.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { ListRow, TableColumn } from '../components/table.tsx';
import { type Line, line, span, spread } from '../presentation/line.ts';
import { queueStatus, type Status, statusOf, statusWidth } from '../presentation/status.ts';
import { textWidth } from '../presentation/text.ts';
import { localMoments } from '../presentation/time.ts';
import type { Used } from '../usage-trail.ts';
import { machineOfRun } from './machine-rows.ts';
import { progressCell, type RunProgress } from './progress.ts';
import { usageCell } from './usage-cells.ts';

/** Keys are short; a long one is cut rather than pushing the title away. */
const longestKey = 13;

/** So are the names of machines in this list. */
const longestMachine = 8;

function keyWidth(keys: readonly string[]): number {
  return Math.min(longestKey, Math.max(6, ...keys.map(textWidth)));
}

function mark(selected: boolean): string {
  return selected ? '▸' : ' ';
}

function statusLine({ glyph, word, tone }: Status): Line {
  return [span(`${glyph} ${word}`, tone)];
}

/** `fleet`: there are other machines, so it says which one a run is on. */
export function roadmapColumns(width: number, rows: readonly ItemRow[], fleet = false): readonly TableColumn[] {
  const key = keyWidth(rows.map(row => row.item.key)) + 2;
  const names = rows.map(({ instance }) => textWidth(instance?.remote?.worker ?? ''));
  const on = fleet ? Math.min(longestMachine, Math.max(4, ...names)) + 1 : 0;
  return [
    { name: 'item', width: key },
    { name: 'status', width: statusWidth },
    ...(fleet ? [{ name: 'on', width: on }] : []),
    { name: 'text', width: Math.max(0, width - key - statusWidth - on) },
  ];
}

/** What is known about the run of an item beside its state. */
export interface RunNews {
  /** Its overlaps, and what the gate would say of it, as sentences. */
  readonly touching: readonly string[];
  /** What its processes use; null if unknown. */
  readonly used: Used | null;
  /** How far it is; missing: not at work. */
  readonly progress?: RunProgress | undefined;
  /** What is out of the ordinary with its machine; empty or missing: nothing. */
  readonly machine?: string;
}

/**
 * A row of the roadmap list: key, state and title, with what it waits for or overlaps; resource use is at the right end. `width` is
 * that of the last cell.
 */
export function roadmapRow(
  row: ItemRow,
  { selected, width }: { readonly selected: boolean; readonly width: number },
  { touching, used, progress, machine = '' }: RunNews = { touching: [], used: null },
): ListRow {
  const own = progress === undefined ? rowText(row, touching) : workText(row, touching, progress);
  const text = machine === '' ? own : [span(`! ${machine}`, 'warning'), span(' · ', 'dim'), ...own];
  const alive = used !== null && row.instance !== null && isAlive(row.instance.state);
  const right = rightEnd(alive ? used : null, progress, width);
  return {
    selected,
    cells: {
      item: line(`${mark(selected)}${sanitizeLine(row.item.key, 40)}`),
      status: statusLine(statusOf(row.status)),
      on: machineOfRun(row.instance),
      text: right.length === 0 ? text : spread(text, right, width),
    },
  };
}

/** Columns from which a row at work has room for both its progress and what its processes use. */
const roomForBoth = 76;

function rightEnd(used: Used | null, progress: RunProgress | undefined, width: number): Line {
  if (progress === undefined) return used === null ? [] : usageCell(used, width);
  const own = progressCell(progress, width);
  return used === null || width < roomForBoth ? own : [...own, ...usageCell(used, width)];
}

/** A run at work: what it asks, its warnings, else its current step before its title. */
function workText(row: ItemRow, touching: readonly string[], { step, quiet }: RunProgress): Line {
  const text = rowText(row, touching);
  const ask = row.instance?.asks?.open[0];
  if (ask !== undefined) return [span(`? ${sanitizeLine(ask.words, 200)}`, 'warning'), span(' · ', 'dim'), ...text];
  if (quiet !== '') return [span(quiet, 'warning'), span(' · ', 'dim'), ...text];
  return touching.length > 0 || step === '' ? text : [span(step, 'hint'), span(' · ', 'dim'), ...text];
}

function rowText({ item, instance, status, why, pinned }: ItemRow, touching: readonly string[]): Line {
  const title = sanitizeLine(item.title, 200);
  if (touching.length > 0)
    return [span('! ', 'warning'), span(`${title} `), span(`· ${touching.join('; ')}`, 'warning')];
  const warning = status === 'ready' ? sanitizeLine(why(), 200) : '';
  if (warning !== '') return [span('! ', 'warning'), span(`${title} `), span(`· ${warning}`, 'warning')];
  const waits = status === 'waiting' ? why() : '';
  if (waits !== '') return [span(`${title} `), span(`· ${localMoments(sanitizeLine(waits, 200), null)}`, 'dim')];
  return [
    ...(pinned ? [span('↑ ', 'hint')] : []),
    span(title, status === 'complete' ? 'dim' : 'plain'),
    ...(instance?.race === undefined ? [] : [span(' · side by side', 'dim')]),
  ];
}

export function queueColumns(width: number, queue: readonly Instance[]): readonly TableColumn[] {
  const first = keyWidth(queue.map(one => one.key)) + 4;
  return [
    { name: 'item', width: first },
    { name: 'status', width: statusWidth },
    { name: 'text', width: Math.max(0, width - first - statusWidth) },
  ];
}

/** A row of the merge queue: position and key, prediction or progress, and the paths or sizes that explain it. */
export function queueRow(instance: Instance, index: number, selected: boolean, waits: string | null): ListRow {
  return {
    selected,
    cells: {
      item: line(`${mark(selected)}${index + 1} ${sanitizeLine(instance.key, 40)}`),
      status: statusLine(queueStatus(instance)),
      text: waits === null ? line(queueDetail(instance), 'dim') : line(sanitizeLine(waits, 200), 'warning'),
    },
  };
}

function queueDetail(instance: Instance): string {
  const forge = instance.pr === undefined ? '' : pullRequestWords(instance.pr);
  const rival = instance.race === undefined ? '' : `${instance.slug} ${sanitizeLine(instance.agent, 30)}`;
  const detail = ownDetail(instance);
  return [rival, forge, detail].filter(part => part !== '').join('  ');
}

function ownDetail(instance: Instance): string {
  const { conflicts, violations, warnings = [] } = instance.merge;
  if (instance.state !== 'awaiting-approval' && instance.reason !== null) return sanitizeLine(instance.reason, 200);
  if (instance.merge.prediction === 'conflict') return sanitizeLine(conflicts.join(' '), 200);
  const named = violations.length > 0 ? violations : warnings;
  if (named.length > 0) return sanitizeLine(named.map(one => one.path).join(' '), 200);
  return instance.files.length === 0 ? '' : sizeOf(instance);
}

/** `2 files +20 −3`. */
export function sizeOf(instance: Instance): string {
  const plus = instance.files.reduce((sum, file) => sum + file.insertions, 0);
  const minus = instance.files.reduce((sum, file) => sum + file.deletions, 0);
  const files = countOf(instance.files.length, 'file');
  return `${files} +${plus}${minus > 0 ? ` −${minus}` : ''}`;
}
