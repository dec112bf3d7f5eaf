import { describe, expect, test } from 'vitest';
import { until, Workshop } from '../../helpers/programs/processes.ts';

describe('usage of a run', () => {
  test('counts the whole tree, also what has left the session', async () => {
    const shop = new Workshop();
    await shop.start('setsid sh -c "echo \\$\\$ >daemon; exec sleep 100" & sleep 100 & exec sleep 100');
    await shop.pidIn('daemon');
    const usage = await until(async () => {
      const all = await shop.processes.usage([shop.runId]);
      const one = all[shop.runId];
      return one?.count === 4 ? one : null;
    });
    expect(usage.memoryBytes).toBeGreaterThan(1024 * 1024);
  });

  test('measures processor time between two calls', async () => {
    const shop = new Workshop();
    await shop.start('while :; do :; done');
    expect((await shop.processes.usage([shop.runId]))[shop.runId]?.cpuPercent).toBe(0);
    const busy = await until(async () => {
      const percent = (await shop.processes.usage([shop.runId]))[shop.runId]?.cpuPercent ?? 0;
      return percent > 0 ? percent : null;
    });
    expect(busy).toBeGreaterThan(0);
  });

  test('is empty for a run that is not there', async () => {
    const shop = new Workshop();
    expect(await shop.processes.usage([])).toEqual({});
    expect(await shop.processes.usage(['eeeeeeeeeeeeeeee'])).toEqual({
      eeeeeeeeeeeeeeee: { cpuPercent: 0, memoryBytes: 0, count: 0 },
    });
  });
});
