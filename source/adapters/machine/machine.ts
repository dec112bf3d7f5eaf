import { statfs } from 'node:fs/promises';
import type { MachinePort, MachineReading } from '../../ports/machine.ts';
import type { CgroupReading } from '../system/port.ts';
import { system as operatingSystem } from '../system/system.ts';

interface MachineOptions {
  /** Any existing folder on the disk that holds the worktrees. */
  readonly diskPath: string;
}

/** What a reading is made from; each call may fail, which makes its part of the reading null. */
export interface MachineSources {
  /** Load of all cores since the previous call, in percent; the first call only sets the mark. */
  load(): Promise<{ readonly percent: number; readonly cores: number }>;
  memory(): Promise<{ readonly total: number; readonly available: number }>;
  cgroup(): Promise<CgroupReading>;
  disk(path: string): Promise<{ readonly blocks: number; readonly bavail: number; readonly bsize: number }>;
  /** Microseconds of processor time used so far by this program and the children it has waited for. */
  ownMicros(): Promise<number>;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  wait(ms: number): Promise<void>;
}

/** The library renews its load value at most every 200 ms; an earlier call gets the average since the machine was started. */
const primeMs = 210;
/** For so long after its start this program's own work (loading itself, asking git, drawing) says nothing about what is to come. */
const startUpMs = 3000;

/**
 * The machine through systeminformation, which is loaded and primed in the background when this is made; the first reading is there about
 * a quarter of a second later. Readings are the whole machine's; what this program itself burns while it starts is left out, later it
 * counts. Where the process lives in a tighter control group, the worse of group and machine counts. What cannot be read is null.
 */
export function createMachine(options: MachineOptions, sources: MachineSources = systemSources()): MachinePort {
  const processor = new Processor(sources);
  // Nobody waits for the priming itself; where it failed, the readings say so.
  const primed = processor.prime().catch(() => undefined);
  return {
    async read() {
      await primed;
      const cgroup = await attempt(() => sources.cgroup());
      const [cpuPercent, memoryPercent, disk] = await Promise.all([
        attempt(() => processor.read(cgroup?.cpu ?? null)),
        attempt(() => readMemory(sources, cgroup)),
        readDisk(sources, options.diskPath),
      ]);
      return { cpuPercent: percent(cpuPercent), memoryPercent: percent(memoryPercent), ...disk };
    },
  };
}

interface Mark {
  readonly at: number;
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

  async prime(): Promise<void> {
    const [, cgroup] = await Promise.all([this.#sources.load(), attempt(() => this.#sources.cgroup())]);
    this.#mark = await this.#take(cgroup?.cpu ?? null);
    await this.#sources.wait(primeMs);
  }

  async read(group: CgroupReading['cpu']): Promise<number> {
    const { percent: busy, cores } = await this.#sources.load();
    const before = this.#mark;
    const mark = await this.#take(group);
    this.#mark = mark;
    if (before === null) throw new Error('the processor load was never primed');
    const micros = (mark.at - before.at) * 1000;
    const starting = before.at - this.#madeAt < startUpMs;
    const own = starting && micros > 0 ? (100 * (mark.ownMicros - before.ownMicros)) / (micros * cores) : 0;
    const machine = Math.max(0, busy - own);
    if (group === null || group.cores >= cores || before.groupMicros === null || micros <= 0) return machine;
    const ownInGroup = (own * cores) / group.cores;
    const used = (100 * (group.usedMicros - before.groupMicros)) / (micros * group.cores);
    return Math.max(machine, used - ownInGroup);
  }

  async #take(group: CgroupReading['cpu']): Promise<Mark> {
    const at = this.#sources.now();
    return { at, ownMicros: await this.#sources.ownMicros(), groupMicros: group?.usedMicros ?? null };
  }
}

/** Reclaimable cache counts as free: `available`, not `free`. */
async function readMemory(sources: MachineSources, cgroup: CgroupReading | null): Promise<number> {
  const { total, available } = await sources.memory();
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
    async load() {
      const { currentLoad, cpus } = await (await information()).currentLoad();
      return { percent: currentLoad, cores: cpus.length };
    },
    memory: async () => (await information()).mem(),
    cgroup: () => operatingSystem().cgroup(),
    disk: path => statfs(path),
    async ownMicros() {
      const { user, system } = process.cpuUsage();
      return user + system + (await operatingSystem().childrenMicros());
    },
    now: () => performance.now(),
    wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
  };
}

/** A CommonJS module: bundled or not, its functions stand on `default` or on the namespace itself. */
async function loadInformation(): Promise<Information> {
  const module = await import('systeminformation');
  return 'default' in module ? (module.default as Information) : module;
}
