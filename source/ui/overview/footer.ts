import type { ActionContext } from '../../commands/action.ts';
import { keyLabel } from '../../commands/key-words.ts';
import { footerActions, type Keymap, showKey, withKeys } from '../../commands/keymap.ts';
import { stackReason } from '../../coordinator/stack/words.ts';
import { alerts, itemRows, type RowStatus } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { isUnsigned } from '../../domain/queue/unsigned.ts';
import { shownState } from '../../domain/state-labels.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { fitLine, type Line, lineWidth, span, type Tone } from '../presentation/line.ts';
import { statusOf } from '../presentation/status.ts';
import { localMoments } from '../presentation/time.ts';
import { aboutMachine } from './machine-rows.ts';

/** A message to the user: an answer, a refusal, a notice. */
export interface ScreenMessage {
  readonly text: string;
  readonly level: 'info' | 'warning' | 'error';
  /** The run that it is about, if any. */
  readonly runId?: RunId | null;
}

const tones: Readonly<Record<ScreenMessage['level'], Tone>> = { info: 'plain', warning: 'warning', error: 'danger' };
const marks: Readonly<Record<ScreenMessage['level'], string>> = { info: '', warning: '! ', error: '✗ ' };

/**
 * The row above the footer: the last message or, without one, why the selected item is in its state. A message about the selected run
 * is shown in the second form, which names the next key too.
 */
export function messageLine(
  message: ScreenMessage | null,
  state: State,
  selection: Pick<ActionContext, 'item' | 'instance' | 'machine'>,
  { now, keymap, width }: { readonly now: number; readonly keymap: Keymap; readonly width: number },
): Line {
  const ofSelected = typeof message?.runId === 'string' && message.runId === selection.instance?.runId;
  if (message !== null && !ofSelected)
    return [
      span(` ${marks[message.level]}${localMoments(sanitizeLine(message.text, 600), now)}`, tones[message.level]),
    ];
  // Nothing is selected before everything has been read.
  if (!state.ready) return [];
  if (selection.machine != null) return [span(` ${aboutMachine(selection.machine)}`)];
  const { item, instance } = selection;
  const row = itemRows(state).find(one => one.item.id === item?.id);
  const status = instance === null ? row?.status : shownState(instance);
  const key = instance?.key ?? item?.key;
  if (status === undefined || key === undefined) return [];
  const { glyph, word, tone } = statusOf(status);
  const why = localMoments(
    sanitizeLine(
      instance?.reason ?? openWords(instance) ?? (row?.why() || alerts(state)[instance?.runId ?? '']?.join('; ')) ?? '',
      400,
    ),
    now,
  );
  const next = withKeys(nextStep(state, instance, status), keymap);
  const left = [
    span(` ${sanitizeLine(key, 40)} `, 'strong'),
    span(`${glyph} ${word}`, tone),
    span(why === '' ? '' : `: ${why}`),
  ];
  const right = [span(next === '' ? '' : `  (${next})`, 'dim')];
  const room = width - lineWidth(right) - 1;
  // The next key is worth more than the end of a long reason, which the details show in full.
  const cut = lineWidth(left) > room && room >= width * leastOfReason ? fitLine(left, room) : left;
  return [...cut, ...right];
}

/** What the user would do next. */
function nextStep(state: State, instance: Instance | null, status: RowStatus): string {
  if (openWords(instance) !== null) return answers;
  if (instance !== null && isUnsigned(instance)) return `${keyLabel('unlock-key')} unlock the key`;
  if (instance !== null && stackReason(state, instance) !== null)
    return `${keyLabel('replay')} keep its own commits, ${keyLabel('redo')} reject`;
  return nextSteps[status] ?? '';
}

/** What the agent of a run at work asks; null: nothing. */
function openWords(instance: Instance | null): string | null {
  return instance?.asks?.open[0]?.words ?? null;
}

const answers = `${keyLabel('allow')} allow once, ${keyLabel('deny')} deny, ${keyLabel('question')} all of it`;

/** Share of the row that key, state and reason keep in any case. */
const leastOfReason = 0.3;

/** What the user would do next in each state. */
const nextSteps: Readonly<Partial<Record<RowStatus, string>>> = {
  ready: `${keyLabel('spawn')} spawn`,
  running: `${keyLabel('open')} log, ${keyLabel('cancel')} cancel`,
  'awaiting-approval': `${keyLabel('approve')} review and land`,
  conflict: `${keyLabel('redo')} retry on the current tip`,
  'checks-failed': `${keyLabel('redo')} rebuild or retry`,
  blocked: `${keyLabel('approve')} review, ${keyLabel('redo')} retry`,
  failed: `${keyLabel('open')} log, ${keyLabel('redo')} retry`,
  interrupted: `${keyLabel('redo')} retry`,
  cancelled: `${keyLabel('redo')} retry`,
  rejected: `${keyLabel('approve')} review again, ${keyLabel('redo')} retry`,
  'no-work': `${keyLabel('open')} log, ${keyLabel('redo')} retry`,
  asks: `${keyLabel('attach')} answer, ${keyLabel('open')} log`,
  'needs-attention': `${keyLabel('details')} details, ${keyLabel('redo')} retry`,
  merged: `${keyLabel('clean')} clean up`,
};

/** Keys that are shown however narrow the screen is. */
const always = ['back', 'help', 'leave'];

/**
 * The keys that matter here, in a fixed order so that they are always found in the same place; what is unavailable is dim. If there is
 * no room for all, unavailable ones go first, then the last ones. `possibleOnly`: a screen reader cannot show what is dim.
 */
export function footerLine(keymap: Keymap, context: ActionContext, width: number, possibleOnly = false): Line {
  return [span(' '), ...footerHints(keymap, context, width, possibleOnly).flatMap(one => one.hint)];
}

/** The action whose key stands in that column of the footer; null: none. */
export function footerActionAt(keymap: Keymap, context: ActionContext, width: number, column: number): string | null {
  let at = 1;
  for (const { id, hint } of footerHints(keymap, context, width, false)) {
    const end = at + lineWidth(hint);
    // Two columns lie between one key and the next.
    if (column >= at && column < end - 2) return id;
    at = end;
  }
  return null;
}

function footerHints(keymap: Keymap, context: ActionContext, width: number, possibleOnly: boolean) {
  const own = footerActions(keymap, context.view).filter(({ only }) => only?.(context) ?? true);
  const hints = own.map(action => {
    const last = always.includes(action.id);
    const possible = last || action.enabled(context) === true;
    return { id: action.id, last, possible, hint: keyHint(action, possible) };
  });
  const fits = (list: typeof hints): boolean => list.reduce((sum, { hint }) => sum + lineWidth(hint), 0) <= width - 1;
  let shown = possibleOnly ? hints.filter(one => one.possible) : hints;
  for (const mayGo of [(one: (typeof hints)[number]) => !one.possible, (one: (typeof hints)[number]) => !one.last]) {
    while (!fits(shown) && shown.some(mayGo)) shown = shown.toSpliced(shown.findLastIndex(mayGo), 1);
  }
  return [...shown.filter(one => !one.last), ...shown.filter(one => one.last)];
}

function keyHint(action: { readonly keys: readonly string[]; readonly hint: string | null }, possible: boolean): Line {
  return [
    span(showKey(action.keys[0] ?? ''), possible ? 'hint' : 'dim'),
    span(` ${action.hint ?? ''}  `, possible ? 'plain' : 'dim'),
  ];
}

/** A coordinator notice as a message. */
export function messageOfNotice(notice: State['notices'][number]): ScreenMessage {
  return { text: notice.text, level: notice.level, runId: notice.runId };
}
