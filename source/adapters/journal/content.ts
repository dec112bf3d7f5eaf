import type { SoundJournal } from './store.ts';

/** The first lines of a journal file: its header and, where given, the fold of all records up to `seq`. */
export type JournalHead = (id: string, seq: number, state?: unknown) => Buffer;

/** The whole file for a journal that was found, its records up to `until` as they were written. */
export function contentOf({ snapshot, events }: SoundJournal, id: string, until: number, head: JournalHead): Buffer {
  const lines = events.filter(({ seq }) => seq <= until).map(({ line }) => line);
  const last = lines.at(-1);
  const newline = last === undefined || last.at(-1) === 0x0a ? [] : [Buffer.from('\n')];
  const first = snapshot === null ? head(id, 0) : head(id, snapshot.seq, snapshot.state);
  return Buffer.concat([first, ...lines, ...newline]);
}
