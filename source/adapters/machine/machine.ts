import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, loadavg, totalmem } from 'node:os';
import type { MachinePort, MachineReading } from '../../ports/machine.ts';
import type { CgroupReading } from '../system/port.ts';
import { system as operatingSystem } from '../system/system.ts';

interface MachineOptions {
  /** Any existing folder on the disk that holds the worktrees. */
  readonly diskPath: string;
}

/** What a reading is made from; each call may fail, which makes its part of the reading null. */
export interface MachineSources {
  /** Load average of the last minute, per core, in percent; known at once. Throws where the system has none. */
  loadAverage(): number;
  /** What the kernel says of the memory; known at once. */
  memoryNow(): { readonly total: number; readonly available: number };
  /** Milliseconds that all cores together have spent since the machine was started: working, and altogether. */
  times(): { readonly busy: number; readonly all: number; readonly cores: number };
  memory(): Promise<{ readonly total: number; readonly available: number }>;
  cgroup(): Promise<CgroupReading>;
  disk(path: string): Promise<{ readonly blocks: number; readonly bavail: number; readonly bsize: number }>;
  /** Microseconds of processor time used so far by this program and the children it has waited for. */
  ownMicros(): Promise<number>;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** For so long after its start this program's own work (loading itself, asking git, drawing) says nothing about what is to come. */
const startUpMs = 3000;

/**
 * The machine. The first reading comes from the load average and the kernel's memory figures, at once; later ones measure the load since
 * the reading before, and read the memory through systeminformation, which is loaded with the second one. Readings are the whole
 * machine's; what this program itself burns while it starts is left out, later it counts. Where the process lives in a tighter control
 * group, the worse of group and machine counts. What cannot be read is null.
 */
export function createMachine(options: MachineOptions, sources: MachineSources = systemSources()): MachinePort {
  const processor = new Processor(sources);
  let readings = 0;
  return {
    async read() {
      const estimated = readings++ === 0;
      const cgroup = await attempt(() => sources.cgroup());
      const [measured, memoryPercent, disk] = await Promise.all([
        attempt(() => processor.read(cgroup?.cpu ?? null)),
        attempt(async () => memoryUsed(estimated ? sources.memoryNow() : await sources.memory(), cgroup)),
        readDisk(sources, options.diskPath),
      ]);
      const cpuPercent = estimated ? await attempt(async () => sources.loadAverage()) : measured;
      const reading = { cpuPercent: percent(cpuPercent), memoryPercent: percent(memoryPercent), ...disk };
      return estimated ? { ...reading, estimated } : reading;
    },
  };
}

interface Mark {
  readonly at: number;
  readonly busy: number;
  readonly all: number;
  readonly ownMicros: number;
  readonly groupMicros: number | null;
}

/** The processor load between one reading and the next. */
class Processor {
  readonly #sources: MachineSources;
  readonly #madeAt: number;
  #mark: Mark | null = null;

  constructor(sources: MachineSources) {
    this.#sources = sources;
    this.#madeAt = sources.now();
  }

  /** Null: there is no earlier reading, or none that time has passed since. */
  async read(group: CgroupReading['cpu']): Promise<number | null> {
    const { busy, all, cores } = this.#sources.times();
    const before = this.#mark;
    const at = this.#sources.now();
    const mark = { at, busy, all, ownMicros: await this.#sources.ownMicros(), groupMicros: group?.usedMicros ?? null };
    this.#mark = mark;
    if (before === null || all <= before.all || at <= before.at) return null;
    const micros = (at - before.at) * 1000;
    const starting = before.at - this.#madeAt < startUpMs;
    const own = starting ? (100 * (mark.ownMicros - before.ownMicros)) / (micros * cores) : 0;
    const machine = Math.max(0, (100 * (busy - before.busy)) / (all - before.all) - own);
    if (group === null || group.cores >= cores || before.groupMicros === null) return machine;
    const ownInGroup = (own * cores) / group.cores;
    const used = (100 * (group.usedMicros - before.groupMicros)) / (micros * group.cores);
    return Math.max(machine, used - ownInGroup);
  }
}

/** Reclaimable cache counts as free: `available`, not `free`. */
function memoryUsed(
  { total, available }: { readonly total: number; readonly available: number },
  cgroup: CgroupReading | null,
): number {
  const machine = 100 * (1 - available / total);
  const group = cgroup?.memory ?? null;
  return group === null || group.limit >= total ? machine : Math.max(machine, (100 * group.used) / group.limit);
}

async function readDisk(
  sources: MachineSources,
  path: string,
): Promise<Pick<MachineReading, 'diskPercent' | 'freeDiskBytes'>> {
  const disk = await attempt(() => sources.disk(path));
  if (disk === null || !(disk.blocks > 0)) return { diskPercent: null, freeDiskBytes: null };
  return { diskPercent: percent(100 * (1 - disk.bavail / disk.blocks)), freeDiskBytes: disk.bavail * disk.bsize };
}

async function attempt<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}

function percent(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Math.min(100, Math.max(0, value));
}

type Information = typeof import('systeminformation');

function systemSources(): MachineSources {
  let loading: Promise<Information> | null = null;
  const information = () => {
    loading ??= loadInformation();
    return loading;
  };
  return {
    loadAverage() {
      // Windows has no load average and says 0, which would pass for an idle machine.
      if (process.platform === 'win32') throw new Error('no load average');
      return (100 * (loadavg()[0] ?? Number.NaN)) / availableParallelism();
    },
    memoryNow: () => ({ total: totalmem(), available: freemem() }),
    times() {
      const cores = cpus();
      let [busy, all] = [0, 0];
      for (const { times } of cores) {
        const sum = times.user + times.nice + times.sys + times.idle + times.irq;
        busy += sum - times.idle;
        all += sum;
      }
      return { busy, all, cores: cores.length };
    },
    memory: async () => (await information()).mem(),
    cgroup: () => operatingSystem().cgroup(),
    disk: path => statfs(path),
    async ownMicros() {
      const { user, system } = process.cpuUsage();
      return user + system + (await operatingSystem().childrenMicros());
    },
    now: () => performance.now(),
  };
}

/** A CommonJS module: bundled or not, its functions stand on `default` or on the namespace itself. */
async function loadInformation(): Promise<Information> {
  const module = await import('systeminformation');
  return 'default' in module ? (module.default as Information) : module;
}
