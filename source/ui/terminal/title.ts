import { counts } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { Instance } from '../../domain/instance.ts';
import { newsOf } from '../../domain/state-labels.ts';

/** Anything that takes bytes for the terminal. */
export interface Sink {
  write(text: string): boolean;
}

const saveTitle = '\u001b[22;2t';
const restoreTitle = '\u001b[23;2t';

/** The window's title: our own numbers and words only, nothing that came from a repository or an agent. */
export function titleOf(state: State): string {
  const all = counts(state);
  const parts = [
    ...(all.running > 0 ? [`${all.running} running`] : []),
    ...(all.toMerge > 0 ? [`${all.toMerge} to land`] : []),
    ...(all.attention > 0 ? [`${all.attention} ${all.attention === 1 ? 'needs' : 'need'} you`] : []),
  ];
  return parts.length === 0 ? 'cm-tui' : `cm-tui: ${parts.join(', ')}`;
}

/** Keeps the window's title; writes only when it changes, and restores the old one at the end. */
export class WindowTitle {
  private shown: string | null = null;

  constructor(private readonly sink: Sink) {}

  show(title: string): void {
    if (title === this.shown) return;
    this.sink.write(`${this.shown === null ? saveTitle : ''}\u001b]2;${title}\u0007`);
    this.shown = title;
  }

  restore(): void {
    if (this.shown !== null) this.sink.write(restoreTitle);
    this.shown = null;
  }
}

/** What happened between two states that is worth a bell, in our own words and the item's key, without anything a terminal could act on. */
export function newsBetween(before: State, now: State): readonly string[] {
  if (before.instances === now.instances) return [];
  const old = new Map(before.instances.map(one => [one.runId, one]));
  return now.instances.flatMap(one => {
    const was = old.get(one.runId);
    const word = newsOf(one);
    if (was === undefined || word === null || newsOf(was) === word) return [];
    return [`${plainKey(one)} ${word}`];
  });
}

/** The part of a key that no terminal takes for anything else. */
function plainKey({ key, slug }: Instance): string {
  const plain = /^[\w.-]{1,40}/.exec(key)?.[0];
  return plain ?? slug.replaceAll(/[^0-9a-z-]/g, '');
}

/** Bell and desktop notification (OSC 9 and 777), as the settings allow. */
export function notifyTerminal(
  sink: Sink,
  notify: { readonly bell: boolean; readonly desktop: boolean },
  texts: readonly string[],
): void {
  if (texts.length === 0) return;
  if (notify.bell) sink.write('\u0007');
  if (!notify.desktop) return;
  for (const text of texts) sink.write(`\u001b]9;cm-tui: ${text}\u0007\u001b]777;notify;cm-tui;${text}\u0007`);
}
