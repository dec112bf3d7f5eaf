import type { WorkerView } from '../coordinator/fleet/fleet-view.ts';
import type { State } from '../coordinator/state/state.ts';
import type { Instance } from '../domain/instance.ts';
import type { Item } from '../domain/item.ts';
import type { Command } from '../ports/commands.ts';

/** Where a key is pressed: the overview, a full-screen view, or a question on top of one. */
export type ViewName =
  | 'overview'
  | 'log'
  | 'diff'
  | 'details'
  | 'timeline'
  | 'events'
  | 'help'
  | 'review'
  | 'question'
  | 'compare'
  | 'settings'
  | 'clean'
  | 'redo'
  | 'confirm'
  | 'leave';

/** Screens that an action opens. The palette, the new-item form and the filter take text, so they have no keys of their own. */
export type ScreenName =
  | Exclude<ViewName, 'overview' | 'confirm'>
  | 'palette'
  | 'new-item'
  | 'scopes'
  | 'groups'
  | 'edit-item'
  | 'resume'
  | 'say'
  | 'allow-always'
  | 'race'
  | 'request-fix'
  | 'filter'
  | 'all-logs';

/** What a key asks of the view it is pressed in. */
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
  | 'left'
  | 'right'
  | 'next-review'
  | 'previous-review'
  | 'fold'
  | 'viewed'
  | 'select-lines'
  | 'remove-comment'
  | 'accept';

/** What a key press leads to: a command for the coordinator, or something the screen does itself. */
export type ScreenEvent =
  | { readonly type: 'send'; readonly command: Command }
  | { readonly type: 'open'; readonly screen: ScreenName }
  | {
      readonly type: 'confirm';
      readonly title: string;
      /** One sentence per line: what happens and what would be lost. */
      readonly lines: readonly string[];
      readonly command: Command;
    }
  | { readonly type: 'view'; readonly act: ViewAct }
  | { readonly type: 'focus'; readonly pane: 'next' | 'previous' | number }
  | { readonly type: 'answer'; readonly answer: 'yes' | 'no' }
  | { readonly type: 'leave'; readonly choice: 'keep' | 'stop' }
  | { readonly type: 'attach' }
  /** Unlocks the key that signs, on this terminal, and lands what could not be signed. */
  | { readonly type: 'sign' }
  /** Selects the next run that waits for a person. */
  | { readonly type: 'next-attention' }
  | { readonly type: 'back' }
  | { readonly type: 'leave-now' }
  | { readonly type: 'suspend' }
  | { readonly type: 'redraw' };

/** What an action may read to decide whether it is available. */
export interface ActionContext {
  readonly state: State;
  readonly view: ViewName;
  /** The selected item; null: none. */
  readonly item: Item | null;
  /** The selected run, or the latest run of the selected item. */
  readonly instance: Instance | null;
  /** The selected machine while the list of machines is in focus; null: it is empty. */
  readonly machine?: WorkerView | null;
  /** True where the screen can hand the terminal to another program. */
  readonly external: boolean;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** Headings of the help overlay and the keys table, in order. */
export const groups = ['Move', 'Work', 'Landing', 'Inspect', 'Log', 'Diff', 'Review', 'Answer', 'Program'] as const;

export type ActionGroup = (typeof groups)[number];

/** One thing a person can do. The footer, help, palette and keys table are all generated from these. */
export interface Action {
  /** Stable name, used in the `keys` setting. */
  readonly id: string;
  /** What it does, for help, palette and the keys table. */
  readonly title: string;
  /** One or two words for the footer; null keeps it out of the footer. */
  readonly hint: string | null;
  /** Key names as `keymap.ts` spells them. */
  readonly keys: readonly string[];
  readonly group: ActionGroup;
  /** Views in which its keys work. */
  readonly views: readonly ViewName[];
  /** Its keys are its own only where this holds, and go before those of other actions; elsewhere they are another's. Missing: always. */
  readonly only?: (context: ActionContext) => boolean;
  /** True, or one sentence that says why it is unavailable. */
  readonly enabled: (context: ActionContext) => true | string;
  readonly event: (context: ActionContext, key: string) => ScreenEvent;
}
