import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JournalOptions } from '../../../source/adapters/journal/journal.ts';
import { journalIn, notice, peek, textsOf, writeNotices } from '../../helpers/core/journals.ts';
import { contentsOf, temporaryFolder } from '../../helpers/temporary-folder.ts';

const fileOf = (dir: string): string => path.join(dir, 'journal.jsonl');
const markOf = (dir: string): string => path.join(dir, 'journal.mark');
const seqOf = (dir: string): number => Number(fs.readFileSync(markOf(dir), 'utf8').trim().split(' ')[1]);

describe('the mark of a journal', () => {
  test('follows what is on disk and never leads', async () => {
    const dir = temporaryFolder();
    const journal = journalIn(dir);
    await journal.load();
    expect(seqOf(dir)).toBe(0);
    journal.append(notice(1), true);
    expect(seqOf(dir)).toBe(1);
    journal.append(notice(2), false);
    expect(seqOf(dir)).toBe(1);
    journal.flush();
    expect(seqOf(dir)).toBe(2);
    journal.append(notice(3), false);
    journal.close();
    expect(seqOf(dir)).toBe(3);
  });

  test('stays through compaction, and with it the id of the journal', async () => {
    const dir = temporaryFolder();
    const journal = journalIn(dir, { snapshotState: () => ['n1'] });
    await journal.load();
    journal.append(notice(1), true);
    const before = fs.readFileSync(markOf(dir), 'utf8');
    journal.compact();
    expect(fs.readFileSync(markOf(dir), 'utf8')).toBe(before);
    journal.append(notice(2), true);
    expect(seqOf(dir)).toBe(2);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['n1', 'n2']);
  });

  test.each([
    ['missing', (dir: string) => fs.rmSync(markOf(dir))],
    ['empty, as a power cut may leave it', (dir: string) => fs.writeFileSync(markOf(dir), '')],
    ['no mark at all', (dir: string) => fs.writeFileSync(markOf(dir), 'what?\n')],
  ])('may be %s: then it says nothing, and is made again', async (_what, spoil) => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    spoil(dir);
    expect(textsOf(await peek(dir))).toEqual(['n1', 'n2', 'n3']);
    const journal = journalIn(dir);
    await journal.load();
    journal.append(notice(4), true);
    journal.close();
    expect(seqOf(dir)).toBe(4);
  });
});

describe('a journal that is not what was written', () => {
  const lines = (dir: string): string[] => fs.readFileSync(fileOf(dir), 'utf8').trimEnd().split('\n');
  const keep = (dir: string, count: number): void =>
    fs.writeFileSync(fileOf(dir), `${lines(dir).slice(0, count).join('\n')}\n`);

  test.each<readonly [string, (dir: string, other: string) => void, RegExp]>([
    ['is gone', dir => fs.rmSync(fileOf(dir)), /journal.jsonl is missing although 4 records were written to it/],
    ['is empty', dir => fs.writeFileSync(fileOf(dir), ''), /the file is empty/],
    ['has only its header', dir => keep(dir, 1), /ends at record 0, and record 4 was written/],
    ['has lost its last record', dir => keep(dir, 4), /ends at record 3, and record 4 was written/],
    [
      'was cut within a record',
      dir => fs.truncateSync(fileOf(dir), fs.statSync(fileOf(dir)).size - 5),
      /ends at record 3, and record 4 was written/,
    ],
    ['is another one', (dir, other) => fs.cpSync(fileOf(other), fileOf(dir)), /is not the one that was written here/],
  ])('%s: damaged, and nothing is touched', async (_what, lose, why) => {
    const [dir, other] = [temporaryFolder(), temporaryFolder()];
    await writeNotices(dir, 4);
    await writeNotices(other, 9);
    lose(dir, other);
    const before = contentsOf(dir);
    const load = await journalIn(dir).load();
    expect(load).toMatchObject({ outcome: 'damaged', message: expect.stringMatching(why) });
    expect(contentsOf(dir)).toEqual(before);
    // What another journal says is nothing to build on.
    expect(textsOf(load).every(text => !['n5', 'n9'].includes(text))).toBe(true);
  });

  test('is a damaged one in which later records have numbers of their own', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 4);
    keep(dir, 2);
    const journal = journalIn(dir);
    await journal.load();
    journal.recover(['rebuilt']);
    expect(journal.append(notice(9), true).seq).toBe(6);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['rebuilt', 'n9']);
  });

  test('nor is one that was set aside to be recovered, when the program died before the new one was there', async () => {
    const dir = temporaryFolder();
    fs.writeFileSync(path.join(dir, 'journal.jsonl.damaged-2024-01-01T00-00-00.000Z'), 'x');
    expect(await peek(dir)).toMatchObject({ outcome: 'damaged', message: expect.stringContaining('is missing') });
  });
});

