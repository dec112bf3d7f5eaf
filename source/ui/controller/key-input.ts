import type { Action, ActionContext, ScreenEvent, ViewName } from '../../commands/action.ts';
import { actionFor, type Keymap, showKey } from '../../commands/keymap.ts';
import type { Layer } from '../layer.ts';
import { isTooSmall } from '../presentation/layout.ts';
import type { KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { type Input, TypedAhead } from './typed-ahead.ts';

/** Two presses of Ctrl+C this close together quit. */
const doublePressMs = 2000;

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
  private interruptedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly target: KeyTarget) {}

  take(input: Input): void {
    // Nothing happens blindly on a screen too small to show it.
    if (isTooSmall(this.target.size())) {
      if (typeof input !== 'string' && (input.name === 'q' || input.name === 'ctrl+c')) this.target.leave('keep');
    } else if (this.ahead.hold(input)) return;
    else if (typeof input === 'string') this.target.top()?.paste?.(input);
    else this.key(input);
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
    const action = actionFor(target.keymap, target.view(), key.name);
    if (top === null && this.isEarly(action)) return this.keep(() => this.take(key));
    if (action === null) return this.explainElsewhere(key.name);
    this.act(action, target.context(), key.name);
  }

  /** Before the repository has been read only program actions work. A key behind a waiting one waits too. */
  private isEarly(action: Action | null): boolean {
    return !this.target.ready() && (action === null ? this.early.length > 0 : action.group !== 'Program');
  }

  private keep(perform: () => void): void {
    this.early.push(perform);
    const count = this.early.length === 1 ? 'your key' : `your ${this.early.length} keys`;
    this.target.showMessage(`Waiting for the repository to be read, then ${count} will apply. Esc withdraws.`);
  }

  private withdraw(): void {
    this.early = [];
    this.target.showMessage('Withdrawn. Nothing will happen.');
  }

  /** Explains a key that works in the overview but not here. */
  private explainElsewhere(key: string): void {
    const { target } = this;
    const action = target.view() === 'overview' ? null : actionFor(target.keymap, 'overview', key);
    if (action !== null)
      target.showMessage(`${showKey(key)} (${action.title}) works in the overview. Esc goes back.`, 'warning');
  }
}
