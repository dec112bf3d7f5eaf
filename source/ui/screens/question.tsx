import type { ReactNode } from 'react';
import type { ActionContext, ScreenEvent, ViewName } from '../../commands/action.ts';
import { actionFor, showKey, withKeys } from '../../commands/keymap.ts';
import { counts } from '../../coordinator/state/selectors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Layer, LayerHost, OpenLayer } from '../layer.ts';
import { type Line, line } from '../presentation/line.ts';
import { plural, wrapWords } from '../presentation/text.ts';
import type { KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { Dialog, keyRow, keyWidth, sentences } from './parts/parts.tsx';

/** A question with a few answers, each an action of the table whose key works while the question is open. */
class Question implements Layer {
  readonly floating = true;
  private settled = false;

  constructor(
    private readonly host: LayerHost,
    readonly view: ViewName,
    private readonly title: string,
    private readonly texts: readonly string[],
    private readonly answers: readonly string[],
    private readonly context: ActionContext,
    private readonly onAnswer: (yes: boolean) => void = () => {},
  ) {}

  get selection(): { readonly item: ActionContext['item']; readonly instance: ActionContext['instance'] } {
    return { item: this.context.item, instance: this.context.instance };
  }

  render(size: Size): ReactNode {
    const width = Math.min(size.columns, 76);
    const answers = this.answers.flatMap(id => this.answerRows(id, width));
    const lines: readonly Line[] = [
      line(''),
      ...shortened(sentences(this.texts, width), Math.max(2, size.rows - 5 - answers.length)),
      line(''),
      ...answers,
    ];
    return <Dialog size={size} title={sanitizeLine(this.title, 100)} lines={lines} />;
  }

  /** An answer that is a command closes the question and is sent. */
  key(key: KeyPress): boolean {
    const action = actionFor(this.host.keymap, this.view, key.name);
    if (action === null || action.enabled(this.context) !== true) return false;
    const event = action.event(this.context, key.name);
    if (event.type !== 'send') return false;
    this.host.close(this);
    this.host.dispatch(event);
    return true;
  }

  answer(answer: 'yes' | 'no'): void {
    this.settle(answer === 'yes');
    this.host.close(this);
  }

  /** A question closed in any other way, or replaced by another one, counts as no. */
  dispose(): void {
    this.settle(false);
  }

  private settle(yes: boolean): void {
    if (this.settled) return;
    this.settled = true;
    this.onAnswer(yes);
  }

  /** One row, or more where the reason why it is not possible is long. */
  private answerRows(id: string, width: number): readonly Line[] {
    const action = this.host.keymap.actions.find(one => one.id === id);
    if (action === undefined) return [];
    const possible = action.enabled(this.context);
    const keys = action.keys.map(showKey).join(' ');
    const why = possible === true ? '' : ` (${sanitizeLine(withKeys(possible, this.host.keymap), 200)})`;
    const [first = '', ...rest] = wrapWords(`${action.title}${why}`, width - 2 - keyWidth - 1);
    return [keyRow(keys, first, possible === true), ...rest.map(row => keyRow('', row, possible === true))];
  }
}

/** As many rows as there is room for; the rest is counted, never dropped silently. */
function shortened(rows: readonly Line[], room: number): readonly Line[] {
  if (rows.length <= room) return rows;
  return [...rows.slice(0, room - 1), line(` … and ${rows.length - room + 1} more`, 'warning')];
}

/** Asks before something that cannot be undone. */
export function confirm(event: ScreenEvent & { readonly type: 'confirm' }): OpenLayer {
  return (host, context) =>
    new Question(
      host,
      'confirm',
      event.title,
      event.lines.map(text => sanitizeLine(text, 400)),
      ['yes', 'no'],
      context,
      yes => {
        if (yes) host.send(event.command);
      },
    );
}

/** A question from outside the screen. */
export function askQuestion(title: string, lines: readonly string[], onAnswer: (yes: boolean) => void): OpenLayer {
  const texts = lines.map(text => sanitizeLine(text, 400));
  return (host, context) => new Question(host, 'confirm', title, texts, ['yes', 'no'], context, onAnswer);
}

/** What to do with a run that has ended: retry, resume, rebuild or reject. */
export const openRedo: OpenLayer = (host, context) => {
  const { instance } = context;
  const reason = instance?.reason ?? null;
  const texts = [
    `${instance?.key ?? ''} ${instance?.title ?? ''}`,
    ...(reason === null ? [] : [reason]),
    'Its branch and worktree are kept in any case.',
  ];
  return new Question(
    host,
    'redo',
    `${instance?.key ?? 'This run'}: what next?`,
    texts.map(text => sanitizeLine(text, 400)),
    ['retry', 'go-on', 'rebuild', 'reject', 'no'],
    context,
  );
};

/** Asked by `q` while agents are running. */
export const openLeave: OpenLayer = (host, context) => {
  const { running } = counts(context.state);
  return new Question(
    host,
    'leave',
    'Quit?',
    [
      `${plural(running, 'agent is', 'agents are')} running. Agents keep running without this screen, and cm-tui finds them again.`,
    ],
    ['keep', 'stop', 'stay'],
    context,
  );
};
