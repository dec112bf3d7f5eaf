import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { RunFollower } from '../../../source/adapters/logs/run-follower.ts';
import { StreamTimes } from '../../../source/adapters/logs/stream-times.ts';
import { createTextReader } from '../../../source/agents/programs/plain.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a mark is written at once and at the end of its second; a later start reads the times', () => {
  const folder = temporaryFolder();
  const times = new StreamTimes(folder, true);
  times.grew('out', { from: 0, end: 10, at: 1000 });
  times.grew('out', { from: 10, end: 20, at: 1400 });
  times.grew('out', { from: 20, end: 30, at: 9000 });
  times.end('out');
  const again = new StreamTimes(folder, false);
  expect([5, 10, 20, 21, 30, 31].map(end => again.timeOf('out', end))).toEqual([1000, 1000, 1000, 9000, 9000, null]);
  expect(again.timeOf('err', 1)).toBeNull();
  expect(again.cuts('out', 0, 30)).toEqual([10, 20]);
  writeFileSync(join(folder, 'times'), 'nonsense\nout 5 7\n');
  expect(new StreamTimes(folder, false).timeOf('out', 5)).toBe(7);
});

test('lines keep the time at which they were written over a restart; what nobody followed has none', async () => {
  const folder = temporaryFolder();
  const log = join(folder, 'out.log');
  writeFileSync(log, 'before anybody looked\n');
  const hour = 3_600_000;
  const begun = Date.now() + hour;
  const clock = vi.spyOn(Date, 'now').mockReturnValue(begun);
  const follow = (notes: boolean) =>
    new RunFollower(
      folder,
      createTextReader,
      () => undefined,
      true,
      Buffer.alloc(4096),
      text => text,
      notes,
    );
  const read = async (follower: RunFollower, at: number) => {
    clock.mockReturnValue(at);
    while (await follower.step());
  };
  const first = follow(true);
  await read(first, begun);
  appendFileSync(log, 'one\n');
  await read(first, begun + 2000);
  appendFileSync(log, 'two\nthree\n');
  await read(first, begun + 7000);
  await first.close();
  const wanted = [
    ['before anybody looked', null],
    ['one', begun + 2000],
    ['two', begun + 7000],
    ['three', begun + 7000],
  ];
  expect(first.ring.view().map(({ text, time }) => [text, time])).toEqual(wanted);
  const second = follow(false);
  await read(second, begun + hour);
  await second.close();
  expect(second.ring.view().map(({ text, time }) => [text, time])).toEqual(wanted);
});
