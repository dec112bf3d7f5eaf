import { spawnSync } from 'node:child_process';
import { loadExeca } from './execa.ts';

/**
 * Nothing of the user's environment changes what a tool of the system says, or which one is asked. It stands in no folder that it is asked
 * about.
 */
const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC0' };
const timeoutMs = 10_000;

/**
 * What a tool of the system prints.
 * @param answers its exit codes that are an answer, if only "none"
 * @throws where the tool is missing, or ends in any other way
 */
export async function askProgram(file: string, args: readonly string[], answers: readonly number[]): Promise<string> {
  const { execa } = await loadExeca();
  const options = { env, extendEnv: false, cwd: '/', stdin: 'ignore', reject: false, timeout: timeoutMs } as const;
  const result = await execa(file, args, { ...options, maxBuffer: 64 * 1024 * 1024 });
  if (result.exitCode === undefined || !answers.includes(result.exitCode)) {
    throw new Error(`${file} did not answer: ${result.shortMessage ?? 'no exit code'}`);
  }
  return result.stdout.trimEnd();
}

/** The same without waiting: what it prints, whatever it ends with; empty where it is missing. */
export function askProgramNow(file: string, args: readonly string[]): string {
  const { stdout } = spawnSync(file, args, {
    env,
    cwd: '/',
    encoding: 'utf8',
    timeout: timeoutMs,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return (stdout ?? '').trim();
}
