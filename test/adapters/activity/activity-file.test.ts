import { appendFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ActivityReader, ActivityWriter, lastActivity } from '../../../source/adapters/activity/activity-file.ts';
import type { Activity } from '../../../source/domain/timeline/activity.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

function one(seq: number, text: string | null = `event ${seq}`): Activity {
  return { seq, ts: '2026-03-02T12:00:00.000Z', type: 'landed', key: 'US-001', level: 'info', text };
}

test('what was written is read once, as it grows, whole lines only', () => {
  const folder = temporaryFolder();
  const reader = new ActivityReader(folder);
  expect(reader.read()).toEqual([]);
  expect(lastActivity(folder)).toBeNull();
  const writer = new ActivityWriter(folder);
  writer.append(one(1));
  writer.append(one(2, null));
  expect(reader.read()).toEqual([one(1), one(2, null)]);
  expect(reader.read()).toEqual([]);
  const line = JSON.stringify(one(3));
  appendFileSync(join(folder, 'activity.jsonl'), line.slice(0, 20));
  expect(reader.read()).toEqual([]);
  appendFileSync(join(folder, 'activity.jsonl'), `${line.slice(20)}\nnot JSON\n{"seq":"x"}\n`);
  expect(reader.read()).toEqual([one(3)]);
  expect(lastActivity(folder)).toEqual(one(3));
  expect(statSync(join(folder, 'activity.jsonl')).mode & 0o777).toBe(0o600);
});

test('nothing is missed when the log is rotated, and a new reader begins in the previous file', () => {
  const folder = temporaryFolder();
  const writer = new ActivityWriter(folder);
  const reader = new ActivityReader(folder);
  writer.append(one(1));
  expect(reader.read()).toEqual([one(1)]);
  writer.append(one(2));
  renameSync(join(folder, 'activity.jsonl'), join(folder, 'activity.jsonl.1'));
  writer.append(one(3));
  expect(reader.read()).toEqual([one(2), one(3)]);
  expect(new ActivityReader(folder).read()).toEqual([one(1), one(2), one(3)]);
});

test('a log above its limit is rotated, and one that cannot be written keeps its lines for later', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'activity.jsonl');
  const writer = new ActivityWriter(folder);
  writer.append(one(1));
  truncateSync(file, 5 * 1024 * 1024);
  writer.append(one(2));
  expect(statSync(file).size).toBeLessThan(1000);
  const away = new ActivityWriter(join(folder, 'missing'));
  away.append(one(1));
  renameSync(folder, `${folder}-moved`);
  writer.append(one(3));
  renameSync(`${folder}-moved`, folder);
  writer.append(one(4));
  expect(new ActivityReader(folder).read().slice(-3)).toEqual([one(2), one(3), one(4)]);
});
