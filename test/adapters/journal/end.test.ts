import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { armFailpoints } from '../../../source/adapters/failpoint.ts';
import { encodeRecord, type RawRecord } from '../../../source/adapters/journal/record.ts';
import type { JournalLoad } from '../../../source/ports/journal.ts';
import { journalIn, notice, peek, textsOf, writeNotices } from '../../helpers/core/journals.ts';
import { contentsOf, temporaryFolder } from '../../helpers/temporary-folder.ts';

afterEach(() => armFailpoints(null));

const fileOf = (dir: string): string => path.join(dir, 'journal.jsonl');
const linesOf = (dir: string): string[] => fs.readFileSync(fileOf(dir), 'utf8').trimEnd().split('\n');

/** A record as cm-tui itself would write it, with a right number and checksum. */
function forged(dir: string, data: object, by = 1): string {
  const last = JSON.parse(linesOf(dir).at(-1) ?? '') as RawRecord;
  const record = { ...last, seq: last.seq + by, type: 'notice-raised', data: { at: 9, level: 'info', ...data } };
  return encodeRecord(record).line.toString();
}

const forgery = { text: 'forged', runId: null };

/** Whoever reads it hears of it, and nothing is touched. */
async function heard(dir: string): Promise<JournalLoad> {
  const before = contentsOf(dir);
  const load = await peek(dir);
  expect(await journalIn(dir).load()).toEqual(load);
  expect(contentsOf(dir)).toEqual(before);
  return load;
}

describe('a journal that somebody else wrote into while nobody ran', () => {
  test('one record more: damaged, and only what its writer wrote counts', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    fs.appendFileSync(fileOf(dir), forged(dir, forgery));
    expect(await heard(dir)).toMatchObject({
      outcome: 'damaged',
      events: [notice(1), notice(2), notice(3)],
      later: [],
      message: expect.stringContaining('record 4 was added to journal.jsonl by another program'),
    });
    const journal = journalIn(dir);
    await journal.load();
    journal.recover(['rebuilt']);
    // No number is given twice.
    expect(journal.append(notice(9), true).seq).toBe(6);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['rebuilt', 'n9']);
  });

  test('several of them, the last cut short', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    fs.appendFileSync(fileOf(dir), forged(dir, forgery));
    fs.appendFileSync(fileOf(dir), forged(dir, forgery));
    fs.appendFileSync(fileOf(dir), forged(dir, forgery).slice(0, 20));
    expect(await heard(dir)).toMatchObject({
      outcome: 'damaged',
      events: [notice(1), notice(2), notice(3)],
      message: expect.stringContaining('records 4 to 5 were added'),
    });
  });

  test.each<readonly [string, (dir: string) => void]>([
    [
      'a record in the middle exchanged, byte for byte as long',
      dir => {
        const lines = linesOf(dir);
        const second = JSON.parse(lines[2] ?? '') as RawRecord;
        const data = { ...(second.data as object), text: 'x2' };
        fs.writeFileSync(
          fileOf(dir),
          `${lines
            .with(
              2,
              encodeRecord({ ...second, data })
                .line.toString()
                .trim(),
            )
            .join('\n')}\n`,
        );
      },
    ],
    [
      'all of it written anew under its id',
      dir => {
        const [header = ''] = linesOf(dir);
        const lines = [1, 2, 3, 4].map(seq => {
          const first = JSON.parse(linesOf(dir)[1] ?? '') as RawRecord;
          return encodeRecord({ ...first, seq }).line.toString();
        });
        fs.writeFileSync(fileOf(dir), `${header}\n${lines.join('')}`);
      },
    ],
  ])('%s: nothing of it is built on', async (_what, rewrite) => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    rewrite(dir);
    expect(await heard(dir)).toMatchObject({
      outcome: 'damaged',
      events: [],
      message: expect.stringContaining('journal.jsonl was rewritten by another program'),
    });
  });

  test('the last record exchanged: only those before it count', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    const line = forged(dir, forgery, 0);
    fs.writeFileSync(fileOf(dir), `${linesOf(dir).slice(0, -1).join('\n')}\n${line}`);
    expect(await heard(dir)).toMatchObject({
      outcome: 'damaged',
      events: [notice(1), notice(2)],
      message: expect.stringContaining('record 3 was added'),
    });
  });

  test('after a restart of the machine nobody can tell, since the end need not have reached the disk', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    const end = fs.readFileSync(path.join(dir, 'journal.end'));
    const journal = journalIn(dir);
    await journal.load();
    journal.append(notice(4), true);
    journal.close();
    // The power went: the record is on disk, the end is as it was.
    fs.writeFileSync(path.join(dir, 'journal.end'), end);
    expect(textsOf(await journalIn(dir, { bootId: 'boot-2' }).load({ readOnly: true }))).toEqual([
      'n1',
      'n2',
      'n3',
      'n4',
    ]);
    expect((await peek(dir)).outcome).toBe('damaged');
  });

  test.each([
    ['missing', (file: string) => fs.rmSync(file)],
    ['empty', (file: string) => fs.writeFileSync(file, '')],
  ])('without an end (%s), as earlier versions leave it, it is what it says, and gets one', async (_what, spoil) => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    spoil(path.join(dir, 'journal.end'));
    const journal = journalIn(dir);
    expect(textsOf(await journal.load())).toEqual(['n1', 'n2', 'n3']);
    journal.close();
    fs.appendFileSync(fileOf(dir), forged(dir, forgery));
    expect((await peek(dir)).outcome).toBe('damaged');
  });
});

