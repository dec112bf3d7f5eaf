import type { ReactNode } from 'react';
import type { Action, ActionContext } from '../../commands/action.ts';
import { fuzzy, type Match } from '../../commands/fuzzy.ts';
import { showKey, withKeys } from '../../commands/keymap.ts';
import { isSynonym } from '../../commands/synonyms.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { TextFrame } from '../components/frame.tsx';
import type { Layer, LayerHost, OpenLayer, Position } from '../layer.ts';
import { type Rect, scrollTo } from '../presentation/layout.ts';
import { type Line, line, retone, span, spread } from '../presentation/line.ts';
import { truncate } from '../presentation/text.ts';
import type { KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { dialogRect } from './parts/parts.tsx';
import { edit, emptyField, fieldText, fieldView, insert, type TextField } from './parts/text-field.ts';

/** Actions that make no sense in a list. */
const movements = new Set(['Move', 'Answer']);

/** Everything that can be done here, found by a few letters of its name. */
class Palette implements Layer {
  readonly view = null;
  readonly floating = true;
  readonly hints = [
    ['Enter', 'do it'],
    ['↑ ↓', 'choose'],
    ['Esc', 'back'],
  ] as const;
  private field: TextField = emptyField;
  private chosen = 0;
  private offset = 0;
  private readonly actions: readonly Action[];

  constructor(
    private readonly host: LayerHost,
    private readonly context: ActionContext,
  ) {
    this.actions = host.keymap.actions.filter(
      action =>
        action.views.includes(context.view) &&
        !movements.has(action.group) &&
        action.id !== 'palette' &&
        action.id !== 'back',
    );
  }

  private matches(): readonly Match<Action>[] {
    const text = fieldText(this.field);
    const named = this.actions.filter(({ id }) => isSynonym(id, text));
    const others = this.actions.filter(action => !named.includes(action));
    return [...fuzzy('', named, () => ''), ...fuzzy(text, others, action => `${action.title} ${action.id}`)];
  }

  key(key: KeyPress): boolean {
    if (key.name === 'esc' || key.name === 'ctrl+c') this.host.close(this);
    else if (key.name === 'enter') this.choose();
    else if (!this.move(key.name)) this.type(edit(this.field, key));
    return true;
  }

  paste(text: string): void {
    this.type(insert(this.field, sanitizeLine(text, 200)));
  }

  private type(field: TextField | null): void {
    if (field === null) return;
    this.field = field;
    this.chosen = 0;
    this.host.changed();
  }

  private move(name: string): boolean {
    const step = { up: -1, 'ctrl+p': -1, 'shift+tab': -1, down: 1, 'ctrl+n': 1, tab: 1, pgup: -8, pgdn: 8 }[name];
    if (step === undefined) return false;
    this.chosen = Math.max(0, Math.min(this.matches().length - 1, this.chosen + step));
    this.host.changed();
    return true;
  }

  private choose(): void {
    const action = this.matches()[this.chosen]?.value;
    if (action === undefined) return;
    this.host.close(this);
    this.host.act(action.id, this.context);
  }

  textCursor(size: Size): Position {
    const { left, top, width } = rectOf(size);
    return { x: left + 4 + fieldView(this.field, width - 6).column, y: top + 1 };
  }

  render(size: Size): ReactNode {
    const rect = rectOf(size);
    const matches = this.matches();
    const height = rect.height - 4;
    this.offset = scrollTo(this.chosen, this.offset, height, matches.length);
    const rows = matches
      .slice(this.offset, this.offset + height)
      .map((match, index) => this.row(match.value, index + this.offset === this.chosen, rect.width - 2));
    const lines: readonly Line[] = [
      [span(' : ', 'hint'), ...fieldView(this.field, rect.width - 6).line],
      line(''),
      ...(rows.length > 0 ? rows : [line(' No matching action.', 'dim')]),
    ];
    return <TextFrame rect={rect} lines={lines} heading={{ title: line('Commands', 'title'), focused: true }} solid />;
  }

  private row(action: Action, selected: boolean, width: number): Line {
    const possible = action.enabled(this.context);
    // Why something is not possible is worth more than the end of a long title.
    const title = possible === true ? action.title : truncate(action.title, Math.max(24, Math.floor(width * 0.45)));
    const text: Line = [
      span(selected ? ' ▸ ' : '   '),
      span(title, possible === true ? 'plain' : 'dim'),
      span(possible === true ? '' : `  ${sanitizeLine(withKeys(possible, this.host.keymap), 120)}`, 'dim'),
    ];
    const row = spread(text, [span(` ${action.keys.map(showKey).join(' ')} `, 'hint')], width);
    return selected ? retone(row, 'selected') : row;
  }
}

function rectOf(size: Size): Rect {
  return dialogRect(size, Math.min(18, size.rows - 4), 84);
}

export const openPalette: OpenLayer = (host, context) => new Palette(host, context);
