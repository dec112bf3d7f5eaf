import { statfs } from 'node:fs/promises';
import type { MachinePort, MachineReading } from '../../ports/machine.ts';
import { cgroupCpuCores, cgroupMemory } from './cgroup.ts';

export interface MachineOptions {
  /** Any existing folder on the disk that holds the worktrees. */
  readonly diskPath: string;
}

/** Time between the call that primes the load counters and the first real reading. */
const primeMs = 150;

/**
 * The machine through systeminformation, which is loaded (730 kB) and primed in the background when this is made: its first load value
 * is an average since boot and is thrown away. Readings are the whole machine's, this program included; where the process lives in a
 * tighter control group, the group's limits count instead. What cannot be read is null.
 */
export function createMachine(options: MachineOptions): MachinePort {
  const primed = prime();
  // The first `read` tells what was wrong; nobody waits for the priming itself.
  primed.catch(() => undefined);
  return {
    async read() {
      const [cpuPercent, memoryPercent, disk] = await Promise.all([
        primed.then(cpu).catch(() => null),
        primed.then(memory).catch(() => null),
        readDisk(options.diskPath),
      ]);
      return { cpuPercent: percent(cpuPercent), memoryPercent: percent(memoryPercent), ...disk };
    },
  };
}

type Information = typeof import('systeminformation');

async function prime(): Promise<Information> {
  const module = await import('systeminformation');
  const information = 'default' in module ? (module.default as Information) : module;
  await information.currentLoad();
  await new Promise(resolve => setTimeout(resolve, primeMs));
  return information;
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
