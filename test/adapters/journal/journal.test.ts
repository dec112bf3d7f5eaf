import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeRecord, type Migrations } from '../../../source/adapters/journal/record.ts';
import { judgeStore, readStore } from '../../../source/adapters/journal/store.ts';
import { journalIn, notice, peek, textsOf, writeNotices } from '../../helpers/core/journals.ts';
import { contentsOf, temporaryFolder } from '../../helpers/temporary-folder.ts';

const numbers = (count: number, first = 1): string[] =>
  Array.from({ length: count }, (_, index) => `n${index + first}`);
const record = (v: number, seq: number, type: string, data: unknown): Buffer =>
  encodeRecord({ v, seq, ts: '2024-01-01T00:00:00.000Z', boot: 'b', up: 1, type, data }).line;

describe('round trip', () => {
  test('a new journal is empty, private, and gives back what was appended', async () => {
    const dir = path.join(temporaryFolder(), 'cm-tui');
    const journal = journalIn(dir);
    expect(await journal.load()).toEqual({ outcome: 'ok', events: [], tornTail: false, snapshot: null, remarks: [] });
    const written = journal.append(notice(1), true);
    expect(written).toEqual({
      v: 1,
      seq: 1,
      ts: '2023-11-14T22:13:20.000Z',
      boot: 'boot-1',
      up: 1235,
      type: 'notice-raised',
      data: { at: 1, level: 'info', text: 'n1', runId: null },
      crc: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    journal.append({ at: 2, type: 'coordinator-stopped', reason: 'Ünïcode \u2028 "quoted" 🙂 \ud800' }, false);
    journal.close();
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    expect(fs.statSync(path.join(dir, 'journal.jsonl')).mode & 0o777).toBe(0o600);
    expect(await journalIn(dir).load()).toMatchObject({
      outcome: 'ok',
      tornTail: false,
      events: [notice(1), { at: 2, type: 'coordinator-stopped', reason: 'Ünïcode \u2028 "quoted" 🙂 \ud800' }],
    });
  });

  test('order is that of the sequence numbers, whatever the wall clock does', async () => {
    const dir = temporaryFolder();
    const times = [2e12, 1e12, 1.5e12, 0];
    const journal = journalIn(dir, { now: () => times.shift() ?? 5e11 });
    await journal.load();
    for (let n = 1; n <= 5; n++) journal.append(notice(n), true);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(numbers(5));
  });

  test('a second process that loads read-only changes nothing and may not append', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    fs.appendFileSync(path.join(dir, 'journal.jsonl'), '{"v":1,"seq":4');
    const before = contentsOf(dir);
    const journal = journalIn(dir);
    expect(await journal.load({ readOnly: true })).toMatchObject({ outcome: 'ok', tornTail: true });
    expect(() => journal.append(notice(4), true)).toThrow(/read-only here/);
    expect(contentsOf(dir)).toEqual(before);
    const missing = path.join(dir, 'nothing-here');
    expect(await peek(missing)).toMatchObject({ outcome: 'ok', events: [] });
    expect(fs.existsSync(missing)).toBe(false);
  });
});

describe('a journal cut short', () => {
  test('at every byte: no event before the cut is lost, and writing goes on after it', async () => {
    const source = temporaryFolder();
    await writeNotices(source, 5);
    const whole = fs.readFileSync(path.join(source, 'journal.jsonl'));
    const ends = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index);
    const [headerEnd = 0, ...eventEnds] = ends;
    const dir = temporaryFolder();
    for (let cut = 0; cut <= whole.length; cut++) {
      const kept = numbers(eventEnds.filter(end => end <= cut).length);
      const bytes = whole.subarray(0, cut);
      const chain = judgeStore({ ...readStore(dir), mark: null, journal: bytes }, {});
      expect(chain.kind, `cut ${cut}`).toBe(cut < headerEnd ? 'damaged' : 'ok');
      const found = chain.kind === 'ok' ? chain.events.map(entry => entry.event) : [];
      expect(found, `cut ${cut}`).toEqual(kept.map((_, index) => notice(index + 1)));
      // On disk, and with what comes after, at the ends of lines and at every eleventh byte.
      const near = ends.some(end => Math.abs(end - cut) <= 1);
      if (cut >= headerEnd && (near || cut % 11 === 0)) await goOn(dir, bytes, kept);
    }
  });

  async function goOn(dir: string, bytes: Buffer, kept: readonly string[]): Promise<void> {
    fs.writeFileSync(path.join(dir, 'journal.jsonl'), bytes);
    const journal = journalIn(dir);
    expect(textsOf(await journal.load()), `cut ${bytes.length}`).toEqual(kept);
    journal.append(notice(99), true);
    journal.close();
    const again = await peek(dir);
    expect(again, `cut ${bytes.length}`).toMatchObject({ outcome: 'ok', tornTail: false });
    expect(textsOf(again), `cut ${bytes.length}`).toEqual([...kept, 'n99']);
    for (const name of ['journal.end', 'journal.jsonl', 'journal.mark'])
      fs.rmSync(path.join(dir, name), { force: true });
  }

  test('the torn bytes are set aside, not deleted', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 2);
    fs.appendFileSync(path.join(dir, 'journal.jsonl'), '{"v":1,"seq":3,"ts');
    const load = await journalIn(dir).load();
    const aside = fs.readdirSync(dir).filter(name => name.startsWith('journal.jsonl.corrupt-'));
    expect(aside).toHaveLength(1);
    expect(fs.readFileSync(path.join(dir, aside[0] ?? ''), 'utf8')).toBe('{"v":1,"seq":3,"ts');
    expect(load).toMatchObject({ outcome: 'ok', tornTail: true, remarks: [expect.stringContaining(aside[0] ?? '-')] });
  });

  test('a hole of zeros where blocks never reached the disk is a torn end', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 3);
    const file = path.join(dir, 'journal.jsonl');
    const content = fs.readFileSync(file);
    content.fill(0, content.length - 60, content.length - 1);
    fs.writeFileSync(file, content);
    fs.rmSync(path.join(dir, 'journal.mark'));
    const load = await journalIn(dir).load();
    expect(load).toMatchObject({ outcome: 'ok', tornTail: true });
    expect(textsOf(load)).toEqual(numbers(2));
  });
});

