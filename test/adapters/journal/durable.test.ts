import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { writeDurably } from '../../../source/adapters/regular-file.ts';
import { journalIn, notice } from '../../helpers/core/journals.ts';
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
