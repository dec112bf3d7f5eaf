import type { RunId } from '../../domain/ids.ts';

/** Facts about what is said to an agent at work, and what it asks. */
export type TalkEvent =
  /** The agent asks whether it may do something, and waits; `detail`: all of it, raw. */
  | {
      readonly type: 'permission-asked';
      readonly runId: RunId;
      readonly ask: number;
      readonly words: string;
      readonly detail: string;
      /** The command that it wants to run, raw; missing: none, or its program does not say which. */
      readonly command?: string;
    }
  | {
      readonly type: 'permission-answered';
      readonly runId: RunId;
      readonly ask: number;
      readonly allow: boolean;
      readonly by: 'person' | 'time' | 'cancel';
    }
  /** A message of a person has reached the agent while it works; `now`: its turn was cut short for it. */
  | { readonly type: 'message-sent'; readonly runId: RunId; readonly text: string; readonly now: boolean }
  | { readonly type: 'turn-interrupted'; readonly runId: RunId };