describe('damage in the middle', () => {
  test('every single flipped bit is noticed and what is given back is always a true beginning', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 4);
    const store = readStore(dir);
    const whole = store.journal ?? Buffer.alloc(0);
    const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    const clean = judgeStore(store, {});
    const all = clean.kind === 'ok' ? clean.events.map(entry => entry.event) : [];
    expect(all).toHaveLength(4);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const chain = judgeStore({ ...store, journal: flipped }, {});
      if (chain.kind === 'fresh') throw new Error(`bit ${bit} made the journal look new`);
      const noticed = chain.kind === 'damaged' || (bit >> 3 >= lastLine && chain.torn !== null);
      expect(noticed || (bit >> 3 === whole.length - 1 && chain.events.length === 4), `bit ${bit}`).toBe(true);
      const events = chain.events.map(entry => entry.event);
      expect(events, `bit ${bit}`).toEqual(all.slice(0, events.length));
      if (chain.kind === 'ok') expect(events.length, `bit ${bit}`).toBeGreaterThanOrEqual(3);
    }
  });

  test.each([
    ['a line is missing', (lines: string[]) => lines.toSpliced(2, 1), 3],
    ['a line stands twice', (lines: string[]) => lines.toSpliced(2, 0, lines[2] ?? ''), 4],
    ['two lines are exchanged', (lines: string[]) => [lines[0], lines[2], lines[1], ...lines.slice(3)], 2],
    ['the header is missing', (lines: string[]) => lines.slice(1), 1],
    ['a whole last line is garbage', (lines: string[]) => [...lines.slice(0, -1), 'garbage', ''], 6],
    ['everything is gone', () => [''], 1],
  ] as const)('%s', async (_what, edit, line) => {
    const dir = temporaryFolder();
    await writeNotices(dir, 4);
    const file = path.join(dir, 'journal.jsonl');
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    fs.writeFileSync(file, edit(lines).join('\n'));
    const before = contentsOf(dir);
    const journal = journalIn(dir);
    const load = await journal.load();
    expect(load).toMatchObject({ outcome: 'damaged', line, message: expect.stringContaining('nothing is written') });
    expect(() => journal.append(notice(9), true)).toThrow(/nothing is written to it/);
    journal.close();
    expect(contentsOf(dir)).toEqual(before);
  });

  test.each([
    ['a record in the middle', 2, [1], [3, 4]],
    ['the header', 0, [], [1, 2, 3, 4]],
    ['the record before the last', 3, [1, 2], [4]],
  ] as const)('what stands whole behind it is given as well: %s is spoilt', async (_what, at, before, after) => {
    const dir = temporaryFolder();
    await writeNotices(dir, 4);
    const file = path.join(dir, 'journal.jsonl');
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    fs.writeFileSync(file, lines.with(at, `${lines[at]?.slice(0, 20)}#${lines[at]?.slice(21)}`).join('\n'));
    const load = await peek(dir);
    expect(load).toMatchObject({ outcome: 'damaged', events: before.map(notice), later: after.map(notice) });
  });

  test('recovery sets everything aside, begins on the rebuilt state and goes on', async () => {
    const dir = temporaryFolder();
    await writeNotices(dir, 4);
    const file = path.join(dir, 'journal.jsonl');
    const old = fs.readFileSync(file);
    old[old.length >> 1] = 0x21;
    fs.writeFileSync(file, old);
    const journal = journalIn(dir);
    expect((await journal.load()).outcome).toBe('damaged');
    journal.recover(['rebuilt']);
    journal.append(notice(7), true);
    journal.close();
    const aside = fs.readdirSync(dir).filter(name => name.startsWith('journal.jsonl.damaged-'));
    expect(fs.readFileSync(path.join(dir, aside[0] ?? '')).equals(old)).toBe(true);
    expect(textsOf(await peek(dir))).toEqual(['rebuilt', 'n7']);
  });
});

