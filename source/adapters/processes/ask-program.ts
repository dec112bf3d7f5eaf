import { spawnSync } from 'node:child_process';
import type { AskProgram } from '../../ports/sources.ts';
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

const itemsTimeoutMs = 30_000;
const mostOutput = 16 * 1024 * 1024;
/** Programs that would ask somebody fail instead: nobody sees the question. */
const quiet = {
  GH_PROMPT_DISABLED: '1',
  GH_NO_UPDATE_NOTIFIER: '1',
  GIT_TERMINAL_PROMPT: '0',
  NO_COLOR: '1',
  NO_PROMPT: '1',
};

/** Asks programs for items of work, in `cwd`. What they start is ended with them when they take too long. */
export function createAskProgram(cwd: string): AskProgram {
  return async ([file = '', ...args], variables) => {
    const { execa } = await loadExeca();
    const result = await execa(file, args, {
      cwd,
      env: { ...quiet, ...variables },
      stdin: 'ignore',
      reject: false,
      timeout: itemsTimeoutMs,
      forceKillAfterDelay: 1000,
      maxBuffer: mostOutput,
      stripFinalNewline: false,
    });
    const { exitCode, stdout, stderr, timedOut, isMaxBuffer, code } = result;
    const trouble =
      code === 'ENOENT' || code === 'EACCES'
        ? 'missing'
        : timedOut
          ? 'late'
          : isMaxBuffer
            ? 'long'
            : exitCode === undefined
              ? 'failed'
              : null;
    return {
      exitCode: exitCode ?? null,
      stdout: String(stdout ?? ''),
      stderr: String(stderr ?? '').slice(0, 4096),
      trouble,
    };
  };
}
