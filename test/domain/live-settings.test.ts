import { describe, expect, test } from 'vitest';
import { capacityOf, initialResources, underLimits } from '../../source/domain/capacity.ts';
import { changeSettings, describeSettingsChange } from '../../source/domain/settings/live-settings.ts';
import { defaultSettings } from '../../source/domain/settings.ts';

const notify = { bell: false, desktop: true, command: ['notify', 'me'] };
const read = {
  ...defaultSettings,
  theme: 'light',
  maxParallel: 9,
  checks: ['npm test'],
  approve: 'clean',
  targetBranch: 'next',
  notify,
} as const;

describe('settings that change while cm-tui runs', () => {
  test('count at once where a person wrote them; what was set up with them needs a restart, and is named', () => {
    const change = changeSettings(defaultSettings, read, true);
    expect(change.settings).toEqual({ ...read, targetBranch: null });
    expect(change.used.toSorted()).toEqual(['approve', 'checks', 'maxParallel', 'notify', 'theme']);
    expect(describeSettingsChange({ used: ['theme', 'maxParallel'], restart: change.restart })).toBe(
      'Settings in use from now on: theme, maxParallel. Restart cm-tui to use targetBranch.',
    );
  });

  test('that nobody is known to have written start no program and approve nothing', () => {
    const { settings, used, restart } = changeSettings(defaultSettings, read, false);
    expect(settings).toEqual({
      ...defaultSettings,
      theme: 'light',
      maxParallel: 9,
      notify: { bell: false, desktop: true },
    });
    expect(used.toSorted()).toEqual(['maxParallel', 'notify', 'theme']);
    expect(restart).toEqual([]);
  });

  test('that say the same say nothing', () => {
    const { settings, used, restart } = changeSettings(read, structuredClone({ ...read }), true);
    expect(settings).toEqual(read);
    expect(describeSettingsChange({ used, restart })).toBeNull();
  });
});

describe('other limits', () => {
  test('change the capacity with the reading that is known, and nothing while none is', () => {
    const known = { ...initialResources, cpuPercent: 10, memoryPercent: 10, smoothedCpu: 10, smoothedMemory: 10 };
    expect(underLimits({ ...known, band: 0 }, { ...defaultSettings, maxParallel: 9 }).capacity).toBe(capacityOf(0, 9));
    expect(underLimits({ ...known, band: 0 }, { ...defaultSettings, maxCpuPercent: 5 })).toMatchObject({
      capacity: 1,
      explanation: 'CPU 10 %',
    });
    expect(underLimits(initialResources, { ...defaultSettings, maxParallel: 9 })).toBe(initialResources);
  });
});