describe('a writer that is killed', () => {
  test.each(['journal.append.before', 'journal.append.half', 'journal.append.written', 'journal.append.sync'])(
    'at %s leaves a journal that is its own',
    async point => {
      const dir = temporaryFolder();
      await writeNotices(dir, 2);
      const journal = journalIn(dir);
      await journal.load();
      // What it would have cut off again, had it lived.
      armFailpoints(`${point}:throw,journal.append.truncate:throw`);
      expect(() => journal.append(notice(3), true)).toThrow();
      armFailpoints(null);
      expect((await peek(dir)).outcome).toBe('ok');
      const next = journalIn(dir);
      expect(textsOf(await next.load()).slice(0, 2)).toEqual(['n1', 'n2']);
      next.append(notice(4), true);
      next.close();
      expect(textsOf(await peek(dir)).at(-1)).toBe('n4');
    },
  );

  test.each(['journal.replace.before', 'journal.replace.written', 'journal.replace.renamed', 'journal.replace.done'])(
    'while it compacts, at %s, too',
    async point => {
      const dir = temporaryFolder();
      const journal = journalIn(dir, { snapshotState: () => ['n1', 'n2'] });
      await journal.load();
      journal.append(notice(1), true);
      journal.append(notice(2), true);
      armFailpoints(`${point}:throw`);
      try {
        journal.compact();
      } catch {
        // It says so; here only what is on disk matters.
      }
      armFailpoints(null);
      expect(textsOf(await peek(dir))).toEqual(['n1', 'n2']);
    },
  );
});

describe('while it is written', () => {
  test('who wrote into it is told of once, and what they wrote is gone', async () => {
    const dir = temporaryFolder();
    const heardOf: number[] = [];
    const journal = journalIn(dir, { onForeign: count => heardOf.push(count) });
    await journal.load();
    journal.append(notice(1), true);
    fs.appendFileSync(fileOf(dir), forged(dir, forgery));
    expect(() => journal.append(notice(2), true)).toThrow(/was changed by another program/);
    journal.append(notice(2), true);
    journal.append(notice(3), true);
    expect(heardOf).toEqual([1]);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['n1', 'n2', 'n3']);
  });

  test('what was written and is changed now is not gone on with', async () => {
    const dir = temporaryFolder();
    const journal = journalIn(dir);
    await journal.load();
    journal.append(notice(1), true);
    journal.append(notice(2), true);
    const line = forged(dir, forgery, 0);
    fs.writeFileSync(fileOf(dir), `${linesOf(dir).slice(0, -1).join('\n')}\n${line}${forged(dir, forgery)}`);
    expect(() => journal.append(notice(3), true)).toThrow(/was changed by another program/);
    expect(() => journal.append(notice(3), true)).toThrow(/have been changed.*doctor --recover/);
    journal.close();
    expect((await peek(dir)).outcome).toBe('damaged');
  });
});
