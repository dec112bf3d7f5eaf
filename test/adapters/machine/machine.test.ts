import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createMachine, type MachineSources } from '../../../source/adapters/machine/machine.ts';
import type { CgroupReading } from '../../../source/adapters/system/port.ts';

const gibibyte = 1024 ** 3;
const noGroup: CgroupReading = { cpu: null, memory: null };

/** A machine of four cores whose clock moves a second at every look, 40 % of it busy. */
function fakeSources(changes: Partial<MachineSources> = {}, clock = { ms: 0 }, busyShare = 0.4): MachineSources {
  return {
    loadAverage: () => 12,
    memoryNow: () => ({ total: 100, available: 90 }),
    times() {
      clock.ms += 1000;
      return { busy: clock.ms * 4 * busyShare, all: clock.ms * 4, cores: 4 };
    },
    memory: async () => ({ total: 100, available: 70 }),
    cgroup: async () => noGroup,
    disk: async () => ({ blocks: 100, bavail: 25, bsize: gibibyte }),
    ownMicros: async () => 0,
    now: () => clock.ms,
    ...changes,
  };
}

const measuring = (sources: MachineSources) => {
  const machine = createMachine({ diskPath: '/' }, sources);
  const first = machine.read();
  // The first reading is an estimate, whatever the sources measure.
  return { read: () => first.then(() => machine.read()) };
};
const read = (changes: Partial<MachineSources>) => measuring(fakeSources(changes)).read();

describe('the first reading', () => {
  test('is an estimate from what the kernel knows at once, and waits for no measurement', async () => {
    const never = () => new Promise<never>(() => undefined);
    const sources = fakeSources({ memory: never });
    expect(await createMachine({ diskPath: '/' }, sources).read()).toEqual({
      cpuPercent: 12,
      memoryPercent: expect.closeTo(10),
      diskPercent: 75,
      freeDiskBytes: 25 * gibibyte,
      estimated: true,
    });
  });

  test('a load average above the number of cores is a full machine, a missing one is unknown', async () => {
    const first = (changes: Partial<MachineSources>) => createMachine({ diskPath: '/' }, fakeSources(changes)).read();
    expect((await first({ loadAverage: () => 412 })).cpuPercent).toBe(100);
    const missing = () => {
      throw new Error('no load average');
    };
    expect(await first({ loadAverage: missing })).toMatchObject({
      cpuPercent: null,
      memoryPercent: expect.closeTo(10),
    });
    const tight = async (): Promise<CgroupReading> => ({ cpu: null, memory: { used: 40, limit: 50 } });
    expect((await first({ cgroup: tight })).memoryPercent).toBe(80);
  });
});

describe('a reading', () => {
  test('tells load, memory that cannot be given back, and the disk', async () => {
    expect(await read({})).toEqual({
      cpuPercent: 40,
      memoryPercent: 30.000000000000004,
      diskPercent: 75,
      freeDiskBytes: 25 * gibibyte,
    });
  });

  test('the load is that since the reading before', async () => {
    const seen = [
      { busy: 0, all: 0, cores: 4 },
      { busy: 400, all: 4000, cores: 4 },
      { busy: 4400, all: 8000, cores: 4 },
    ];
    const clock = { ms: 0 };
    const times = () => {
      clock.ms += 1000;
      return seen.shift() ?? { busy: 4400, all: 8000, cores: 4 };
    };
    const machine = measuring(fakeSources({ times }, clock));
    expect([(await machine.read()).cpuPercent, (await machine.read()).cpuPercent]).toEqual([10, 100]);
    expect((await machine.read()).cpuPercent).toBeNull();
  });

  test('what this program burns while it starts is left out, later it counts', async () => {
    const clock = { ms: 0 };
    // One of four cores is busy with this program alone: 25 of the 40 percent.
    const machine = measuring(fakeSources({ ownMicros: async () => clock.ms * 1000 }, clock));
    expect((await machine.read()).cpuPercent).toBeCloseTo(15);
    clock.ms += 5000;
    expect((await machine.read()).cpuPercent).toBeCloseTo(15);
    clock.ms += 5000;
    expect((await machine.read()).cpuPercent).toBe(40);
  });

  test('a part that fails, or is no number, is unknown and spoils nothing else', async () => {
    const broken = () => {
      throw new Error('no such file');
    };
    const fail = async () => broken();
    expect(await read({ times: broken })).toMatchObject({ cpuPercent: null, diskPercent: 75 });
    expect(await read({ memory: fail })).toMatchObject({ cpuPercent: 40, memoryPercent: null });
    expect(await read({ memory: async () => ({ total: 0, available: 0 }) })).toMatchObject({ memoryPercent: null });
    expect(await read({ disk: fail })).toMatchObject({ cpuPercent: 40, diskPercent: null, freeDiskBytes: null });
    expect(await read({ disk: async () => ({ blocks: 0, bavail: 0, bsize: 0 }) })).toMatchObject({
      freeDiskBytes: null,
    });
    expect(await read({ cgroup: fail })).toMatchObject({ cpuPercent: 40 });
    const none = () => ({ busy: Number.NaN, all: Number.NaN, cores: 0 });
    expect(await read({ times: none })).toMatchObject({ cpuPercent: null });
  });

  test('a load that could not be read is read once it can', async () => {
    const sources = fakeSources();
    let calls = 0;
    const times = () => {
      calls += 1;
      if (calls === 1) throw new Error('not yet');
      return sources.times();
    };
    const machine = measuring({ ...sources, times });
    expect((await machine.read()).cpuPercent).toBeNull();
    expect((await machine.read()).cpuPercent).toBe(40);
  });
});

describe('in a control group', () => {
  test('its own use of the cores it may use counts, where that is worse than the machine', async () => {
    const clock = { ms: 0 };
    // Two of four cores allowed, one and a half used.
    const cgroup = async (): Promise<CgroupReading> => ({
      cpu: { cores: 2, usedMicros: clock.ms * 1500 },
      memory: null,
    });
    const reading = await measuring(fakeSources({ cgroup }, clock)).read();
    expect(reading.cpuPercent).toBeCloseTo(75);
  });

  test('a machine that others keep busy counts too', async () => {
    const cgroup = async (): Promise<CgroupReading> => ({ cpu: { cores: 2, usedMicros: 0 }, memory: null });
    expect(await read({ cgroup })).toMatchObject({ cpuPercent: 40 });
  });

  test('a limit that is no tighter than the machine is none', async () => {
    const cgroup = async (): Promise<CgroupReading> => ({
      cpu: { cores: 8, usedMicros: 0 },
      memory: { used: 99, limit: 100 },
    });
    expect((await read({ cgroup })).memoryPercent).toBeCloseTo(30);
    const tight = async (): Promise<CgroupReading> => ({ cpu: null, memory: { used: 40, limit: 50 } });
    expect((await read({ cgroup: tight })).memoryPercent).toBe(80);
  });
});

test('the real machine can be read', async () => {
  const machine = createMachine({ diskPath: tmpdir() });
  const first = await machine.read();
  let second = await machine.read();
  // The kernel counts in ticks: there may have been none.
  while (second.cpuPercent === null) second = await machine.read();
  for (const reading of [first, second]) {
    for (const value of [reading.cpuPercent, reading.memoryPercent, reading.diskPercent]) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(100);
    }
    expect(reading.freeDiskBytes).toBeGreaterThan(0);
  }
});
