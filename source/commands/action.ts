import type { State } from '../coordinator/state/state.ts';
import type { Instance } from '../domain/instance.ts';
import type { Item } from '../domain/item.ts';
import type { Command } from '../ports/commands.ts';

/** Where keys are pressed: the overview, a full-screen view, or a question on top of one. */
export type ViewName =
  | 'overview'
  | 'log'
  | 'diff'
  | 'details'
  | 'timeline'
  | 'events'
  | 'help'
  | 'approval'
  | 'clean'
  | 'redo'
  | 'confirm'
  | 'leave';

/** Screens that an action opens. Some of them are no views with keys of their own but take text: palette, new item, filter. */
export type ScreenName =
  | Exclude<ViewName, 'overview' | 'confirm'>
  | 'palette'
  | 'new-item'
  | 'send-back'
  | 'filter'
  | 'all-logs';

/** What a view is asked to do with itself. */
export type ViewAct =
  | 'down'
  | 'up'
  | 'page-down'
  | 'page-up'
  | 'top'
  | 'bottom'
  | 'next-part'
  | 'previous-part'
  | 'next-page'
  | 'previous-page'
  | 'show-all'
  | 'follow'
  | 'search'
  | 'next-match'
  | 'previous-match'
  | 'wrap'
  | 'stream'
  | 'copy'
  | 'next-error'
  | 'previous-error'
  | 'times'
  | 'save'
  | 'next-hunk'
  | 'previous-hunk'
  | 'pager'
  | 'editor'
  | 'whitespace'
  | 'accept';

/** What pressing a key leads to: a command for the coordinator, or something that the screen does itself. */
export type ScreenEvent =
  | { readonly type: 'send'; readonly command: Command }
  | { readonly type: 'open'; readonly screen: ScreenName }
  | {
      readonly type: 'confirm';
      readonly title: string;
      /** One sentence a line: what will happen and what would be lost. */
      readonly lines: readonly string[];
      readonly command: Command;
    }
  | { readonly type: 'view'; readonly act: ViewAct }
  | { readonly type: 'focus'; readonly pane: 'next' | 'previous' | number }
  | { readonly type: 'answer'; readonly answer: 'yes' | 'no' }
  | { readonly type: 'leave'; readonly choice: 'keep' | 'stop' }
  | { readonly type: 'attach' }
  | { readonly type: 'back' }
  | { readonly type: 'leave-now' }
  | { readonly type: 'suspend' }
  | { readonly type: 'redraw' };

/** What an action may look at to say whether it is possible now. */
export interface ActionContext {
  readonly state: State;
  readonly view: ViewName;
  /** The selected item; null: none. */
  readonly item: Item | null;
  /** The selected instance, or the latest one of the selected item. */
  readonly instance: Instance | null;
  /** True where the screen can hand the terminal to another program. */
  readonly external: boolean;
}

/** Headings of the help overlay and the keys table, in their order. */
export const groups = ['Move', 'Work', 'Landing', 'Look', 'Log', 'Diff', 'Answer', 'Program'] as const;

export type ActionGroup = (typeof groups)[number];

/** One thing a person can do. Footer, help, palette and the README's table are made from these and nothing else. */
export interface Action {
  /** Stable name, used in the setting `keys`. */
  readonly id: string;
  /** For help, palette and README: what it does. */
  readonly title: string;
  /** For the footer: one or two words; null: never in the footer. */
  readonly hint: string | null;
  /** Names of keys as `keys.ts` spells them. */
  readonly keys: readonly string[];
  readonly group: ActionGroup;
  /** Views in which its keys work. */
  readonly views: readonly ViewName[];
  /** True, or one sentence that says why not now. */
  readonly enabled: (context: ActionContext) => true | string;
  readonly event: (context: ActionContext, key: string) => ScreenEvent;
}
