import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Cookie, ProcessEntry, ProcessTable } from '../port.ts';
import { findMark } from '../run-mark.ts';

/** Entries read before the event loop gets a turn; one costs about 10 µs. */
const batch = 128;
const cookieName = Buffer.from('CM_RUN_ID=');

/** `/proc` of Linux. Reads are synchronous: the kernel answers from memory, a trip through the thread pool would cost more. */
export const linuxTable: ProcessTable = { bootId, read, list, cookie, cookies, marks: true, mark, environment };

let knownBootId: string | null = null;

function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return knownBootId;
}

async function read(pid: number): Promise<ProcessEntry | null> {
  return readEntry(pid);
}

async function list(): Promise<readonly ProcessEntry[]> {
  const entries: ProcessEntry[] = [];
  let seen = 0;
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const entry = readEntry(pid);
    if (entry !== null) entries.push(entry);
    seen += 1;
    if (seen % batch === 0) await breathe();
  }
  return entries;
}

async function cookie(pid: number): Promise<Cookie> {
  try {
    const environ = readFileSync(`/proc/${pid}/environ`);
    return environ.length === 0 ? 'unreadable' : { runId: findCookie(environ) };
  } catch (error) {
    if (isGone(error)) return { runId: null };
    if (hasCode(error, 'EACCES') || hasCode(error, 'EPERM')) return 'unreadable';
    throw error;
  }
}

async function cookies(pids: readonly number[]): Promise<ReadonlyMap<number, Cookie>> {
  const found = new Map<number, Cookie>();
  for (const pid of pids) found.set(pid, await cookie(pid));
  return found;
}

async function mark(pid: number): Promise<number | null> {
  try {
    return findMark(readFileSync(`/proc/${pid}/limits`, 'latin1'));
  } catch (error) {
    if (isGone(error) || hasCode(error, 'EACCES') || hasCode(error, 'EPERM')) return null;
    throw error;
  }
}

async function environment(pid: number): Promise<ReadonlyMap<string, string> | null> {
  try {
    const block = readFileSync(`/proc/${pid}/environ`);
    if (findCookie(block) === null) return new Map();
    const pairs = block
      .toString('utf8')
      .split('\0')
      .filter(pair => pair.includes('='));
    return new Map(pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  } catch (error) {
    if (isGone(error) || hasCode(error, 'EACCES') || hasCode(error, 'EPERM')) return null;
    throw error;
  }
}

/** The value of `CM_RUN_ID` in a block of NUL-ended `NAME=value`. */
function findCookie(environ: Buffer): string | null {
  let at = environ.indexOf(cookieName);
  while (at > 0 && environ[at - 1] !== 0) at = environ.indexOf(cookieName, at + 1);
  if (at < 0) return null;
  const start = at + cookieName.length;
  const end = environ.indexOf(0, start);
  return environ.toString('latin1', start, end < 0 ? environ.length : end);
}

function readEntry(pid: number): ProcessEntry | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** `pid (name) state …`: the name may hold blanks and brackets, so fields are counted after the last `)`. */
export function parseStat(text: string): ProcessEntry {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Numbers as in proc(5), where the state is field 3.
  const number = (field: number) => Number(fields[field - 3]);
  const { ticksPerSecond, pageSize } = kernelUnits();
  return {
    pid: Number.parseInt(text, 10),
    parent: number(4),
    group: number(5),
    session: number(6),
    startTime: fields[22 - 3] ?? '',
    startedAt: null,
    terminal: number(7) !== 0,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    cpuMs: ((number(14) + number(15) + number(16) + number(17)) * 1000) / ticksPerSecond,
    memoryBytes: number(24) * pageSize,
  };
}

interface KernelUnits {
  readonly pageSize: number;
  readonly ticksPerSecond: number;
}

let knownUnits: KernelUnits | null = null;

/** Page size (entry 6) and clock ticks (entry 17) of the auxiliary vector, pairs of 64-bit words in the machine's byte order. */
function kernelUnits(): KernelUnits {
  if (knownUnits !== null) return knownUnits;
  const values = new Map<bigint, bigint>();
  try {
    const bytes = readFileSync('/proc/self/auxv');
    const words = new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~15)));
    for (let at = 0; at + 1 < words.length; at += 2) values.set(words[at] ?? 0n, words[at + 1] ?? 0n);
  } catch {
    // Sandboxes may hide it; the values below hold on nearly every machine, and only figures on the screen depend on them.
  }
  knownUnits = { pageSize: Number(values.get(6n) ?? 4096n), ticksPerSecond: Number(values.get(17n) ?? 100n) };
  return knownUnits;
}

function isGone(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH') || hasCode(error, 'ENOTDIR');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
