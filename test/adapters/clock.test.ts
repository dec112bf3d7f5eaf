import { execFileSync } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../source/adapters/clock.ts';

describe('the system clock', () => {
  test('makes ids of sixteen letters and digits, each once', () => {
    const ids = new Set(Array.from({ length: 5000 }, () => systemClock.newId()));
    expect(ids.size).toBe(5000);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]{16}$/);
    const letters = new Set([...ids].join(''));
    expect(letters.size).toBe(36);
  });

  test('runs on between processes', () => {
    const before = systemClock.monotonic();
    const between = Number(execFileSync(process.execPath, ['-p', 'Number(process.hrtime.bigint() / 1000n) / 1000']));
    const after = systemClock.monotonic();
    expect(before).toBeLessThan(between);
    expect(between).toBeLessThan(after);
  });

  test('fires a timer once and not after it was stopped', () => {
    vi.useFakeTimers();
    try {
      const fired: string[] = [];
      systemClock.setTimer(100, () => fired.push('short'));
      systemClock.setTimer(100, () => fired.push('stopped'))();
      const month = 31 * 24 * 3600 * 1000;
      systemClock.setTimer(month, () => fired.push('month'));
      vi.advanceTimersByTime(100);
      expect(fired).toEqual(['short']);
      vi.advanceTimersByTime(month - 101);
      expect(fired, 'a delay beyond 2^31 ms does not fire early').toEqual(['short']);
      vi.advanceTimersByTime(1);
      expect(fired).toEqual(['short', 'month']);
    } finally {
      vi.useRealTimers();
    }
  });
});
