import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readCgroup } from '../../../source/adapters/system/linux/cgroup.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** Lays out control group files below a temporary mount. */
function layOut(self: string, files: Readonly<Record<string, string>>) {
  const mount = temporaryFolder();
  for (const [path, text] of Object.entries({ ...files, self })) {
    mkdirSync(dirname(join(mount, path)), { recursive: true });
    writeFileSync(join(mount, path), `${text}\n`);
  }
  return { mount, self: join(mount, 'self') };
}

test('version 2: the tightest limit on the way to the root counts, file cache is not use', async () => {
  const files = layOut('0::/user/session', {
    'cpu.max': 'max 100000',
    'user/cpu.max': '150000 100000',
    'user/cpu.stat': 'usage_usec 7000\nuser_usec 1',
    'user/session/cpu.max': '400000 100000',
    'user/session/cpu.stat': 'usage_usec 1',
    'user/memory.max': '1000',
    'user/memory.current': '600',
    'user/memory.stat': 'anon 1\ninactive_file 200\n',
    'user/session/memory.max': 'max',
    'user/session/memory.current': '500',
  });
  expect(await readCgroup(files)).toEqual({
    cpu: { cores: 1.5, usedMicros: 7000 },
    memory: { used: 400, limit: 1000 },
  });
});

test('version 1: quota and accounts, and the huge number that means no limit', async () => {
  const files = layOut('4:memory:/box\n2:cpu,cpuacct:/box', {
    'cpu/box/cpu.cfs_quota_us': '50000',
    'cpu/box/cpu.cfs_period_us': '100000',
    'cpuacct/box/cpuacct.usage': '9000000',
    'memory/box/memory.limit_in_bytes': '500',
    'memory/box/memory.usage_in_bytes': '300',
    'memory/box/memory.stat': 'total_inactive_file 100',
    'memory/memory.limit_in_bytes': '9223372036854771712',
    'memory/memory.usage_in_bytes': '300',
  });
  expect(await readCgroup(files)).toEqual({ cpu: { cores: 0.5, usedMicros: 9000 }, memory: { used: 200, limit: 500 } });
});

test('in a container the own path may not exist: the root is the own group then', async () => {
  const files = layOut('0::/docker/abc', {
    'cpu.max': '200000 100000',
    'cpu.stat': 'usage_usec 5',
    'memory.max': '800',
    'memory.current': '80',
  });
  expect(await readCgroup(files)).toEqual({ cpu: { cores: 2, usedMicros: 5 }, memory: { used: 80, limit: 800 } });
});

test('no limit, no files, or nonsense: nothing is known', async () => {
  const nothing = { cpu: null, memory: null };
  expect(await readCgroup(layOut('0::/', { 'cpu.max': 'max 100000', 'memory.max': 'max' }))).toEqual(nothing);
  expect(await readCgroup({ mount: '/nowhere', self: '/nowhere/self' })).toEqual(nothing);
  expect(await readCgroup(layOut('0::/', { 'cpu.max': '0 0', 'memory.max': '-1', 'memory.current': 'x' }))).toEqual(
    nothing,
  );
  expect(await readCgroup(layOut('nonsense', { 'cpu/cpu.cfs_quota_us': '-1' }))).toEqual(nothing);
});
