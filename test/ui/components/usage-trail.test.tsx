import { afterEach, expect, test } from 'vitest';
import { UsageTrail } from '../../../source/ui/usage-trail.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';
import { busy, busyState, instances } from '../pictures.ts';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

const reading = (cpuPercent: number) => ({ cpuPercent, memoryBytes: 240e6, count: 3 });

test('a reading counts once, a bounded number is kept, a run that has ended is forgotten', () => {
  const trail = new UsageTrail();
  const first = { a: reading(10), b: reading(20) };
  trail.take(first);
  trail.take(first);
  trail.take({ a: reading(30) });
  expect([...trail.all()].map(([runId, { cpuTrail }]) => [runId, cpuTrail])).toEqual([['a', [10, 30]]]);
  for (let at = 0; at < 100; at++) trail.take({ a: reading(at) });
  expect(trail.all().get('a')?.cpuTrail).toHaveLength(12);
  expect(trail.all().get('a')?.cpuTrail.at(-1)).toBe(99);
  expect(trail.all()).toBe(trail.all());
});

test('readings that look like the one before change nothing', () => {
  const trail = new UsageTrail();
  for (let at = 0; at < 12; at++) trail.take({ a: reading(2) });
  const still = trail.all();
  for (const cpu of [1, 0, 2]) trail.take({ a: reading(cpu) });
  expect(trail.all()).toBe(still);
  trail.take({ a: reading(30) });
  expect(trail.all()).not.toBe(still);
  trail.take({});
  expect(trail.all().size).toBe(0);
});

test('the frame of a pane shows what the processes of its agent used lately', async () => {
  const handle = busy();
  running = await screenAt(handle, { columns: 160, rows: 45 });
  const runId = instances[3]?.runId ?? '';
  for (const cpu of [5, 50, 95]) {
    handle.usages = { [runId]: reading(cpu) };
    handle.set(busyState());
    await running.waitForText(new RegExp(`─ ${cpu} % .*240 MB`));
  }
  await running.waitForText(/─ 95 % (.)\1\1▁▅█ 240 MB/);
});
