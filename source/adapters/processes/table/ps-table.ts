import { execFileSync } from 'node:child_process';
import { loadExeca } from '../execa.ts';
import type { Cookie, ProcessEntry, ProcessTable } from './table-types.ts';

/** Columns whose values hold no blanks, then the start time, which does. */
const columns = 'pid=,ppid=,pgid=,stat=,time=,rss=,lstart=';
const quietEnv = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC0' };

/** `ps`, for systems without `/proc`. Start times are whole seconds. */
export const psTable: ProcessTable = { bootId, read, list, cookie, mark: async () => null };

let knownBootId: string | null = null;

function bootId(): string {
  knownBootId ??= execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], {
    encoding: 'utf8',
    env: quietEnv,
  }).trim();
  return knownBootId;
}

async function read(pid: number): Promise<ProcessEntry | null> {
  return parsePs(await ps(['-o', columns, '-p', String(pid)]))[0] ?? null;
}

async function list(): Promise<readonly ProcessEntry[]> {
  return parsePs(await ps(['-A', '-o', columns]));
}

/** `ps` appends the environment to the command; systems that hide it for their own programs read as "unreadable". */
async function cookie(pid: number): Promise<Cookie> {
  const text = await ps(['eww', '-o', 'command=', '-p', String(pid)]);
  if (text === '') return { runId: null };
  const found = /(?:^| )CM_RUN_ID=([A-Za-z0-9_-]+)(?: |$)/m.exec(text)?.[1];
  return found === undefined ? 'unreadable' : { runId: found };
}

/** Lines of `ps -o pid=,ppid=,pgid=,stat=,time=,rss=,lstart=`; lines that are none are left out. */
export function parsePs(text: string): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const line of text.split('\n')) {
    const [, pid, parent, group, state = '', time = '', rss, startTime = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\S.*?)\s*$/.exec(line) ?? [];
    if (pid === undefined) continue;
    entries.push({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      startTime,
      startedAt: Date.parse(`${startTime} UTC`),
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
async function ps(args: readonly string[]): Promise<string> {
  return output('ps', args, [0, 1]);
}

async function output(file: string, args: readonly string[], answers: readonly number[] = [0]): Promise<string> {
  const { execa } = await loadExeca();
  const result = await execa(file, args, {
    env: quietEnv,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: 10_000,
  });
  if (result.exitCode === undefined || !answers.includes(result.exitCode)) {
    throw new Error(`${file} did not answer: ${result.shortMessage ?? 'no exit code'}`);
  }
  return result.stdout.trimEnd();
}
