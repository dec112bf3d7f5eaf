import type { ActionContext } from '../../commands/action.ts';
import { keyLabel } from '../../commands/key-words.ts';
import { footerActions, type Keymap, showKey, withKeys } from '../../commands/keymap.ts';
import { itemRows, type Standing, touches } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { fitLine, type Line, lineWidth, span, type Tone } from '../presentation/line.ts';
import { statusOf } from '../presentation/status.ts';
import { localMoments } from '../presentation/time.ts';

/** Something said to the person: an answer, a refusal, a notice. */
export interface ScreenMessage {
  readonly text: string;
  readonly level: 'info' | 'warning' | 'error';
  /** The run that it is about, where it is about one. */
  readonly runId?: RunId | null;
}

const tones: Readonly<Record<ScreenMessage['level'], Tone>> = { info: 'plain', warning: 'warning', error: 'danger' };
const marks: Readonly<Record<ScreenMessage['level'], string>> = { info: '', warning: '! ', error: '✗ ' };

/**
 * The row above the footer: what was last said or, when nothing was, why the selected item stands as it does. News of the selected run
 * is said in the second way: that names the next key too.
 */
export function messageLine(
  message: ScreenMessage | null,
  state: State,
  selection: { readonly item: Item | null; readonly instance: Instance | null },
  { now, keymap, width }: { readonly now: number; readonly keymap: Keymap; readonly width: number },
): Line {
  const ofSelected = typeof message?.runId === 'string' && message.runId === selection.instance?.runId;
  if (message !== null && !ofSelected)
    return [
      span(` ${marks[message.level]}${localMoments(sanitizeLine(message.text, 600), now)}`, tones[message.level]),
    ];
  const { item, instance } = selection;
  const row = itemRows(state).find(one => one.item.id === item?.id);
  const standing = instance?.state ?? row?.standing;
  const key = instance?.key ?? item?.key;
  if (standing === undefined || key === undefined) return [];
  const { glyph, word, tone } = statusOf(standing);
  const why = localMoments(
    sanitizeLine(instance?.reason ?? (row?.why || touches(state)[instance?.runId ?? '']?.join('; ')) ?? '', 400),
    now,
  );
  const next = withKeys(nextSteps[standing] ?? '', keymap);
  const left = [
    span(` ${sanitizeLine(key, 40)} `, 'strong'),
    span(`${glyph} ${word}`, tone),
    span(why === '' ? '' : `: ${why}`),
  ];
  const right = [span(next === '' ? '' : `  (${next})`, 'dim')];
  const room = width - lineWidth(right) - 1;
  // The next key is worth more than the end of a long reason, which the details show whole.
  const cut = lineWidth(left) > room && room >= width * leastOfReason ? fitLine(left, room) : left;
  return [...cut, ...right];
}

/** Share of the row that key, state and reason keep in any case. */
const leastOfReason = 0.3;

/** What a person would do next with something that stands like this. */
const nextSteps: Readonly<Partial<Record<Standing, string>>> = {
  ready: `${keyLabel('spawn')} spawns it`,
  running: `${keyLabel('open')} shows its log, ${keyLabel('cancel')} cancels it`,
  'awaiting-approval': `${keyLabel('approve')} looks it through and lands it`,
  conflict: `${keyLabel('redo')} tries it again on the current tip`,
  'checks-failed': `${keyLabel('redo')} builds it again or tries the item again`,
  blocked: `${keyLabel('approve')} looks it through, ${keyLabel('redo')} tries again`,
  failed: `${keyLabel('open')} shows its log, ${keyLabel('redo')} tries it again`,
  interrupted: `${keyLabel('redo')} tries it again`,
  cancelled: `${keyLabel('redo')} tries it again`,
  rejected: `${keyLabel('redo')} tries it again`,
  'no-work': `${keyLabel('open')} shows its log, ${keyLabel('redo')} tries it again`,
  'needs-attention': `${keyLabel('details')} shows its worktree, ${keyLabel('redo')} tries it again`,
  merged: `${keyLabel('clean')} cleans up what has landed`,
};

/** Keys that are named however short the width is. */
const always = ['back', 'help', 'leave'];

/**
 * The keys that matter here, in a fixed order so that they are found blindly; what is not possible now is dim. Where there is no room for
 * all, those that are not possible go first, then the last ones. `possibleOnly`: dim cannot be heard.
 */
export function footerLine(keymap: Keymap, context: ActionContext, width: number, possibleOnly = false): Line {
  const hints = footerActions(keymap, context.view).map(action => {
    const last = always.includes(action.id);
    const possible = last || action.enabled(context) === true;
    return { last, possible, hint: keyHint(action, possible) };
  });
  const fits = (list: typeof hints): boolean => list.reduce((sum, { hint }) => sum + lineWidth(hint), 0) <= width - 1;
  let shown = possibleOnly ? hints.filter(one => one.possible) : hints;
  for (const mayGo of [(one: (typeof hints)[number]) => !one.possible, (one: (typeof hints)[number]) => !one.last]) {
    while (!fits(shown) && shown.some(mayGo)) shown = shown.toSpliced(shown.findLastIndex(mayGo), 1);
  }
  const ends = [...shown.filter(one => !one.last), ...shown.filter(one => one.last)];
  return [span(' '), ...ends.flatMap(one => one.hint)];
}

function keyHint(action: { readonly keys: readonly string[]; readonly hint: string | null }, possible: boolean): Line {
  return [
    span(showKey(action.keys[0] ?? ''), possible ? 'hint' : 'dim'),
    span(` ${action.hint ?? ''}  `, possible ? 'plain' : 'dim'),
  ];
}

/** A notice of the coordinator as it is said once. */
export function messageOfNotice(notice: State['notices'][number]): ScreenMessage {
  return { text: notice.text, level: notice.level, runId: notice.runId };
}
