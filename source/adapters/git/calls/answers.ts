import { setTimeout as sleep } from 'node:timers/promises';
import { CmError, spawnReason } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { failedFilter, filterReason } from '../plumbing/filters.ts';

/** One start of git. `args` hold values that the caller has validated; nothing of it ever passes through a shell. */
export interface GitCall {
  /** Folder it runs in; the repository it acts on is found from there. */
  readonly cwd: string;
  readonly args: readonly string[];
  /** What git reads on stdin. Without it stdin is one newline and then ends, so that nothing git starts can wait for us. */
  readonly input?: string | Buffer;
  /** Everything written reaches the disk before git returns. */
  readonly durable?: boolean;
  /** Further constant environment, e.g. `GIT_INDEX_FILE`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds without a byte of output after which git is interrupted. */
  readonly timeoutMs?: number;
  /** Output beyond this is not read: git is interrupted and `truncated` set. */
  readonly maxBytes?: number;
  /** Further constant settings, `name=value`. */
  readonly config?: readonly string[];
  /** It may take seconds or minutes: it is not counted among the calls that run at once, so that it keeps none of them waiting. */
  readonly isLong?: boolean;
  /** Pathspecs in `args` are patterns of git, not plain paths. */
  readonly globs?: boolean;
}

export interface GitOutput {
  /** Exit code; null when a signal ended git, negative when it could not be started. */
  readonly code: number | null;
  /** Number of the signal that ended git; null: none did, or it is not known which. */
  readonly signal: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

/** Git gave no answer: it was ended by a signal, ran out of time, or failed for a reason that says nothing of what was asked. */
export class GitFailure extends CmError {
  override readonly name = 'GitFailure';
}

/** Milliseconds before a question is asked again. A machine that is short of something often is so for a moment only. */
const retryMs = [30, 100, 300];

/**
 * Asks git a question, and again where it gave no answer. `read` returns what the output says, undefined where it says nothing: an exit
 * code means "no" only where git documents it and the output agrees. Throws `GitFailure` where git keeps silent.
 */
export async function ask<T>(
  run: (call: GitCall) => Promise<GitOutput>,
  call: GitCall,
  read: (output: GitOutput) => T | undefined,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    const output = await run(call);
    const answer = endedByItself(output) || output.truncated ? read(output) : undefined;
    if (answer !== undefined) return answer;
    const delay = output.timedOut ? undefined : retryMs[tried];
    if (delay === undefined) throw gitFailure(call, output);
    await sleep(delay);
  }
}

/** Stdout of a call that has succeeded. */
export function stdoutText({ code, stdout }: GitOutput): string | undefined {
  return code === 0 ? stdout.toString('utf8') : undefined;
}

/** As `stdoutText`, one character for each byte: paths need not be UTF-8. */
export function stdoutBytes({ code, stdout }: GitOutput): string | undefined {
  return code === 0 ? stdout.toString('latin1') : undefined;
}

/** True where git came to an end of its own, whatever it was. Of anything else nothing may be concluded. */
export function endedByItself({ code, timedOut }: GitOutput): boolean {
  return code !== null && code >= 0 && !timedOut;
}

/** Path of the lock file that stood in git's way, null when it was none. A failed compare-and-swap is none. */
export function heldLock(output: GitOutput): string | null {
  return /Unable to create '([^\n]*\.lock)': File exists/.exec(output.stderr)?.[1] ?? null;
}

/** Git's own reason, one line, harmless for a terminal. What it prints of its progress, hints and warnings are none. */
export function gitReason({ code, signal, stderr, timedOut }: GitOutput): string {
  if (timedOut) return 'git did not answer in time';
  if (code === null) return signal === null ? 'git was ended by a signal' : `git was ended by signal ${signal}`;
  const filter = failedFilter(stderr);
  if (filter !== null) return filterReason(filter);
  const line = stderr.split(/[\r\n]/).find(candidate => /^(fatal|error|BUG): ?\S/.test(candidate));
  if (line !== undefined) return sanitizeLine(line.replace(/^(fatal|error): ?/, ''), 400);
  if (code >= 0) return `git ended with exit code ${code}`;
  const why = spawnReason(stderr);
  return `git could not be started${why === null ? '' : ` (${why})`}`;
}

export function gitFailure(call: GitCall, output: GitOutput): GitFailure {
  return new GitFailure(`Could not ask git (git ${nameOf(call)}): ${gitReason(output)}; try again.`, 3);
}

/** The subcommand, with its own where it has some. */
function nameOf({ args }: GitCall): string {
  const [command = '', sub = ''] = args;
  return command === 'worktree' ? `${command} ${sub}` : command;
}

/** Milliseconds before a job that failed is done again. */
const againMs = [100, 400];

/**
 * Does a job again that git gave no answer for, or that `hasFailed` says has failed for what may be over in a moment. The job can be
 * repeated wherever it was cut off. What the last try says counts.
 */
export async function doAgain<T>(job: () => Promise<T>, hasFailed: (result: T) => boolean): Promise<T> {
  for (const waitMs of againMs) {
    try {
      const result = await job();
      if (!hasFailed(result)) return result;
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
    }
    await sleep(waitMs);
  }
  return job();
}
