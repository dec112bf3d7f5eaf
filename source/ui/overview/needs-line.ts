import { type Keymap, keyFor } from '../../commands/keymap.ts';
import { waitsForSettings } from '../../coordinator/runs/settings-change.ts';
import { type AttentionKind, attentionOf } from '../../coordinator/state/attention.ts';
import { counts, type ItemRow, itemRows } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { fitLine, type Line, lineWidth, span, type Tone } from '../presentation/line.ts';
import { plural } from '../presentation/text.ts';

/** How each group is named, and the action that deals with it. */
const groups: Readonly<Record<AttentionKind, readonly [words: (count: number) => string, action: string, Tone]>> = {
  permission: [count => plural(count, 'question'), 'allow', 'warning'],
  review: [count => `${count} ready for review`, 'approve', 'hint'],
  question: [count => plural(count, 'question'), 'attach', 'warning'],
  conflict: [count => plural(count, 'conflict'), 'redo', 'danger'],
  'red checks': [count => `${count} with red checks`, 'redo', 'danger'],
  blocked: [count => `${count} blocked`, 'approve', 'warning'],
  reverted: [count => `${count} reverted`, 'approve', 'warning'],
  'needs you': [count => `${count} ${count === 1 ? 'needs' : 'need'} attention`, 'details', 'danger'],
  failed: [count => `${count} failed`, 'redo', 'danger'],
};

/**
 * The row below the header: what needs you, with the key for it, and what happens next:
 * `3 ready for review (m) · 1 failed (r) · US-004 waits for US-002`.
 */
export function needsLine(state: State, keymap: Keymap, width: number): Line {
  if (!state.ready) return [];
  const waiting = attentionOf(state);
  const kinds = [...new Set(waiting.map(one => one.kind))];
  const needs = kinds.map((kind): Line => {
    const [words, action, tone] = groups[kind];
    const own = waiting.filter(one => one.kind === kind);
    // An agent may have several open questions.
    const count = kind === 'permission' ? own.flatMap(one => one.instance.asks?.open ?? []).length : own.length;
    return [span(words(count), tone), span(` (${keyFor(keymap, action)})`, 'hint')];
  });
  const paused: readonly Line[] =
    state.queuePaused === null
      ? []
      : [
          ...(waitsForSettings(state)
            ? [[span('settings changed', 'danger'), span(` (${keyFor(keymap, 'settings')})`, 'hint')] as const]
            : []),
          [span('landing paused', 'warning'), span(` (${keyFor(keymap, 'resume-queue')})`, 'hint')],
        ];
  const next = nextParts(state, keymap).map((text): Line => [span(text, 'dim')]);
  const parts = [...paused, ...needs, ...next];
  if (parts.length === 0) return [span(' Nothing needs you.', 'dim')];
  const jump: Line =
    waiting.length === 0 && !waitsForSettings(state)
      ? []
      : [span(`  ${keyFor(keymap, 'next-attention')}`, 'hint'), span(' next', 'dim')];
  return [...joined(parts, width - lineWidth(jump)), ...jump];
}

/** As many parts as fit, the first at least. */
function joined([first = [], ...rest]: readonly Line[], room: number): Line {
  let row: Line = [span(' '), ...first];
  for (const part of rest) {
    const next: Line = [...row, span(' · ', 'dim'), ...part];
    if (lineWidth(next) > room) continue;
    row = next;
  }
  return fitLine(row, Math.min(room, lineWidth(row)));
}

/** What happens without anybody, or would with one key. */
function nextParts(state: State, keymap: Keymap): readonly string[] {
  const { running, ready } = counts(state);
  const wait = firstWait(state);
  return [
    ...(ready > 0 && (state.mode === 'manual' || state.paused)
      ? [`${ready} ready to spawn (${keyFor(keymap, state.paused ? 'pause' : 'spawn')})`]
      : []),
    ...(wait === null ? [] : [wait]),
    ...(running > 0 ? [`${plural(running, 'agent')} at work`] : []),
  ];
}

let last: { readonly rows: readonly ItemRow[]; readonly text: string | null } | null = null;

/** The first item that waits for another one: `US-004 waits for US-002`. */
function firstWait(state: State): string | null {
  const rows = itemRows(state);
  if (last?.rows === rows) return last.text;
  last = { rows, text: findWait(rows) };
  return last.text;
}

function findWait(rows: readonly ItemRow[]): string | null {
  const first = rows.find(row => row.status === 'waiting' && row.item.dependsOn.length > 0);
  if (first === undefined) return null;
  const byId = new Map(rows.map(row => [row.item.id, row]));
  const open = first.item.dependsOn.map(id => byId.get(id)).find(row => row !== undefined && !isDone(row));
  if (open === undefined) return null;
  return sanitizeLine(`${first.item.key} waits for ${open.item.key}`, 80);
}

function isDone({ status }: ItemRow): boolean {
  return status === 'complete' || status === 'merged' || status === 'cleaned';
}
