import { itemRows } from '../../coordinator/selectors.ts';
import type { State } from '../../coordinator/state.ts';
import { sanitizeLine } from '../../domain/sanitize.ts';
import { type Line, line, span } from '../presentation/line.ts';
import { wrapWords } from '../presentation/text.ts';

/** What stands in a list or pane that has nothing to show: always the key that leads on. */

function key(name: string, what: string): Line {
  return [span(`  ${name.padEnd(3)}`, 'hint'), span(what)];
}

function paragraph(text: string, width: number): readonly Line[] {
  return wrapWords(text, width).map(row => line(row));
}

/** Lines for an empty roadmap list. */
export function roadmapGuide(state: State, filter: string, width: number): readonly Line[] {
  if (!state.ready) return [line('Reading the repository …', 'dim')];
  const problems = (state.repository?.problems ?? []).flatMap(problem =>
    wrapWords(`✗ ${sanitizeLine(problem, 400)}`, width).map(row => line(row, 'danger')),
  );
  const all = itemRows(state);
  if (all.length > 0 && filter !== '')
    return [line(`No item matches "${sanitizeLine(filter, 40)}".`), key('/', 'change the filter; empty shows all')];
  if (all.length > 0)
    return [
      line('Everything in the ROADMAP is complete.', 'success'),
      key('o', 'show complete items'),
      key('n', 'new item from a prompt'),
    ];
  return [
    ...problems,
    ...paragraph('There is no ROADMAP with items here.', width),
    key('n', 'new item: type what an agent shall do'),
    key(':', 'everything by name'),
    key('?', 'all keys'),
    ...paragraph('In a shell: "cm-tui init" writes a first ROADMAP, "cm-tui demo" shows it all at work.', width),
  ];
}

/** Lines for the log area when no instance has a pane. */
export function panesGuide(state: State): readonly Line[] {
  if (!state.ready) return [];
  const spawn = state.plan.ready.length > 0;
  const landed = state.instances.some(one => one.state === 'merged');
  const steps = [
    ...(spawn ? [key('s', 'spawn an agent on the selected item')] : []),
    ...(spawn && state.mode === 'manual' ? [key('S', 'work loop: spawn whatever is ready')] : []),
    key('n', 'new item from a prompt of your own'),
    ...(landed ? [key('c', 'clean up what has landed'), key('t', 'timeline: how it went')] : []),
  ];
  return [line('No agent is at work.'), ...steps];
}

/** Lines for an empty merge queue. */
export function queueGuide(): readonly Line[] {
  return [line('Nothing waits to land.', 'dim')];
}
