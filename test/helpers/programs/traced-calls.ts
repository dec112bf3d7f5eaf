import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A system call as strace shows it, in the order in which it was begun. Paths are absolute where the system knew them. */
export interface TracedCall {
  /** Of the thread. */
  readonly pid: number;
  readonly name: string;
  /** What stands between the brackets. */
  readonly text: string;
  /** The file that a descriptor stands for, or that was opened; else ''. */
  readonly file: string;
  /** Names given to the call, in order. */
  readonly paths: readonly string[];
  readonly result: number;
}

const calls =
  'openat,write,writev,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,execve,ftruncate';

/** Null where system calls cannot be traced here, with the reason printed. */
export function straceArguments(output: string): readonly string[] | null {
  if (spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0) return null;
  const fast = spawnSync('strace', ['--seccomp-bpf', '-f', '-o', '/dev/null', 'true']).status === 0;
  return ['-f', '-y', '-v', '-s', '400', ...(fast ? ['--seccomp-bpf'] : []), '-o', output, '-e', `trace=${calls}`];
}

/** Runs a command under strace; throws when it fails. */
export function traced(output: string, command: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
  const before = straceArguments(output);
  if (before === null) throw new Error('strace is not installed or may not trace here');
  return execFileSync('strace', [...before, ...command], { ...options, encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** Reads what strace wrote. Calls that failed are left out. */
export function readTrace(file: string): readonly TracedCall[] {
  const found: { pid: number; line: string }[] = [];
  const begun = new Map<number, { pid: number; line: string }>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, number = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const pid = Number(number);
    if (text.endsWith('<unfinished ...>')) {
      const call = { pid, line: text.slice(0, -'<unfinished ...>'.length) };
      begun.set(pid, call);
      found.push(call);
    } else if (text.startsWith('<... ')) {
      const call = begun.get(pid);
      if (call !== undefined) call.line += text.slice(text.indexOf('resumed>') + 'resumed>'.length);
      begun.delete(pid);
    } else found.push({ pid, line: text });
  }
  return found.flatMap(({ pid, line }) => callOf(pid, line) ?? []);
}

function callOf(pid: number, line: string): TracedCall | null {
  const [, name = '', text = '', result = ''] = /^(\w+)\((.*?) *\) += (-?\d+)(?:<.*>)?$/.exec(line) ?? [];
  if (name === '' || Number(result) < 0) return null;
  const opened = / = \d+<(\/.*)>$/.exec(line)?.[1];
  const descriptor = /^\d+<(\/.*?)>(?:, |$)/.exec(text)?.[1];
  // The names of a command may be anything; of the others every word in quotes is a path.
  const paths = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) => path);
  return { pid, name, text, file: opened ?? descriptor ?? '', paths, result: Number(result) };
}

interface Content {
  /** Bytes that were written, and of these the ones on disk. */
  length: number;
  synced: number;
}

/**
 * What a power cut at the end of a trace would take: files that were made during it, whose last bytes nobody has waited for, with the bytes
 * that are left of them. What was there before the trace, and what is overwritten in place, is left alone.
 * @param root what relative names are relative to
 */
export function unsyncedFiles(calls: readonly TracedCall[], root: string): ReadonlyMap<string, number> {
  const files = new Map<string, Content>();
  for (const { name, text, file, paths, result } of calls) {
    const content = files.get(file);
    if (name === 'openat' && /O_CREAT/.test(text) && /O_EXCL|O_TRUNC/.test(text)) {
      files.set(file, { length: 0, synced: 0 });
    } else if (/^writev?$/.test(name) && content !== undefined) content.length += result;
    else if (/^fd?(data)?sync$/.test(name) && content !== undefined) content.synced = content.length;
    else if (/^(rename|link)/.test(name)) {
      const [from = '', to = ''] = paths.map(path => resolve(root, path));
      const moved = files.get(from);
      if (moved === undefined) files.delete(to);
      else files.set(to, moved);
      if (name.startsWith('rename')) files.delete(from);
    } else if (name === 'unlink') files.delete(resolve(root, paths[0] ?? ''));
  }
  return new Map([...files].flatMap(([path, { length, synced }]) => (synced < length ? [[path, synced]] : [])));
}
