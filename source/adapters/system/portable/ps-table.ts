import { askProgram, askProgramNow } from '../../processes/ask-program.ts';
import type { Cookie, ProcessEntry, ProcessTable } from '../port.ts';

/** Each column by an option of its own: some systems take all that follows a `=` for the heading. The start time holds blanks. */
const columns = ['pid', 'ppid', 'pgid', 'stat', 'tty', 'time', 'rss', 'lstart'].flatMap(name => ['-o', `${name}=`]);

/** `ps`, which every POSIX system has. Start times are whole seconds; sessions and marks are unknown. */
export const psTable: ProcessTable = {
  bootId,
  read: async pid => parsePs(await ps([...columns, '-p', String(pid)]))[0] ?? null,
  list: async () => parsePs(await ps(['-A', ...columns])),
  cookie: async pid => (await cookies([pid])).get(pid) ?? { runId: null },
  cookies,
  marks: false,
  mark: async () => null,
  environment,
};

/** What kernels call the identity of one boot: macOS, FreeBSD, Linux. */
const bootNames = ['kern.bootsessionuuid', 'kern.boot_id', 'kernel.random.boot_id'];
let knownBootId: string | null = null;

/** Where the kernel has no such name, the start of the first process stands for the boot. A clock that is set does not move it. */
function bootId(): string {
  knownBootId ??= askProgramNow('sysctl', ['-n', ...bootNames]) || askProgramNow('ps', ['-o', 'lstart=', '-p', '1']);
  if (knownBootId === '') throw new Error('neither sysctl nor ps says when the machine was started');
  return knownBootId;
}

/** Processes that are gone are left out. */
async function cookies(pids: readonly number[]): Promise<ReadonlyMap<number, Cookie>> {
  const environments = await environmentsOf(pids);
  return new Map(
    [...environments].map(([pid, text]) => [pid, text === null ? 'unreadable' : { runId: cookieIn(text) }]),
  );
}

async function environment(pid: number): Promise<ReadonlyMap<string, string> | null> {
  const text = (await environmentsOf([pid])).get(pid) ?? null;
  if (text === null) return null;
  if (cookieIn(text) === null) return new Map();
  // A value may hold blanks; the next name with its `=` ends it.
  const pairs = text.split(/ (?=[A-Za-z_][A-Za-z0-9_]*=)/);
  return new Map(pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

function cookieIn(text: string): string | null {
  return /(?:^| )CM_RUN_ID=([A-Za-z0-9_-]+)(?: |$)/.exec(text)?.[1] ?? null;
}

/**
 * The environments of processes, their `NAME=value` parted by blanks. `ps` writes them behind the arguments: what it writes without them
 * is taken off, since any argument may look like a variable. Null where the system hides it, as macOS does for its own programs:
 * there `PATH` is missing, which every run has.
 */
async function environmentsOf(pids: readonly number[]): Promise<ReadonlyMap<number, string | null>> {
  if (pids.length === 0) return new Map();
  const [whole, bare] = await Promise.all([commands(withEnvironment, pids), commands(['-ww'], pids)]);
  const found = new Map<number, string | null>();
  for (const [pid, text] of whole) {
    const command = bare.get(pid);
    const rest = command !== undefined && text.startsWith(command) ? text.slice(command.length).trim() : '';
    found.set(pid, /(?:^| )PATH=/.test(rest) ? rest : null);
  }
  return found;
}

/** An `e` without a dash means the environment everywhere but on macOS, where it means all processes. */
const withEnvironment = process.platform === 'darwin' ? ['-E', '-ww'] : ['eww'];

/** What `ps` calls the command of each process; without those of which it says two things. */
async function commands(options: readonly string[], pids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const lines = (await ps([...options, '-o', 'pid=', '-o', 'command=', '-p', pids.join(',')])).split('\n');
  const found = new Map<number, string>();
  const twice = new Set<number>();
  for (const line of lines) {
    const [, number, command = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    if (number === undefined) continue;
    const pid = Number(number);
    if (found.has(pid)) twice.add(pid);
    found.set(pid, command);
  }
  for (const pid of twice) found.set(pid, '');
  return found;
}

/** Lines of `ps` with the columns above; lines that are none are left out. */
export function parsePs(text: string): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const line of text.split('\n')) {
    const [, pid, parent, group, state = '', terminal = '', time = '', rss, startTime = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\S.*?)\s*$/.exec(line) ?? [];
    if (pid === undefined) continue;
    entries.push({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      startTime,
      startedAt: Date.parse(`${startTime} UTC`),
      terminal: !/^(\?+|-)$/.test(terminal),
      zombie: state.startsWith('Z'),
      cpuMs: parseTime(time),
      memoryBytes: Number(rss) * 1024,
    });
  }
  return entries;
}

/** `[days-]hours:minutes:seconds`, the seconds with or without a fraction. */
function parseTime(text: string): number {
  const [days, rest] = text.includes('-') ? text.split('-') : ['0', text];
  const seconds = (rest ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}

/** Output of `ps`; it exits 1 for "no such process", which is an answer too. */
function ps(args: readonly string[]): Promise<string> {
  return askProgram('ps', args, [0, 1]);
}
