import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { MachinePort, MachineReading } from '../../ports/machine.ts';
import { cgroupCpuCores, cgroupMemory } from './cgroup.ts';

export interface MachineOptions {
  /** Any existing folder on the disk that holds the worktrees. */
  readonly diskPath: string;
}

/** Length of one look at the load counters at the start. */
const firstLookMs = 100;
const firstLooks = 2;

/**
 * The machine through systeminformation, which is loaded (730 kB) and primed in the background when this is made: its first load value
 * is an average since boot and is thrown away. Readings are the whole machine's; where the process lives in a tighter control group,
 * the group's limits count instead. What cannot be read is null.
 *
 * The first reading decides how many agents start at once, just when this program itself is busiest. So it is the lowest of two short
 * looks with our own work (and that of the git processes we waited for) taken out; every later reading is the plain one.
 */
export function createMachine(options: MachineOptions): MachinePort {
  const information = import('systeminformation').then(module =>
    'default' in module ? (module.default as Information) : module,
  );
  let first: Promise<number> | null = information.then(firstLoad);
  // Whoever reads is told what was wrong.
  first.catch(() => undefined);
  return {
    async read() {
      const load = first ?? information.then(cpu);
      first = null;
      const [cpuPercent, memoryPercent, disk] = await Promise.all([
        load.catch(() => null),
        information.then(memory).catch(() => null),
        readDisk(options.diskPath),
      ]);
      return { cpuPercent: percent(cpuPercent), memoryPercent: percent(memoryPercent), ...disk };
    },
  };
}

type Information = typeof import('systeminformation');

async function firstLoad(information: Information): Promise<number> {
  await information.currentLoad();
  const cores = availableParallelism();
  let lowest = 100;
  for (let look = 0; look < firstLooks; look++) {
    const [began, ownBefore] = [performance.now(), ownCpuMs()];
    await new Promise(resolve => setTimeout(resolve, firstLookMs));
    const all = await cpu(information);
    const own = (100 * (ownCpuMs() - ownBefore)) / ((performance.now() - began) * cores);
    lowest = Math.min(lowest, Math.max(0, all - own));
  }
  return lowest;
}

/** Processor time of this process and of the children it has waited for, in milliseconds. */
function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenCpuMs();
}

/** Kernel ticks of user-visible times, 100 a second on every Linux that Node runs on. */
const tickMs = 10;

function childrenCpuMs(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // Behind the name in brackets the fields begin with the third; children's times are the 16th and 17th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * tickMs;
  } catch {
    return 0;
  }
}

async function cpu(information: Information): Promise<number> {
  const { currentLoad, cpus } = await information.currentLoad();
  const allowed = cgroupCpuCores();
  const cores = cpus.length;
  return allowed === null || allowed >= cores ? currentLoad : (currentLoad * cores) / allowed;
}

/** Reclaimable cache counts as free: `available`, not `free`. */
async function memory(information: Information): Promise<number> {
  const { total, available } = await information.mem();
  const machine = 100 * (1 - available / total);
  const group = cgroupMemory(total);
  return group === null ? machine : Math.max(machine, (100 * group.used) / group.limit);
}

async function readDisk(path: string): Promise<Pick<MachineReading, 'diskPercent' | 'freeDiskBytes'>> {
  try {
    const { blocks, bavail, bsize } = await statfs(path);
    return { diskPercent: percent(100 * (1 - bavail / blocks)), freeDiskBytes: bavail * bsize };
  } catch {
    return { diskPercent: null, freeDiskBytes: null };
  }
}

function percent(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Math.min(100, Math.max(0, value));
}
