import { type Keymap, keyFor } from '../../commands/keymap.ts';
import { itemRows } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { type Line, line, span } from '../presentation/line.ts';
import { wrapWords } from '../presentation/text.ts';

/** What an empty list or pane shows: always the key that leads on. */

function keyLine(keymap: Keymap, actionId: string, what: string): Line {
  return [span(`  ${keyFor(keymap, actionId).padEnd(3)}`, 'hint'), span(what)];
}

function paragraph(text: string, width: number): readonly Line[] {
  return wrapWords(text, width).map(row => line(row));
}

/** Lines for an empty roadmap list. */
export function emptyRoadmap(state: State, filter: string, width: number, keymap: Keymap): readonly Line[] {
  const key = (actionId: string, what: string): Line => keyLine(keymap, actionId, what);
  if (!state.ready) return [line('Reading the repository …', 'dim')];
  const problems = (state.repository?.problems ?? []).flatMap(problem =>
    wrapWords(`✗ ${sanitizeLine(problem, 400)}`, width).map(row => line(row, 'danger')),
  );
  const all = itemRows(state);
  if (all.length > 0 && filter !== '')
    return [
      line(`No item matches "${sanitizeLine(filter, 40)}".`),
      key('filter', 'change the filter; empty shows all'),
    ];
  if (all.length > 0) {
    const dismissed = all.filter(row => row.dismissed).length;
    return [
      dismissed === 0
        ? line('Every item is complete.', 'success')
        : line(hiddenItems(all.length - dismissed, dismissed)),
      key('show-all', dismissed === 0 ? 'show complete items' : 'show all items'),
      key('new-item', 'new item from a prompt'),
    ];
  }
  return [
    ...problems,
    ...nothingRead(state, width),
    key('new-item', 'new item from a prompt'),
    key('palette', 'all actions by name'),
    key('help', 'all keys'),
    ...paragraph('In a shell: "cm-tui init" creates a first ROADMAP, "cm-tui demo" shows cm-tui at work.', width),
  ];
}

/** What is not listed, where a person dismissed some of it: that is not complete. */
function hiddenItems(complete: number, dismissed: number): string {
  return [...(complete === 0 ? [] : [`${complete} complete`]), `${dismissed} dismissed`].join(' · ');
}

/** What was looked at and why it gave no item; that nothing was found where there is no file. */
function nothingRead({ roadmap }: State, width: number): readonly Line[] {
  const whys = roadmap.problems.filter(({ code }) => code === 'empty' || code === 'file' || code === 'near-miss');
  if (whys.length === 0) return paragraph('No ROADMAP with items found.', width);
  return whys
    .slice(0, 4)
    .flatMap(({ message }) => wrapWords(sanitizeLine(message, 400), width).map(row => line(row, 'warning')));
}

/** Lines for the log area when no run has a pane. */
export function emptyPanes(state: State, keymap: Keymap): readonly Line[] {
  const key = (actionId: string, what: string): Line => keyLine(keymap, actionId, what);
  if (!state.ready) return [];
  const spawn = state.plan.ready.length > 0;
  const landed = state.instances.some(one => one.state === 'merged');
  const steps = [
    ...(spawn ? [key('spawn', 'spawn an agent on the selected item')] : []),
    ...(spawn && state.mode === 'manual' ? [key('loop', 'work loop: spawn whatever is ready')] : []),
    key('new-item', 'new item from a prompt'),
    ...(landed ? [key('clean', 'clean up landed work'), key('timeline', 'timeline of the runs')] : []),
  ];
  return [line('No agent is running.'), ...steps];
}

/** Lines for an empty merge queue. */
export function emptyQueue(): readonly Line[] {
  return [line('The merge queue is empty.', 'dim')];
}
