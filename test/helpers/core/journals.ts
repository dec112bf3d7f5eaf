import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal, JournalOptions } from '../../../source/adapters/journal/journal.ts';
import { createJournal } from '../../../source/adapters/journal/journal.ts';
import { encodeRecord, type RawRecord } from '../../../source/adapters/journal/record.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import type { JournalLoad } from '../../../source/ports/journal.ts';
import type { Product } from '../programs/product.ts';

/** A notice with a number: the smallest event that can be told from its neighbours. */
export function notice(n: number): CoordinatorEvent {
  return { at: n, type: 'notice-raised', level: 'info', text: `n${n}`, runId: null };
}

/** The texts of a journal's notices, those folded into the snapshot (a list of texts) first. */
export function textsOf(load: JournalLoad): string[] {
  const folded = load.snapshot?.state;
  const texts = load.events.map(event => (event.type === 'notice-raised' ? event.text : event.type));
  return [...(Array.isArray(folded) ? folded.map(String) : []), ...texts];
}

/** A journal of `dir` with fixed clocks. */
export function journalIn(dir: string, options: Partial<JournalOptions> = {}): Journal {
  return createJournal({ dir, bootId: 'boot-1', uptime: () => 1234.5, now: () => 1_700_000_000_000, ...options });
}

/** Makes a journal of `count` notices and closes it. */
export async function writeNotices(dir: string, count: number): Promise<void> {
  const journal = journalIn(dir);
  await journal.load();
  for (let n = 1; n <= count; n++) journal.append(notice(n), n === count);
  journal.close();
}

/** Loads without changing anything. */
export function peek(dir: string): Promise<JournalLoad> {
  return journalIn(dir).load({ readOnly: true });
}

/** Writes the journal anew with other data in some records, and right checksums. */
export function editJournal(one: Pick<Product, 'root'>, edit: (data: string) => string): void {
  const file = join(one.root, '.git/cm-tui/journal.jsonl');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const edited = lines.map(line => {
    const record = JSON.parse(line) as RawRecord;
    return encodeRecord({ ...record, data: JSON.parse(edit(JSON.stringify(record.data))) }).line.toString();
  });
  writeFileSync(file, edited.join(''));
  // As if it had been written like this.
  rmSync(join(one.root, '.git/cm-tui/journal.end'), { force: true });
}
