import { type Keymap, keyFor } from '../../commands/keymap.ts';
import { planDetails } from '../../coordinator/state/planning.ts';
import type { ItemRow } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { type Line, line, span } from '../presentation/line.ts';
import { statusOf } from '../presentation/status.ts';
import { wrapWords } from '../presentation/text.ts';
import { localMoments } from '../presentation/time.ts';

/** Title of the pane of an item that has no run: key, state and title. */
export function detailTitle({ item, status }: ItemRow): Line {
  const { glyph, word, tone } = statusOf(status);
  return [
    span(`${sanitizeLine(item.key, 40)} `, 'title'),
    span(`${glyph} ${word}`, tone),
    span(`  ${sanitizeLine(item.title, 120)}`),
  ];
}

/** What is known of an item that has no run: every reason why it waits, uncut, and what it depends on and may change. */
export function detailLines(
  state: State,
  row: ItemRow,
  now: number,
  { width, height }: { readonly width: number; readonly height: number },
  keymap: Keymap,
): readonly Line[] {
  const { item } = row;
  const plan = planDetails(state);
  const reasons = plan.lists(item.id) ? plan.reasonsOf(item.id) : [];
  const { scope } = item;
  const paths =
    scope.kind === 'unknown'
      ? `unknown scope: runs one at a time (${keyFor(keymap, 'scopes')} suggests files)`
      : scope.paths.map(escapePath).join('  ');
  const facts: readonly (readonly [string, string])[] = [
    ['Depends on', item.dependsOn.join(', ') || 'nothing'],
    ['Scope', paths],
    ...(item.prompt === null ? [] : [['Prompt', item.prompt] as const]),
  ];
  const why = reasons.flatMap(({ detail }) =>
    wrapWords(localMoments(sanitizeLine(detail, 1000), now), Math.max(10, width - 2)).map(
      (text, index): Line => [span(index === 0 ? '· ' : '  ', 'warning'), span(text)],
    ),
  );
  const rows = facts.flatMap(([name, value]) =>
    wrapWords(sanitizeLine(value, 2000), Math.max(10, width - 12)).map(
      (text, index): Line => [span((index === 0 ? name : '').padEnd(12), 'dim'), span(text)],
    ),
  );
  const title = wrapWords(sanitizeLine(item.title, 400), width).map(text => line(text, 'strong'));
  return [...title, ...why, ...rows].slice(0, height);
}
