import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CgroupReading } from '../port.ts';

export interface CgroupFiles {
  /** Where the hierarchy is mounted. */
  readonly mount: string;
  /** The list of the process's own groups. */
  readonly self: string;
}

const systemFiles: CgroupFiles = { mount: '/sys/fs/cgroup', self: '/proc/self/cgroup' };

/**
 * Reads both versions of control groups. A limit may be set on any ancestor, so the way up to the root is walked and the tightest
 * counts. In a container the own path may not exist below the mount: the root there is the container's own group.
 */
export async function readCgroup(files: CgroupFiles = systemFiles): Promise<CgroupReading> {
  const groups = await ownGroups(files.self);
  const unified = ancestors(files.mount, groups.get('') ?? '/');
  const legacy = (controller: string) => ancestors(join(files.mount, controller), groups.get(controller) ?? '/');
  const cpu = [
    ...(await Promise.all(unified.map(unifiedCpu))),
    ...(await Promise.all(legacy('cpu').map(folder => legacyCpu(folder, legacy('cpuacct'))))),
  ];
  const memory = [
    ...(await Promise.all(unified.map(folder => memoryOf(folder, unifiedMemory)))),
    ...(await Promise.all(legacy('memory').map(folder => memoryOf(folder, legacyMemory)))),
  ];
  return { cpu: tightest(cpu, one => one.cores), memory: tightest(memory, one => one.limit - one.used) };
}

type Cpu = NonNullable<CgroupReading['cpu']>;

async function unifiedCpu(folder: string): Promise<Cpu | null> {
  const [quota, period] = ((await read(join(folder, 'cpu.max'))) ?? '').split(/\s+/);
  const used = field(await read(join(folder, 'cpu.stat')), 'usage_usec');
  return cpuOf(number(quota), number(period), used);
}

async function legacyCpu(folder: string, accounts: readonly string[]): Promise<Cpu | null> {
  const quota = number(await read(join(folder, 'cpu.cfs_quota_us')));
  if (quota === null || quota <= 0) return null;
  const period = number(await read(join(folder, 'cpu.cfs_period_us')));
  const nanos = await firstNumber(accounts.map(account => join(account, 'cpuacct.usage')));
  return cpuOf(quota, period, nanos === null ? null : nanos / 1000);
}

function cpuOf(quota: number | null, period: number | null, usedMicros: number | null): Cpu | null {
  if (quota === null || period === null || usedMicros === null || quota <= 0 || period <= 0) return null;
  return { cores: quota / period, usedMicros };
}

const unifiedMemory = { limit: 'memory.max', used: 'memory.current', cache: 'inactive_file' };
const legacyMemory = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cache: 'total_inactive_file',
};
/** Version 1 says "unlimited" with the largest multiple of a page that fits into 63 bits. */
const unlimited = 2 ** 60;

async function memoryOf(folder: string, names: typeof unifiedMemory): Promise<CgroupReading['memory']> {
  const limit = number(await read(join(folder, names.limit)));
  const used = number(await read(join(folder, names.used)));
  if (limit === null || used === null || limit <= 0 || limit >= unlimited) return null;
  const cache = field(await read(join(folder, 'memory.stat')), names.cache) ?? 0;
  return { used: Math.max(0, used - cache), limit };
}

/** Controller (or the empty string for version 2) → path of the own group. */
async function ownGroups(self: string): Promise<ReadonlyMap<string, string>> {
  const groups = new Map<string, string>();
  for (const line of ((await read(self)) ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const name of controllers.split(',')) groups.set(name, path);
  }
  return groups;
}

/** The group's folder and all above it, down to the mount itself. A path out of the own namespace (`/../…`) stays within the mount. */
function ancestors(mount: string, path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = join('/', path); at !== '/'; at = dirname(at)) folders.push(join(mount, at));
  return [...folders, mount];
}

function tightest<T>(found: readonly (T | null)[], room: (one: T) => number): T | null {
  let best: T | null = null;
  for (const one of found) if (one !== null && (best === null || room(one) < room(best))) best = one;
  return best;
}

async function firstNumber(paths: readonly string[]): Promise<number | null> {
  const values = await Promise.all(paths.map(read));
  return values.map(number).find(value => value !== null) ?? null;
}

async function read(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null;
  }
}

function field(text: string | null, name: string): number | null {
  return number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1]);
}

/** `max`, an empty file and a missing one are not numbers. */
function number(text: string | null | undefined): number | null {
  const value = text === null || text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
