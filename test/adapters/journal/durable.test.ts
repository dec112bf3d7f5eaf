import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { encodeRecord } from '../../../source/adapters/journal/record.ts';
import { writeDurably } from '../../../source/adapters/regular-file.ts';
import { journalIn, notice, writeNotices } from '../../helpers/core/journals.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

afterEach(() => vi.restoreAllMocks());

/** What reaches the disk and in which order, by the names of the files: `sync x`, `data x`, `rename a b`. */
function traced(): string[] {
  const calls: string[] = [];
  const nameOf = (fd: number): string => path.basename(fs.readlinkSync(`/proc/self/fd/${fd}`));
  const { fsyncSync, fdatasyncSync, renameSync } = fs;
  vi.spyOn(fs, 'fsyncSync').mockImplementation(fd => {
    calls.push(`sync ${nameOf(fd)}`);
    fsyncSync(fd);
  });
  vi.spyOn(fs, 'fdatasyncSync').mockImplementation(fd => {
    calls.push(`data ${nameOf(fd)}`);
    fdatasyncSync(fd);
  });
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    calls.push(`rename ${path.basename(String(from))} ${path.basename(String(to))}`);
    renameSync(from, to);
  });
  const { rmSync } = fs;
  vi.spyOn(fs, 'rmSync').mockImplementation((file, options) => {
    if (fs.existsSync(file)) calls.push(`remove ${path.basename(String(file))}`);
    rmSync(file, options);
  });
  return calls;
}

test('a file that is to be durable has its bytes and then its name on disk', () => {
  const dir = temporaryFolder();
  const calls = traced();
  writeDurably(path.join(dir, 'x'), 'text');
  expect(calls).toEqual(['sync x', `sync ${path.basename(dir)}`]);
  expect(fs.readFileSync(path.join(dir, 'x'), 'utf8')).toBe('text');
});

test('a journal takes its place only when it is on disk, and its name is on disk before anything is appended', async () => {
  const dir = temporaryFolder();
  const folder = `sync ${path.basename(dir)}`;
  const calls = traced();
  const journal = journalIn(dir, { snapshotState: () => ['n1', 'n2'] });
  await journal.load();
  const taking = ['sync journal.jsonl.new', folder, 'rename journal.jsonl.new journal.jsonl', folder];
  expect(calls.splice(0)).toEqual([...taking, 'sync journal.mark', folder]);
  journal.append(notice(1), true);
  expect(calls.splice(0)).toEqual(['data journal.jsonl']);
  journal.append(notice(2), false);
  expect(calls.splice(0)).toEqual([]);
  journal.compact();
  expect(calls.splice(0)).toEqual(['data journal.jsonl', ...taking]);
  journal.close();
});

test('a damaged journal has its other name on disk before a new one is begun', async () => {
  const dir = temporaryFolder();
  await writeNotices(dir, 4);
  const file = path.join(dir, 'journal.jsonl');
  const bytes = fs.readFileSync(file);
  bytes[bytes.length >> 1] = 0x21;
  fs.writeFileSync(file, bytes);
  const journal = journalIn(dir);
  expect((await journal.load()).outcome).toBe('damaged');
  const calls = traced();
  journal.recover(['rebuilt']);
  journal.close();
  expect(calls[0]).toMatch(/^rename journal\.jsonl journal\.jsonl\.damaged-/);
  expect(calls[1]).toBe(`sync ${path.basename(dir)}`);
});

test('a change of files of the old layout that was cut short is finished in an order that no power cut can break', async () => {
  const dir = temporaryFolder();
  const { type, ...data } = notice(1);
  const record = (seq: number, kind: string, content: unknown): Buffer =>
    encodeRecord({ v: 1, seq, ts: '2024-01-01T00:00:00.000Z', boot: 'b', up: 1, type: kind, data: content }).line;
  fs.writeFileSync(
    path.join(dir, 'journal.prev.jsonl'),
    Buffer.concat([record(0, 'journal-opened', {}), record(1, type, data)]),
  );
  fs.writeFileSync(path.join(dir, 'journal.jsonl.new'), record(1, 'journal-opened', {}));
  fs.writeFileSync(path.join(dir, 'snapshot.json'), record(1, 'snapshot', ['n1']));
  const calls = traced();
  const journal = journalIn(dir);
  await journal.load();
  journal.append(notice(2), true);
  journal.close();
  const folder = `sync ${path.basename(dir)}`;
  const taking = 'rename journal.jsonl.new journal.jsonl';
  expect(calls.slice(calls.indexOf(taking)).slice(0, 3)).toEqual([taking, folder, 'sync journal.jsonl.new']);
  const removed = calls.findLastIndex(call => /^remove (snapshot|journal\.prev)/.test(call));
  expect(removed).toBeGreaterThan(calls.lastIndexOf(taking));
  expect(calls[removed + 1]).toBe(folder);
});