describe('what stands around a journal that reads as whole', () => {
  const withStrangers = (found: readonly string[], place = '/a'): Partial<JournalOptions> & { asked: boolean[] } => {
    const asked: boolean[] = [];
    return {
      asked,
      place,
      strangers: async ({ unvouched }) => {
        asked.push(unvouched);
        return found;
      },
    };
  };

  test('makes it a damaged one where it knows nothing of it, whoever reads', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 2);
    for (const readOnly of [true, false]) {
      const load = await journalIn(dir, withStrangers(['1 worktree (/x)', '2 refs (a, b)'])).load({ readOnly });
      expect(load).toMatchObject({
        outcome: 'damaged',
        message: expect.stringContaining('journal.jsonl does not mention 1 worktree (/x), 2 refs (a, b)'),
        events: [notice(1), notice(2)],
      });
    }
  });

  test('makes a fresh one a missing one', async () => {
    const dir = path.join(temporaryFolder(), 'cm-tui');
    const journal = journalIn(dir, withStrangers(['1 worktree (/x)']));
    expect(await journal.load()).toMatchObject({
      outcome: 'damaged',
      message: expect.stringContaining('journal.jsonl is missing although there are 1 worktree (/x)'),
    });
    expect(fs.existsSync(dir)).toBe(false);
    journal.recover(['rebuilt']);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['rebuilt']);
  });

  test('is asked for more closely where nothing vouches for the journal', async () => {
    const dir = temporaryFolder();
    const load = async (place: string): Promise<boolean | undefined> => {
      const options = withStrangers([], place);
      const journal = journalIn(dir, options);
      await journal.load();
      journal.close();
      return options.asked[0];
    };
    expect(await load('/a'), 'fresh').toBe(true);
    expect(await load('/a'), 'as it was left').toBe(false);
    expect(await load('/b'), 'in another place').toBe(true);
    fs.rmSync(markOf(dir));
    expect(await load('/a'), 'without its mark').toBe(true);
    expect(await load('/a'), 'with its new mark').toBe(false);
  });

  test('and what another repository says of itself is not built on', async () => {
    const dir = temporaryFolder();
    const journal = journalIn(dir, { place: '/a' });
    await journal.load();
    journal.append(notice(1), true);
    journal.close();
    const here = journalIn(dir, withStrangers(['1 worktree (/x)'], '/b'));
    expect(await here.load()).toMatchObject({ outcome: 'damaged', events: [], snapshot: null });
    here.recover([]);
    here.close();
    expect((await journalIn(dir, withStrangers([], '/b')).load()).outcome).toBe('ok');
  });
});

describe('while it is written', () => {
  test.each<readonly [string, (dir: string) => void, RegExp]>([
    ['taken away', dir => fs.rmSync(fileOf(dir)), /was removed by another program/],
    ['emptied', dir => fs.truncateSync(fileOf(dir)), /was changed by another program/],
    ['exchanged', dir => fs.renameSync(path.join(dir, 'copy'), fileOf(dir)), /was changed by another program/],
  ])('it is noticed before the next record that it was %s', async (_what, lose, why) => {
    const dir = temporaryFolder();
    const journal = journalIn(dir);
    await journal.load();
    journal.append(notice(1), true);
    fs.copyFileSync(fileOf(dir), path.join(dir, 'copy'));
    journal.append(notice(2), true);
    lose(dir);
    expect(() => journal.append(notice(3), true)).toThrow(why);
    expect(() => journal.append(notice(3), true)).toThrow(/doctor --recover/);
    journal.close();
  });

  test.each([
    ['noise', () => Buffer.from('x')],
    ['a record with a right checksum', (last: Buffer) => Buffer.from(last)],
  ])('what somebody else has written into it does not count: %s', async (_what, forge) => {
    const dir = temporaryFolder();
    const forger = temporaryFolder();
    await writeNotices(forger, 3);
    const forged = fs.readFileSync(fileOf(forger), 'utf8').trimEnd().split('\n').at(-1) ?? '';
    const journal = journalIn(dir);
    await journal.load();
    journal.append(notice(1), true);
    journal.append(notice(2), true);
    fs.appendFileSync(fileOf(dir), forge(Buffer.from(`${forged}\n`)));
    expect(() => journal.append(notice(8), true)).toThrow(/was changed by another program/);
    journal.append(notice(9), true);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['n1', 'n2', 'n9']);
  });

  test('once it is put back, writing goes on', async () => {
    const dir = temporaryFolder();
    const journal = journalIn(dir);
    await journal.load();
    journal.append(notice(1), true);
    fs.renameSync(fileOf(dir), path.join(dir, 'elsewhere'));
    expect(() => journal.append(notice(2), true)).toThrow(/was removed/);
    expect(() => journal.append(notice(2), true)).toThrow(/is missing/);
    fs.renameSync(path.join(dir, 'elsewhere'), fileOf(dir));
    journal.append(notice(2), true);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(['n1', 'n2']);
  });
});
