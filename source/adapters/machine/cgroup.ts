import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const mount = '/sys/fs/cgroup';

/** Cores that the process's control group may use, null where there is no such limit. */
export function cgroupCpuCores(root = mount, self = '/proc/self/cgroup'): number | null {
  const groups = ownGroups(self);
  const [quota, period] = (read(join(root, groups.unified, 'cpu.max')) ?? '').split(' ');
  if (quota !== undefined && quota !== '' && quota !== 'max') return ratio(Number(quota), Number(period));
  const folder = join(root, 'cpu', groups.named.get('cpu') ?? '/');
  const legacy = Number(read(join(folder, 'cpu.cfs_quota_us')) ?? Number.NaN);
  return legacy > 0 ? ratio(legacy, Number(read(join(folder, 'cpu.cfs_period_us')) ?? Number.NaN)) : null;
}

/** Memory that the control group uses (its reclaimable file cache left out) and may use, null where the machine itself is tighter. */
export function cgroupMemory(
  machineTotal: number,
  root = mount,
  self = '/proc/self/cgroup',
): { readonly used: number; readonly limit: number } | null {
  const groups = ownGroups(self);
  const unified = join(root, groups.unified);
  const legacy = join(root, 'memory', groups.named.get('memory') ?? '/');
  return (
    memoryIn(unified, 'memory.max', 'memory.current', 'inactive_file', machineTotal) ??
    memoryIn(legacy, 'memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file', machineTotal)
  );
}

function memoryIn(folder: string, limitFile: string, usedFile: string, cacheName: string, machineTotal: number) {
  const limit = Number(read(join(folder, limitFile)) ?? Number.NaN);
  const used = Number(read(join(folder, usedFile)) ?? Number.NaN);
  // "max" is not a number, and version 1 says "unlimited" with a huge one.
  if (!Number.isFinite(limit) || !Number.isFinite(used) || limit <= 0 || limit >= machineTotal) return null;
  const cache = Number(
    new RegExp(`^${cacheName} (\\d+)$`, 'm').exec(read(join(folder, 'memory.stat')) ?? '')?.[1] ?? 0,
  );
  return { used: Math.max(0, used - cache), limit };
}

function ownGroups(self: string): { readonly unified: string; readonly named: ReadonlyMap<string, string> } {
  const named = new Map<string, string>();
  let unified = '/';
  for (const line of (read(self) ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (controllers === '') unified = path;
    for (const name of controllers.split(',')) named.set(name, path);
  }
  return { unified, named };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function ratio(quota: number, period: number): number | null {
  const cores = quota / period;
  return Number.isFinite(cores) && cores > 0 ? cores : null;
}
