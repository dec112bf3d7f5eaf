import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  capacityOf,
  initialResources,
  nextResources,
  type Reading,
  type ResourceStatus,
} from '../../source/domain/capacity.ts';

const limits = { maxParallel: 4, maxCpuPercent: 80, maxMemoryPercent: 80 };
const quiet = { justStarted: 0 };
const reading = (cpuPercent: number | null, memoryPercent: number | null = 20): Reading => ({
  cpuPercent,
  memoryPercent,
  diskPercent: 40,
  freeDiskBytes: 10,
});
/** The status after the same reading so often that smoothing has settled. */
const settle = (value: Reading, from: ResourceStatus = initialResources, context = quiet) =>
  Array.from({ length: 20 }).reduce<ResourceStatus>(status => nextResources(status, value, limits, context), from);

describe('the table', () => {
  test.each([
    [0, 20, 4, 'below 50 %'],
    [49, 49, 4, 'below 50 %'],
    [50, 20, 3, 'CPU 50 %'],
    [69, 20, 3, 'CPU 69 %'],
    [72, 20, 2, 'CPU 72 %'],
    [80, 20, 1, 'CPU 80 %'],
    [100, 20, 1, 'CPU 100 %'],
    [10, 55, 3, 'memory 55 %'],
    [60, 90, 1, 'memory 90 %'],
  ])('CPU %s %%, memory %s %%: %s', (cpu, memory, capacity, explanation) => {
    expect(nextResources(initialResources, reading(cpu, memory), limits, quiet)).toMatchObject({
      capacity,
      explanation,
    });
  });

  test('scales with maxParallel and never falls below one', () => {
    const table = (maxParallel: number) => ([0, 1, 2, 3] as const).map(band => capacityOf(band, maxParallel));
    expect(table(4)).toEqual([4, 3, 2, 1]);
    expect(table(8)).toEqual([8, 6, 4, 2]);
    expect(table(2)).toEqual([2, 2, 1, 1]);
    expect(table(1)).toEqual([1, 1, 1, 1]);
  });

  test('the settings move the last edge, down to below the others', () => {
    const at = (cpu: number, maxCpuPercent: number) =>
      nextResources(initialResources, reading(cpu), { ...limits, maxCpuPercent }, quiet).capacity;
    expect([at(85, 80), at(85, 90), at(65, 60), at(45, 40), at(35, 40)]).toEqual([1, 2, 1, 1, 4]);
  });
});

describe('over time', () => {
  test('the first reading counts as it is, later ones are smoothed', () => {
    const first = nextResources(initialResources, reading(90), limits, quiet);
    expect(first.capacity).toBe(1);
    const spike = nextResources(settle(reading(10)), reading(85), limits, quiet);
    expect(spike).toMatchObject({ capacity: 4, cpuPercent: 85 });
    expect(settle(reading(85), spike).capacity).toBe(1);
  });

  test('a better band is entered only well below its edge', () => {
    const busy = settle(reading(55));
    expect(busy.capacity).toBe(3);
    expect(settle(reading(46), busy).capacity).toBe(3);
    expect(settle(reading(44), busy).capacity).toBe(4);
    expect(settle(reading(46)).capacity).toBe(4);
    expect(settle(reading(51), settle(reading(46))).capacity).toBe(3);
  });

  test('does not rise while agents have just started, but may fall', () => {
    const busy = settle(reading(75));
    const started = settle(reading(10), busy, { justStarted: 1 });
    expect(started).toMatchObject({ capacity: 2, explanation: 'agents just started' });
    expect(settle(reading(10), started)).toMatchObject({ capacity: 4, explanation: 'below 50 %' });
    expect(settle(reading(95), busy, { justStarted: 1 }).capacity).toBe(1);
  });

  test('a first look at a machine that was busy for a moment is corrected at once', () => {
    const first = nextResources(initialResources, reading(60), limits, quiet);
    expect(first.capacity).toBe(3);
    expect(nextResources(first, reading(5), limits, { justStarted: 3 }).capacity).toBe(4);
  });

  test('an estimate counts until the first measurement, which replaces it', () => {
    const busy = nextResources(initialResources, { ...reading(100), estimated: true }, limits, quiet);
    expect(busy).toMatchObject({ capacity: 1, explanation: 'CPU 100 %', source: 'estimate' });
    const measured = nextResources(busy, reading(10), limits, { justStarted: 1 });
    expect(measured).toMatchObject({ capacity: 4, smoothedCpu: 10, source: 'measured', cpuHistory: [10] });
    const calm = nextResources(initialResources, { ...reading(5), estimated: true }, limits, quiet);
    expect(nextResources(calm, reading(95), limits, quiet).capacity).toBe(1);
  });

  test('a reading that fails is unknown, allows one run and says what is missing', () => {
    const before = settle(reading(10));
    for (const [failed, explanation] of [
      [reading(null), 'CPU cannot be read'],
      [reading(10, null), 'memory cannot be read'],
      [reading(null, null), 'CPU and memory cannot be read'],
    ] as const) {
      expect(nextResources(before, failed, limits, quiet)).toMatchObject({ capacity: 1, explanation });
    }
    const after = nextResources(nextResources(before, reading(null), limits, quiet), reading(10), limits, quiet);
    expect(after.capacity).toBe(4);
    expect(initialResources).toMatchObject({ capacity: 1, band: null, source: 'none' });
  });

  test('keeps the last sixty values and no failed ones', () => {
    let status = initialResources;
    for (let at = 0; at < 70; at += 1) status = nextResources(status, reading(at % 5 === 0 ? null : at), limits, quiet);
    expect(status.cpuHistory).toHaveLength(56);
    for (let at = 0; at < 70; at += 1) status = nextResources(status, reading(at), limits, quiet);
    expect(status.cpuHistory).toHaveLength(60);
    expect(status.cpuHistory.at(-1)).toBe(69);
  });
});

test('whatever is read: capacity within bounds, and steady under a steady load', () => {
  const value = fc.oneof(fc.constant(null), fc.double({ min: 0, max: 100, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value, fc.nat(2)), { maxLength: 40 }),
      fc.integer({ min: 1, max: 16 }),
      (all, max) => {
        const own = { ...limits, maxParallel: max };
        let status = initialResources;
        for (const [cpu, memory, justStarted] of all) {
          status = nextResources(status, reading(cpu, memory), own, { justStarted });
          const unknown = cpu === null || memory === null;
          if (unknown ? status.capacity !== 1 : status.capacity < 1 || status.capacity > max) return false;
        }
        const steady = settle(reading(48, 30), status);
        return settle(reading(48, 30), steady).band === steady.band;
      },
    ),
  );
});
