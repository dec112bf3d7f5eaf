import { actionFor } from '../../commands/keymap.ts';
import type { Instance } from '../../domain/instance.ts';
import type { OpenAsk } from '../../domain/permission/run-talk.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { LayerHost, OpenLayer } from '../layer.ts';
import { type Line, line, span } from '../presentation/line.ts';
import { wrapWords } from '../presentation/text.ts';
import { moment } from '../presentation/time.ts';
import type { KeyPress } from '../terminal/keys.ts';
import { FormDialog } from './parts/form-dialog.tsx';
import { TextPage } from './parts/text-page.tsx';

/** All of what an agent asks. It stands for one question, whatever else is asked meanwhile, and closes once that one is answered. */
class AskPage extends TextPage {
  constructor(
    host: LayerHost,
    private readonly run: Instance,
    private readonly ask: OpenAsk,
    selection: NonNullable<TextPage['selection']>,
  ) {
    super(
      host,
      'question',
      () => ({
        title: line(`${sanitizeLine(run.key, 40)} asks`, 'title'),
        lines: width => askLines(run, ask, host.now(), width),
      }),
      selection,
    );
  }

  /** An answer closes the page at once: a second press must not answer another question. */
  key(key: KeyPress): boolean {
    const action = actionFor(this.host.keymap, 'question', key.name, () => this.host.context());
    if (action?.id !== 'allow' && action?.id !== 'deny') return false;
    const event = action.event(this.host.context(), key.name);
    this.host.close(this);
    this.host.dispatch(event);
    return true;
  }

  refresh(what: 'state' | 'logs'): boolean {
    if (what === 'logs') return false;
    const now = this.host.handle.state().instances.find(one => one.runId === this.run.runId);
    if (now?.asks?.open.some(one => one.ask === this.ask.ask) !== true) this.host.close(this);
    return true;
  }
}

function askLines(run: Instance, { words, detail, since }: OpenAsk, now: number, width: number): readonly Line[] {
  const room = Math.max(10, width - 2);
  const open = run.asks?.open.length ?? 1;
  const rows = detail.split('\n').flatMap(row => wrapWords(sanitizeLine(withControls(row), 20_000), room));
  const asked = `asked ${moment(since, now)}${open > 1 ? `, the first of ${open} open questions` : ''}`;
  return [
    ...wrapWords(sanitizeLine(words, 2000), room).map((text): Line => [span(' '), span(text, 'warning')]),
    [span(' '), span(`In ${sanitizeLine(run.worktreePath, 300)}, ${asked}`, 'dim')],
    line(''),
    ...rows.map((text): Line => [span(' '), span(text)]),
  ];
}

/** Control characters are shown, and so is what follows them: nothing of a command may be hidden by an escape sequence. */
function withControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, char => {
    const code = char.charCodeAt(0);
    if (char === '\t') return char;
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\uFFFD';
  });
}

/** The oldest open question of the selected run, to be read and answered. */
export const openAskPage: OpenLayer = (host, { item, instance }) => {
  const ask = instance?.asks?.open[0];
  if (instance === null || ask === undefined) throw new Error('it asks nothing any more');
  return new AskPage(host, instance, ask, { item, instance });
};

/** A message to an agent at work. */
export const openSay: OpenLayer = (host, { instance }) => {
  if (instance === null) throw new Error('no run to speak with');
  const { runId, key } = instance;
  return new FormDialog(host, {
    title: `Message to ${sanitizeLine(key, 40)}`,
    fields: [
      { label: 'What should its agent know or do?', kind: 'area' },
      { label: 'Interrupt its turn for it? "y": yes (empty: when the turn is over)', kind: 'line' },
    ],
    submitWord: 'send',
    draft: `say ${runId}`,
    submit: ([message = '', now = '']) => {
      const wish = now.trim().toLowerCase();
      if (message.trim() === '') return 'Type a message first. Esc goes back.';
      if (!['', 'y', 'yes', 'n', 'no'].includes(wish)) return 'Type "y" to interrupt its turn, or nothing.';
      host.send({ type: 'say', id: runId, message, ...(wish.startsWith('y') ? { now: true } : {}) });
      return null;
    },
  });
};
