import type { Oid } from '../ids.ts';

/** A question of an agent at work that nobody has answered. Text is sanitised but for `detail`, which is all of what it wants to do. */
export interface OpenAsk {
  readonly ask: number;
  readonly words: string;
  readonly detail: string;
  /** The command that it wants to run, raw; missing: none, or its program does not say which. */
  readonly command?: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What is known of a run from the words of its agent and of its service. */
export interface RunTalk {
  /**
   * It continues by itself at that time (milliseconds since 1970): how often it has waited without getting any further, and at which head
   * that was.
   */
  readonly waits?: { readonly until: number; readonly tries: number; readonly head: Oid | null };
  /** Questions of its present part: the number of the last one, and those that nobody has answered. */
  readonly asks?: { readonly last: number; readonly open: readonly OpenAsk[] };
  /** How many messages and interruptions have reached it in its present part. */
  readonly said?: number;
  /** Commands that it was not permitted to run: how many, and the first of them, sanitised. */
  readonly refused?: { readonly count: number; readonly first: readonly string[] };
}
