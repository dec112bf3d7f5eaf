import type { Oid, RunId } from '../domain/ids.ts';
import type { Item } from '../domain/item.ts';
import type { QueueClass } from '../domain/queue/order.ts';
import type { ReviewComment } from '../domain/review/review.ts';

/**
 * What a person or a script asks for. Every command is answered by a `CommandAnswer`. `overCapacity`: start it although the machine is at
 * its limit, as a person may decide.
 */
export type Command =
  /** `id` is any id, alias or `key@line`; a slug or run id also names an instance. */
  | {
      readonly type: 'spawn';
      readonly id: string;
      readonly agent?: string;
      readonly overCapacity?: boolean;
      /** It may start on the branch of the one run that it waits for. */
      readonly stack?: boolean;
    }
  /** Runs of one item side by side, one by each of these agents, of which at most one lands. */
  | {
      readonly type: 'race';
      readonly id: string;
      readonly agents: readonly string[];
      readonly overCapacity?: boolean;
    }
  | { readonly type: 'run'; readonly item: Item; readonly agent?: string; readonly overCapacity?: boolean }
  /** Changes an ad-hoc item that has not started; what is left out stays. */
  | {
      readonly type: 'edit-item';
      readonly id: string;
      readonly change: Partial<Pick<Item, 'title' | 'prompt' | 'scope' | 'agentProgram' | 'dependsOn' | 'model'>>;
    }
  /** Removes an ad-hoc item that has not started. */
  | { readonly type: 'remove-item'; readonly id: string }
  /** Stops a run; an ad-hoc item that has not started is removed. */
  | { readonly type: 'cancel'; readonly id: string }
  | {
      readonly type: 'approve';
      readonly id: string;
      readonly head?: Oid;
      readonly accept?: readonly string[];
      readonly by?: 'user' | 'policy';
    }
  | { readonly type: 'approve-all' }
  | { readonly type: 'reject'; readonly id: string; readonly reason: string }
  /** Run the item again: a fresh attempt in a worktree of its own, or in place with what went wrong for a message. */
  | { readonly type: 'retry'; readonly id: string; readonly inPlace?: boolean; readonly overCapacity?: boolean }
  /** Resumes a run that has ended in its worktree with this message, in its session if it has one. */
  /** `comments`: ids of review comments that become part of the message. */
  | {
      readonly type: 'resume';
      readonly id: string;
      readonly message: string;
      readonly comments?: readonly string[];
      readonly overCapacity?: boolean;
    }
  /** Writes a comment on lines of a run's diff; `commentId`: in place of that one, if it has not been sent. */
  | {
      readonly type: 'comment';
      readonly id: string;
      readonly commentId?: string;
      readonly comment: Pick<ReviewComment, 'path' | 'side' | 'from' | 'to' | 'quote' | 'text' | 'head'>;
    }
  | { readonly type: 'uncomment'; readonly id: string; readonly commentId: string }
  /** Marks a file of a run's diff as viewed in this version; null: not viewed. */
  | { readonly type: 'mark-viewed'; readonly id: string; readonly path: string; readonly mark: string | null }
  /** Ids to clean; empty: everything that has landed. `confirmedLoss`: files of each run the user agreed to lose. */
  | {
      readonly type: 'clean';
      readonly ids: readonly string[];
      readonly confirmedLoss: Readonly<Record<RunId, readonly string[]>>;
    }
  /** Removes worktrees and branches of runs whatever they hold, as a person has confirmed; that stays pinned for 30 days. */
  | { readonly type: 'discard'; readonly ids: readonly string[] }
  /** Brings back worktree and branch of a discarded run. */
  | { readonly type: 'restore'; readonly id: string }
  /** Yes or no to a question of an agent at work: the one of that number, else the oldest. */
  | {
      readonly type: 'answer';
      readonly id: string;
      readonly allow: boolean;
      readonly ask?: number;
      /** The rule by which it needs no question any more; whoever sends this has written it into the settings. */
      readonly always?: string;
    }
  /** A message to an agent at work: when its turn is over, or `now`. */
  | { readonly type: 'say'; readonly id: string; readonly message: string; readonly now?: boolean }
  /** Ends the turn of an agent at work; its session stays. */
  | { readonly type: 'interrupt'; readonly id: string }
  | { readonly type: 'set-mode'; readonly mode: 'auto' | 'manual' }
  | { readonly type: 'pause'; readonly paused: boolean }
  /** `reason`: the known reason for the pause; if more reasons came since, nothing is resumed. */
  | { readonly type: 'resume-queue'; readonly reason?: string }
  /** Undoes a landing: that of `id`, or the last one. */
  | { readonly type: 'undo'; readonly id?: string }
  /** Commits what a run left uncommitted, on its branch. */
  | { readonly type: 'commit-left'; readonly id: string }
  /** Puts a run's own commits onto its target, without what was removed from there. */
  | { readonly type: 'replay'; readonly id: string }
  /** Brings a run's branch up to date with its target. */
  | { readonly type: 'update'; readonly id: string }
  /** From now on the work of `id`, or all work that has not landed, lands on this branch, which exists; what was approved is approved again. */
  | { readonly type: 'retarget'; readonly id?: string; readonly branch: string }
  /** Pushes a run's branch and opens its pull request. */
  | { readonly type: 'open-pr'; readonly id: string }
  /** Resumes the agent with what reviewers wrote on the pull request. */
  | { readonly type: 'send-comments'; readonly id: string }
  /** Puts what would land on a new branch. */
  | { readonly type: 'export'; readonly id: string; readonly branchName: string }
  /** To the top of the merge queue. */
  | { readonly type: 'jump'; readonly id: string }
  /** It keeps its place but does not land, until it is released. */
  | { readonly type: 'hold'; readonly id: string; readonly held: boolean }
  /** To the end of the queue; `class`: from now on of that class, null: of its own. */
  | { readonly type: 'requeue'; readonly id: string; readonly class?: QueueClass | null }
  /** The work loop starts only items of this group, and is turned on; null: of all groups. */
  | { readonly type: 'set-group'; readonly group: string | null }
  /** Sets the scopes of items, and adds to what they depend on: in their source where it has a place for them, else in cm-tui's state. */
  | {
      readonly type: 'set-scopes';
      readonly scopes: readonly {
        readonly id: string;
        /** Globs, relative to the repository; none: as the source has it. */
        readonly paths: readonly string[];
        /** Items by id, key or alias. */
        readonly dependsOn: readonly string[];
      }[];
    }
  /** Puts the last run of an item away, or back; nothing is removed. */
  | { readonly type: 'dismiss'; readonly id: string; readonly dismissed: boolean }
  | { readonly type: 'pin'; readonly id: string; readonly pinned: boolean }
  /** Settings files are as a person wrote them, or has accepted them: name → digest. */
  | { readonly type: 'accept-settings'; readonly sealed: Readonly<Record<string, string>> }
  /** A person has seen the fingerprint of this public key. */
  | { readonly type: 'accept-worker'; readonly worker: string; readonly key: string }
  /** It finishes what it has and takes no more. */
  | { readonly type: 'drain-worker'; readonly worker: string; readonly drained: boolean }
  /** Its key counts no more. */
  | { readonly type: 'forget-worker'; readonly worker: string }
  | { readonly type: 'stop-all' }
  | { readonly type: 'refresh' };

/** One plain sentence, and whether it was accepted. Asynchronous work continues after the answer. */
export interface CommandAnswer {
  readonly ok: boolean;
  readonly message: string;
  /** The runs it concerns. */
  readonly runIds: readonly RunId[];
  /** Only the capacity was in the way: the question for a person, and the command to send where the answer is yes. */
  readonly ask?: { readonly question: string; readonly command: Command };
}
