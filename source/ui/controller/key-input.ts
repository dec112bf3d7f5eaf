import type { Action, ActionContext, ScreenEvent, ViewName } from '../../commands/action.ts';
import { actionFor, type Keymap, showKey } from '../../commands/keymap.ts';
import type { Layer } from '../layer.ts';
import { isTooSmall } from '../presentation/layout.ts';
import type { KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { type Input, TypedAhead } from './typed-ahead.ts';

/** Two presses of Ctrl+C this close together leave. */
const doublePressMs = 2000;

/** The screen as keys see it. */
export interface KeyTarget {
  readonly keymap: Keymap;
  readonly now: () => number;
  readonly size: () => Size;
  say(text: string, level?: 'warning'): void;
  /** The layer on top; null: the overview. */
  top(): Layer | null;
  view(): ViewName;
  context(): ActionContext;
  dispatch(event: ScreenEvent): void;
  /** Takes back what was said last. */
  clearMessage(): void;
  leave(choice: 'keep'): void;
  /** The repository has been read. */
  ready(): boolean;
}

/**
 * Turns keys and pasted text into what they do: the top layer hears a key first, then it is looked up in the table for the view. Keys
 * that come too early, for a view that is being loaded or a repository that is being read, wait in their order.
 */
export class KeyInput {
  private readonly ahead = new TypedAhead();
  /** Keys that wait for the first look at the repository. */
  private early: KeyPress[] = [];
  private interruptedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly target: KeyTarget) {}

  take(input: Input): void {
    // Where nothing can be seen, nothing is done blindly.
    if (isTooSmall(this.target.size())) {
      if (typeof input !== 'string' && (input.name === 'q' || input.name === 'ctrl+c')) this.target.leave('keep');
    } else if (this.ahead.hold(input)) return;
    else if (typeof input === 'string') this.target.top()?.paste?.(input);
    else this.key(input);
  }

  /** Holds keys back until `loading` has ended, hands over what was loaded, then does what was typed meanwhile through `use`. */
  during<T>(
    loading: Promise<T>,
    done: (value: T) => void,
    failed: (error: unknown) => void,
    use: (inputs: readonly Input[]) => void,
  ): void {
    this.ahead.during(loading, done, failed, use);
  }

  /** The repository has been read: does what was asked for before, in its order. */
  pressEarly(): void {
    const keys = this.early;
    if (keys.length === 0) return;
    this.early = [];
    if (this.target.top() !== null) return;
    this.target.clearMessage();
    for (const key of keys) this.take(key);
  }

  /** Leaves when it was pressed a moment before, too. */
  interrupt(): void {
    const now = this.target.now();
    if (now - this.interruptedAt < doublePressMs) return this.target.leave('keep');
    this.interruptedAt = now;
    this.target.say('Press Ctrl+C once more to leave; the agents keep running.', 'warning');
  }

  /** Does an action, or says why it cannot be done. */
  act(action: Action, context: ActionContext, key: string): void {
    const possible = action.enabled(context);
    if (possible === true) this.target.dispatch(action.event(context, key));
    else this.target.say(possible, 'warning');
  }

  private key(key: KeyPress): void {
    const { target } = this;
    const top = target.top();
    target.clearMessage();
    if (top?.key?.(key) === true) return;
    const action = actionFor(target.keymap, target.view(), key.name);
    if (top === null && this.isEarly(action)) return this.keep(key);
    if (action === null) return this.sayElsewhere(key.name);
    this.act(action, target.context(), key.name);
  }

  /** Before the repository has been read only what concerns the program itself can be done; a key behind one that waits, waits too. */
  private isEarly(action: Action | null): boolean {
    return !this.target.ready() && (action === null ? this.early.length > 0 : action.group !== 'Program');
  }

  private keep(key: KeyPress): void {
    this.early.push(key);
    this.target.say('Reading the repository: your keys wait for it.');
  }

  /** A key that works in the overview but not here is not left without a word. */
  private sayElsewhere(key: string): void {
    const { target } = this;
    const action = target.view() === 'overview' ? null : actionFor(target.keymap, 'overview', key);
    if (action !== null)
      target.say(`${showKey(key)} (${action.title}) works in the overview: Esc goes back.`, 'warning');
  }
}
