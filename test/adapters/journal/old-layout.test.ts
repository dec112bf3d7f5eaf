import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { armFailpoints } from '../../../source/adapters/failpoint.ts';
import { encodeRecord } from '../../../source/adapters/journal/record.ts';
import { journalIn, notice, peek, textsOf } from '../../helpers/core/journals.ts';
import { contentsOf, temporaryFolder } from '../../helpers/temporary-folder.ts';

afterEach(() => armFailpoints(null));

const numbers = (count: number, first = 1): string[] =>
  Array.from({ length: count }, (_, index) => `n${index + first}`);
const line = (seq: number, type: string, data: unknown): Buffer =>
  encodeRecord({ v: 1, seq, ts: '2024-01-01T00:00:00.000Z', boot: 'b', up: 1, type, data }).line;
const snapshotUpTo = (seq: number): Buffer => line(seq, 'snapshot', numbers(seq));
/** A journal file of the old layout: records after `from`, up to `to`. */
const journalOf = (from: number, to: number): Buffer => {
  const events = Array.from({ length: to - from }, (_, index) => {
    const { type, ...data } = notice(from + index + 1);
    return line(from + index + 1, type, data);
  });
  return Buffer.concat([line(from, 'journal-opened', {}), ...events]);
};

/** What stood in a state folder after 12 records with a snapshot at 5 and at 10, and on the way to the second of them. */
const layouts: Readonly<Record<string, Readonly<Record<string, Buffer>>>> = {
  'no snapshot yet': { 'journal.jsonl': journalOf(0, 12) },
  'the first snapshot and the longer journal': { 'journal.jsonl': journalOf(0, 12), 'snapshot.json': snapshotUpTo(5) },
  'a snapshot that is to take its place': {
    'journal.jsonl': journalOf(5, 12),
    'journal.prev.jsonl': journalOf(0, 5),
    'journal.jsonl.new': journalOf(12, 12),
    'snapshot.json': snapshotUpTo(5),
    'snapshot.json.new': snapshotUpTo(12),
  },
  'no newest snapshot': {
    'journal.jsonl': journalOf(5, 12),
    'journal.prev.jsonl': journalOf(0, 5),
    'journal.jsonl.new': journalOf(12, 12),
    'snapshot.prev.json': snapshotUpTo(5),
    'snapshot.json.new': snapshotUpTo(12),
  },
  'a snapshot that overlaps its journal': {
    'journal.jsonl': journalOf(5, 12),
    'journal.prev.jsonl': journalOf(0, 5),
    'journal.jsonl.new': journalOf(12, 12),
    'snapshot.json': snapshotUpTo(12),
    'snapshot.prev.json': snapshotUpTo(5),
  },
  'a journal that has not taken its place': {
    'journal.prev.jsonl': journalOf(5, 12),
    'journal.jsonl.new': journalOf(12, 12),
    'snapshot.json': snapshotUpTo(12),
    'snapshot.prev.json': snapshotUpTo(5),
  },
  'two of each': {
    'journal.jsonl': journalOf(10, 12),
    'journal.prev.jsonl': journalOf(5, 10),
    'snapshot.json': snapshotUpTo(10),
    'snapshot.prev.json': snapshotUpTo(5),
  },
  'the newest snapshot is spoilt': {
    'journal.jsonl': journalOf(10, 12),
    'journal.prev.jsonl': journalOf(5, 10),
    'snapshot.json': Buffer.from('{"v":1,'),
    'snapshot.prev.json': snapshotUpTo(5),
  },
  'the only snapshot is spoilt': {
    'journal.jsonl': journalOf(5, 12),
    'journal.prev.jsonl': journalOf(0, 5),
    'snapshot.json': Buffer.from('{"v":1,'),
  },
};

function folderOf(files: Readonly<Record<string, Buffer>>): string {
  const dir = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) fs.writeFileSync(path.join(dir, name), bytes);
  return dir;
}

describe.each(Object.entries(layouts))('%s', (_what, files) => {
  test('is read whole, and left as it is by who may only read', async () => {
    const dir = folderOf(files);
    const before = contentsOf(dir);
    const load = await peek(dir);
    expect(load.outcome).toBe('ok');
    expect(textsOf(load)).toEqual(numbers(12));
    expect(contentsOf(dir)).toEqual(before);
  });

  test('becomes one file at the first start', async () => {
    const dir = folderOf(files);
    const journal = journalIn(dir);
    expect(textsOf(await journal.load())).toEqual(numbers(12));
    expect(journal.append(notice(13), true).seq).toBe(13);
    journal.close();
    const left = fs.readdirSync(dir).filter(name => name !== 'journal.jsonl.new');
    expect(left.sort()).toEqual(['journal.end', 'journal.jsonl', 'journal.mark']);
    expect(textsOf(await peek(dir))).toEqual(numbers(13));
  });

  test.each(['journal.replace.before', 'journal.replace.written', 'journal.replace.renamed', 'journal.replace.done'])(
    'is whole when that fails at %s, and is made one by the next record',
    async point => {
      const dir = folderOf(files);
      armFailpoints(`${point}:throw:1`);
      const journal = journalIn(dir);
      expect(textsOf(await journal.load())).toEqual(numbers(12));
      expect(journal.trouble()).toMatchObject({ name: 'JournalWriteError' });
      expect(textsOf(await peek(dir))).toEqual(numbers(12));
      journal.append(notice(13), true);
      journal.close();
      expect(textsOf(await peek(dir))).toEqual(numbers(13));
    },
  );
});

test.each([
  ['both snapshots are spoilt', { 'snapshot.json': Buffer.from('x'), 'snapshot.prev.json': Buffer.from('y') }],
  ['no snapshot is left', { 'snapshot.json': null, 'snapshot.prev.json': null }],
] as const)('%s: damaged, never empty', async (_what, changes) => {
  const dir = folderOf(layouts['two of each'] ?? {});
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes === null) fs.rmSync(path.join(dir, name));
    else fs.writeFileSync(path.join(dir, name), bytes);
  }
  expect(await peek(dir)).toMatchObject({ outcome: 'damaged', events: [notice(11), notice(12)] });
});

test('with its journal gone it is damaged, and recovery sets all of it aside', async () => {
  const dir = folderOf(layouts['two of each'] ?? {});
  fs.rmSync(path.join(dir, 'journal.jsonl'));
  const journal = journalIn(dir);
  expect(await journal.load()).toMatchObject({ outcome: 'damaged', message: expect.stringContaining('is missing') });
  journal.recover(['rebuilt']);
  journal.close();
  expect(textsOf(await peek(dir))).toEqual(['rebuilt']);
  expect(fs.readdirSync(dir).filter(name => name.includes('.damaged-'))).toHaveLength(3);
});
