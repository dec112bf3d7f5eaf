/** How much of one file is read: nobody works on more, and the screen has to stay quick whatever a file holds. */
import type { SourceProblem } from '../../item.ts';
import { sanitizeLine } from '../../text/sanitize.ts';

/** Items of one file. */
export const itemLimit = 20_000;

/** A note on an item that waits for something which was not read, so that nobody knows whether it may start. */
export function unreadNote(id: string): string {
  return `waits for ${id}, which is not among the items that were read`;
}

/** What to say where a file holds more than the items that were read; `path` null: the ROADMAP. */
export function sizeProblem(path: string | null, read: number): SourceProblem {
  const name = path === null ? 'The ROADMAP' : sanitizeLine(path, 200);
  const shown = read.toLocaleString('en-US');
  const counts = read === 1 ? 'only its first item counts' : `only its first ${shown} items count`;
  const message = `${name} is longer than what is read; ${read === 0 ? 'no item stands in its first part' : counts}. Split it.`;
  return { line: 1, code: 'size', message };
}
