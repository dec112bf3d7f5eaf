import type { ReactNode } from 'react';
import type { ActionContext, ScreenEvent, ViewAct, ViewName } from '../commands/action.ts';
import type { Keymap } from '../commands/keymap.ts';
import type { CoordinatorHandle } from '../coordinator/state/handle.ts';
import type { Instance } from '../domain/instance.ts';
import type { Item } from '../domain/item.ts';
import type { Suggestions } from '../domain/scope/suggest/proposal.ts';
import type { SettingsFileChange } from '../domain/settings/settings-difference.ts';
import type { Activity } from '../domain/timeline/activity.ts';
import type { Command } from '../ports/commands.ts';
import type { ScreenMessage } from './overview/footer.ts';
import type { KeyPress } from './terminal/keys.ts';
import type { Size } from './terminal/size.ts';
import type { UsageTrail } from './usage-trail.ts';

/** A request for a program outside this screen, which gets the terminal meanwhile. */
export type ExternalRequest =
  /** `message`: what a run that has ended should do next. */
  | { readonly type: 'attach'; readonly runId: string; readonly message?: string }
  /** Let the user's own signer make one signature on the terminal, which unlocks the key. */
  | { readonly type: 'sign' }
  /** Show this raw text in the user's pager. */
  | { readonly type: 'pager'; readonly text: string }
  /** Change this text in the user's editor; `taken` gets what was saved. */
  | { readonly type: 'text'; readonly text: string; readonly taken: (text: string) => void }
  /** Open a file of the run's worktree in the user's editor. */
  | { readonly type: 'editor'; readonly runId: string; readonly path: string; readonly line: number | null };

/**
 * Writes text to a new file in the current folder and returns one sentence about it. Rejects with the sentence why not; nothing is
 * overwritten.
 */
export type SaveText = (path: string, text: AsyncIterable<string>) => Promise<string>;

/** Begins to read the activity log: each call of what it returns gives what is new. */
export type OpenActivity = () => () => readonly Activity[];
/** Reads the settings files that do not say what was accepted last. */
export type ReadSettingsChanges = () => readonly SettingsFileChange[];
/** Suggests scopes for these items, else for every planned one of unknown scope. Reads only. */
export type SuggestScopes = (ids: readonly string[]) => Promise<Suggestions>;

/** Adds rules to what an agent may do without a question. */
export interface RuleWriter {
  /** The settings file that they are written to. */
  readonly file: string;
  /** Resolves with one sentence about it, rejects with the sentence why not. */
  readonly write: (agent: string, rule: string) => Promise<string>;
}

/** What a layer may ask of the screen below it. */
export interface LayerHost {
  readonly handle: CoordinatorHandle;
  readonly keymap: Keymap;
  readonly now: () => number;
  /** The terminal's size, for views that scroll by pages. */
  readonly size: () => Size;
  /** What keys act on now. */
  context(): ActionContext;
  /** Redraws: what the layer shows has changed. */
  changed(): void;
  close(layer: Layer): void;
  showMessage(text: string, level?: ScreenMessage['level']): void;
  /** Puts a layer on top. */
  show(layer: Layer): void;
  /** Asks a yes-or-no question. */
  ask(title: string, lines: readonly string[]): Promise<boolean>;
  /** Sends a command and shows the answer. */
  send(command: Command): void;
  dispatch(event: ScreenEvent): void;
  /** Performs an action by its id, as if its key had been pressed where this layer was opened. */
  act(id: string, context: ActionContext): void;
  /** Groups whose items the roadmap list leaves out. */
  folded(): readonly string[];
  fold(groups: readonly string[]): void;
  /** Sets the filter of the roadmap list. */
  filter(text: string): void;
  /** Hands the terminal to another program; null on success, else why not. */
  external(request: ExternalRequest): Promise<string | null>;
  /** Null: this screen cannot write files. */
  readonly save: SaveText | null;
  /** Null: this screen has no activity log. */
  readonly activity: OpenActivity | null;
  /** Null: this screen cannot search the repository. */
  readonly suggest: SuggestScopes | null;
  /** Names of the agents that can be asked for; empty: nobody can tell. */
  readonly agents: () => readonly string[];
  /** Why the agents that a command would start cannot be started, or null: their programs are not installed. */
  readonly cannotStart: (command: Command) => string | null;
  /** Selects an item in the roadmap list, as soon as it is there. */
  select(itemId: string): void;
  /** Null: this screen cannot write settings. */
  readonly rules: RuleWriter | null;
  /** Null: this screen reads no settings files. */
  readonly settings: ReadSettingsChanges | null;
  /** What the runs have used lately. */
  readonly trail: UsageTrail;
  /** Texts that were typed and not sent, by the view that they were typed in. */
  readonly drafts: Map<string, readonly string[]>;
}

/** A cell of the screen, from 0. */
export interface Position {
  readonly x: number;
  readonly y: number;
}

/** What is drawn on top of the overview: a full-screen view, a question or a text field. It gets keys before anything below it. */
export interface Layer {
  /** The view in which its keys are looked up; null: it takes text and gets keys through `key` only. */
  readonly view: ViewName | null;
  /** Drawn over what lies below; false: covers everything but the rows for messages and keys. */
  readonly floating: boolean;
  /** True: nothing else is on the screen, not even those rows. */
  readonly bare?: boolean;
  /** Keys for the footer instead of those of the table: pairs of key and word, while text is typed. */
  readonly hints?: readonly (readonly [string, string])[] | undefined;
  /** True while several lines can be typed: a line break within a text is part of it. */
  readonly takesLines?: boolean;
  /** What item keys act on while it is on top; undefined: what is selected below. */
  readonly selection?: { readonly item: Item | null; readonly instance: Instance | null } | undefined;
  /** Draws it at that size, which is all of the screen it may use. */
  render(size: Size): ReactNode;
  /** Where text is typed, on the screen; null: nowhere. `size` is that of `render`. */
  textCursor?(size: Size): Position | null;
  /** A key before it is looked up in the table; true: handled. */
  key?(key: KeyPress): boolean;
  paste?(text: string): void;
  act?(what: ViewAct): void;
  answer?(answer: 'yes' | 'no'): void;
  /** Logs or state have changed; true: redraw. */
  refresh?(what: 'state' | 'logs'): boolean;
  dispose?(): void;
}

/** Creates a layer for the current selection. */
export type OpenLayer = (host: LayerHost, context: ActionContext) => Layer;
