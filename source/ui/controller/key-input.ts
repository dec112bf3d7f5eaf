import type { Action, ActionContext, ScreenEvent, ViewName } from '../../commands/action.ts';
import { keyLabel } from '../../commands/key-words.ts';
import { actionFor, type Keymap, showKey } from '../../commands/keymap.ts';
import type { Layer } from '../layer.ts';
import { isTooSmall } from '../presentation/layout.ts';
import { type Chunk, isForeignLetter, type KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { type Input, TypedAhead } from './typed-ahead.ts';

/** A chunk with a line break so soon after a paste is the rest of it: a terminal passes a long text on in pieces. */
const restOfPasteMs = 20;

/** Two presses of Ctrl+C this close together quit. */
const doublePressMs = 2000;

/** How many fields an action opens, each left with Enter. */
const fieldsOf: Readonly<Record<string, number>> = { filter: 1, 'new-item': 2, 'edit-item': 2 };

/** The screen as keys see it. */
export interface KeyTarget {
  readonly keymap: Keymap;
  readonly now: () => number;
  readonly size: () => Size;
  showMessage(text: string, level?: 'warning'): void;
  /** The layer on top; null: the overview. */
  top(): Layer | null;
  view(): ViewName;
  context(): ActionContext;
  dispatch(event: ScreenEvent): void;
  /** Clears the last message. */
  clearMessage(): void;
  leave(choice: 'keep'): void;
  /** True once the repository has been read. */
  ready(): boolean;
}

/**
 * Turns keys and pasted text into actions: the top layer gets a key first, then the table of the view. Keys that come too early, while
 * a view is loading or the repository is being read, wait in order.
 */
export class KeyInput {
  private readonly ahead = new TypedAhead();
  /** What waits for the first reading of the repository. */
  private early: (() => void)[] = [];
  /** Fields that the waiting keys have opened and not yet left. */
  private earlyFields = 0;
  private interruptedAt = Number.NEGATIVE_INFINITY;
  private pastedAt = Number.NEGATIVE_INFINITY;
  private saidLayout = false;

  constructor(private readonly target: KeyTarget) {}

  take(input: Input): void {
    // Nothing happens blindly on a screen too small to show it.
    if (isTooSmall(this.target.size())) this.takeBlindly(input);
    else if (this.ahead.hold(input)) return;
    else if (typeof input === 'string') this.paste(input);
    else if ('keys' in input) this.takeChunk(input);
    else this.key(input);
  }

  private takeBlindly(input: Input): void {
    if (typeof input === 'string') return;
    for (const { name } of 'keys' in input ? input.keys : [input])
      if (name === 'q' || name === 'ctrl+c') return this.target.leave('keep');
  }

  private paste(text: string): void {
    const { target } = this;
    if (this.early.length > 0 && target.top() === null) return this.keep(() => this.take(text));
    const top = target.top();
    if (top?.paste !== undefined) return top.paste(text);
    target.showMessage(`There is no field to paste into. ${keyLabel('new-item')} opens one for a new item.`, 'warning');
  }

  /**
   * A terminal that does not mark pastes sends them like keys. Where several lines can be typed, a line break between other characters
   * is part of the text.
   */
  private takeChunk({ keys, text, pasted }: Chunk): void {
    if (text !== null && this.target.top()?.takesLines === true) {
      const now = performance.now();
      if (pasted || now - this.pastedAt < restOfPasteMs) {
        this.pastedAt = now;
        return this.target.top()?.paste?.(text);
      }
    }
    for (const [at, key] of keys.entries()) {
      this.take(key);
      // What follows a key that opens a view waits for the view as a whole.
      if (text !== null && this.ahead.isHolding()) {
        const rest = keys.slice(at + 1);
        if (rest.length > 0) this.take({ keys: rest, text: text.slice(-rest.length), pasted });
        return;
      }
    }
  }

  /** Holds keys until `loading` has ended, passes on what was loaded, then replays the held keys through `use`. */
  during<T>(
    loading: Promise<T>,
    done: (value: T) => void,
    failed: (error: unknown) => void,
    use: (inputs: readonly Input[]) => void,
  ): void {
    this.ahead.during(loading, done, failed, use);
  }

  /** Once the repository has been read and the overview is in front: performs the early keys in order. */
  pressEarly(): void {
    const waiting = this.early;
    if (waiting.length === 0 || !this.target.ready() || this.target.top() !== null) return;
    this.early = [];
    this.earlyFields = 0;
    this.target.clearMessage();
    for (const perform of waiting) perform();
  }

  /** Quits on the second press within a moment. */
  interrupt(): void {
    const now = this.target.now();
    if (now - this.interruptedAt < doublePressMs) return this.target.leave('keep');
    this.interruptedAt = now;
    this.target.showMessage('Press Ctrl+C again to quit. The agents keep running.', 'warning');
  }

  /** Performs an action, or says why it is unavailable. */
  act(action: Action, context: ActionContext, key: string): void {
    // From the palette: what it acts on is known once the repository has been read.
    if (this.target.top() === null && this.isEarly(action))
      return this.keep(() => this.act(action, this.target.context(), key));
    const possible = action.enabled(context);
    if (possible === true) this.target.dispatch(action.event(context, key));
    else this.target.showMessage(possible, 'warning');
  }

  private key(key: KeyPress): void {
    const { target } = this;
    const top = target.top();
    target.clearMessage();
    if (top?.key?.(key) === true) return;
    if (top === null && key.name === 'esc' && this.early.length > 0) return this.withdraw();
    const action = actionFor(target.keymap, target.view(), key.name, () => target.context());
    if (top === null && this.isEarly(action)) {
      if (this.earlyFields === 0) this.earlyFields = fieldsOf[action?.id ?? ''] ?? 0;
      else if (key.name === 'enter' && key.newline !== true) this.earlyFields--;
      return this.keep(() => this.take(key));
    }
    if (action === null) return this.explain(key.name);
    this.act(action, target.context(), key.name);
  }

  /** Before the repository has been read only program actions work; all that would be typed into a field waits with the key that opens it. */
  private isEarly(action: Action | null): boolean {
    if (this.target.ready()) return false;
    if (this.earlyFields > 0) return action?.id !== 'leave-now';
    return action === null ? this.early.length > 0 : action.group !== 'Program';
  }

  private keep(perform: () => void): void {
    this.early.push(perform);
    const count = this.early.length === 1 ? 'your key' : `your ${this.early.length} keys`;
    this.target.showMessage(`Waiting for the repository to be read, then ${count} will apply. Esc withdraws.`);
  }

  private withdraw(): void {
    this.early = [];
    this.earlyFields = 0;
    this.target.showMessage('Withdrawn. Nothing will happen.');
  }

  /** Explains a key that works in the overview but not here, or that no key of the table can be on this keyboard layout. */
  private explain(key: string): void {
    const { target } = this;
    const action = target.view() === 'overview' ? null : actionFor(target.keymap, 'overview', key);
    if (action !== null)
      target.showMessage(`${showKey(key)} (${action.title}) works in the overview. Esc goes back.`, 'warning');
    else if (isForeignLetter(key) && !this.saidLayout) {
      this.saidLayout = true;
      target.showMessage(
        `The keyboard layout is not Latin, so "${key}" is not a key here. Switch the layout, or use a terminal with the kitty keyboard protocol.`,
        'warning',
      );
    }
  }
}
