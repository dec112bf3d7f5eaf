import { writeSync } from 'node:fs';

/** What the host writes on its stdout, one line each: all that is known of the conversation stands there, before anything acts on it. */
export type HostEntry =
  | { readonly type: 'agent'; readonly name: string; readonly version: string | null; readonly mode: string | null }
  | { readonly type: 'session'; readonly id: string }
  | { readonly type: 'session-lost'; readonly words: string }
  | { readonly type: 'text' | 'thought'; readonly text: string }
  | { readonly type: 'call'; readonly words: string; readonly kind: string; readonly doing: string }
  | { readonly type: 'call-end'; readonly kind: string; readonly ok: boolean; readonly output: string }
  | { readonly type: 'plan'; readonly items: readonly { readonly content: string; readonly status: string }[] }
  | {
      readonly type: 'usage';
      readonly inputTokens: number | null;
      readonly outputTokens: number | null;
      readonly costUsd: number | null;
    }
  | {
      readonly type: 'ask';
      readonly ask: number;
      readonly words: string;
      readonly detail: string;
      readonly command: string | null;
    }
  | {
      readonly type: 'answered';
      readonly ask: number;
      readonly allow: boolean;
      readonly by: 'person' | 'time' | 'cancel';
      readonly words: string;
    }
  /** The policy said no, without asking anybody. */
  | { readonly type: 'refused'; readonly words: string }
  | { readonly type: 'message'; readonly text: string; readonly now: boolean }
  | { readonly type: 'interrupted' }
  | { readonly type: 'note' | 'error'; readonly text: string }
  | { readonly type: 'result'; readonly ok: boolean; readonly message: string };

/** Writes an entry before anything else happens; throws where that is not possible (the disk is full). */
export function writeEntry(entry: HostEntry): void {
  const bytes = Buffer.from(`${JSON.stringify(entry)}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