describe('versions', () => {
  const store = (...lines: Buffer[]): string => {
    const dir = temporaryFolder();
    fs.writeFileSync(path.join(dir, 'journal.jsonl'), Buffer.concat(lines));
    return dir;
  };

  test.each([
    ['a newer version', [record(1, 0, 'journal-opened', {}), record(2, 1, 'notice-raised', { at: 1 })]],
    ['a newer header', [record(7, 0, 'journal-opened', {})]],
    ['an older version without a way up', [record(0, 0, 'journal-opened', {})]],
    [
      'a type that this version does not know',
      [record(1, 0, 'journal-opened', {}), record(1, 1, 'moon-landed', { at: 1 })],
    ],
  ])('%s is refused and left alone', async (_what, lines) => {
    const dir = store(...lines);
    const before = contentsOf(dir);
    await expect(journalIn(dir).load()).rejects.toMatchObject({ name: 'CmError', exitCode: 3 });
    expect(contentsOf(dir)).toEqual(before);
  });

  test('an older version is brought up to date record by record', async () => {
    // A made-up version 0 whose data is the bare text of a notice.
    const migrations: Migrations = {
      0: old => ({ ...old, data: typeof old.data === 'string' ? { ...noticeData, text: old.data } : {} }),
    };
    const noticeData = { at: 5, level: 'info', runId: null };
    const dir = store(
      record(0, 0, 'journal-opened', null),
      record(0, 1, 'notice-raised', 'old'),
      record(1, 2, 'notice-raised', { ...noticeData, text: 'new' }),
    );
    const load = await journalIn(dir, { migrations }).load();
    expect(load).toMatchObject({
      outcome: 'ok',
      events: [
        { at: 5, text: 'old' },
        { at: 5, text: 'new' },
      ],
    });
  });

  test('a whole record with a wrong shape is damage', async () => {
    const dir = store(record(1, 0, 'journal-opened', {}), record(1, 1, 'notice-raised', { text: 'no time' }));
    expect(await journalIn(dir).load()).toMatchObject({ outcome: 'damaged', line: 2 });
  });
});

describe('compaction', () => {
  const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
  async function compacted(count: number, every: number): Promise<string> {
    const dir = temporaryFolder();
    const state: string[] = [];
    const journal = journalIn(dir, { snapshotState: () => state, compactEvery: every });
    await journal.load();
    for (let n = 1; n <= count; n++) {
      journal.append(notice(n), false);
      state.push(`n${n}`);
      await turn();
    }
    journal.close();
    return dir;
  }

  test('every so many records the fold takes the place of the records, in the one file', async () => {
    const dir = await compacted(17, 5);
    expect(fs.readdirSync(dir).sort()).toEqual(['journal.end', 'journal.jsonl', 'journal.mark']);
    const load = await peek(dir);
    expect(load.snapshot).toEqual({ seq: 15, state: numbers(15) });
    expect(load.events).toEqual([notice(16), notice(17)]);
    const journal = journalIn(dir);
    await journal.load();
    expect(journal.append(notice(18), true).seq).toBe(18);
    journal.close();
    expect(textsOf(await peek(dir))).toEqual(numbers(18));
  });

  test('what is due is done after the first record, never before, when the loaded events may not be folded yet', async () => {
    const dir = await compacted(7, 500);
    const state = numbers(7);
    const journal = journalIn(dir, { compactEvery: 5, snapshotState: () => state });
    await journal.load();
    await turn();
    expect((await peek(dir)).snapshot).toBeNull();
    journal.append(notice(8), true);
    state.push('n8');
    await turn();
    journal.close();
    expect(await peek(dir)).toMatchObject({ snapshot: { seq: 8, state: numbers(8) }, events: [] });
  });

  test.each(['the fold', 'the header'])(
    'with %s spoilt it is damaged, never empty, and what follows is kept',
    async what => {
      const dir = await compacted(17, 5);
      const file = path.join(dir, 'journal.jsonl');
      const content = fs.readFileSync(file);
      const at = what === 'the header' ? 20 : content.indexOf(0x0a) + 20;
      content[at] = (content[at] ?? 0) ^ 4;
      fs.writeFileSync(file, content);
      expect(await peek(dir)).toMatchObject({ outcome: 'damaged', events: [], later: [notice(16), notice(17)] });
    },
  );

  test('a fold that stands anywhere but behind the header is damage', async () => {
    const dir = await compacted(7, 5);
    const file = path.join(dir, 'journal.jsonl');
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    fs.writeFileSync(file, [...lines.slice(0, 2), lines[1], ...lines.slice(2)].join('\n'));
    expect(await peek(dir)).toMatchObject({ outcome: 'damaged', line: 3 });
  });
});
