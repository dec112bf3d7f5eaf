import { delimiter } from 'node:path';
import { GitPluginError, simpleGit } from 'simple-git';
import { CmError } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { failedFilter, filterReason } from './filters.ts';
import { baseEnvironment, findGit, type RepositoryView, safePath, viewEnvironment } from './run-environment.ts';

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
  /** Pathspecs in `args` are patterns of git, not plain paths. */
  readonly globs?: boolean;
}

export interface GitOutput {
  /** Exit code; null when a signal ended git. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

export interface GitRunner {
  /** Runs git and returns whatever came out; throws only where git could not be started at all. */
  run(call: GitCall): Promise<GitOutput>;
  /** Stdout of a call that has to succeed; throws `CmError` with git's own reason otherwise. */
  text(call: GitCall): Promise<string>;
  /** As `run`, and tries again while somebody holds a lock file: 7 times, 20 ms doubling, about 2.5 s in all. */
  runLocked(call: GitCall): Promise<GitOutput>;
}

const minute = 60_000;

/**
 * Settings that every call gets: no hooks, no helpers, no maintenance, no quoting of paths, no signing; and nothing that would let git
 * believe a file beside the objects (a commit graph, what an index says of a file) where it can read the objects and files themselves.
 */
const constantConfig = [
  'core.bigFileThreshold=512m',
  'core.checkStat=default',
  'core.commitGraph=false',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=',
  'core.ignoreStat=false',
  'core.multiPackIndex=false',
  'core.splitIndex=false',
  'core.trustctime=true',
  'core.untrackedCache=false',
  'core.useReplaceRefs=false',
  'diff.orderFile=/dev/null',
  'index.sparse=false',
  'log.showSignature=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'protocol.ext.allow=never',
  'core.quotePath=false',
  'commit.gpgSign=false',
  'i18n.commitEncoding=utf-8',
  'submodule.recurse=false',
] as const;

const durableConfig = ['core.fsync=all', 'core.fsyncMethod=batch'] as const;

/** Opened for the constants above alone; values from outside never reach a place that these guard. */
const unsafe = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeAskPass: true,
  allowUnsafeSshCommand: true,
  allowUnsafeEditor: true,
  allowUnsafePager: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCustomBinary: true,
};

/**
 * The one place where git is started. `outside`: a folder (the repository) that programs are never taken from, so that a
 * `git` lying in the work tree is not run. `repository`: where every call is about that one repository; without it git finds it itself.
 */
export function createRunner(
  outside: string | null,
  environment: NodeJS.ProcessEnv = process.env,
  repository: RepositoryView | null = null,
): GitRunner {
  const path = safePath(environment.PATH ?? '', outside);
  const binary = findGit(path);
  const base = baseEnvironment(environment, path.join(delimiter));

  const gate = createGate(mostAtOnce);

  function run(call: GitCall): Promise<GitOutput> {
    return gate(() => start(call));
  }

  async function start(call: GitCall): Promise<GitOutput> {
    const view = repository === null ? {} : viewEnvironment(repository, call);
    const env: Record<string, string> = { ...base, ...view, ...call.env };
    if (call.globs !== true) env.GIT_LITERAL_PATHSPECS = '1';
    const abort = new AbortController();
    const result = { code: null as number | null, stdout: [] as Buffer[], stderr: [] as Buffer[], timedOut: false };
    const limit = call.maxBytes ?? Number.POSITIVE_INFINITY;
    const git = openGit({
      baseDir: call.cwd,
      binary,
      config: [...constantConfig, ...(call.durable === true ? durableConfig : []), ...(call.config ?? [])],
      unsafe,
      allowEnvironment: Object.keys(env),
      completion: { onClose: true, onExit: false },
      timeout: { block: call.timeoutMs ?? 10 * minute },
      abort: abort.signal,
      input: () => call.input ?? '\n',
      // Called at every end of git, good or bad: the only place where the exit code can be read.
      errors(error, ended) {
        result.code = ended.exitCode;
        result.stdout = ended.stdOut;
        result.stderr = ended.stdErr;
        if (!(error instanceof GitPluginError)) return undefined;
        if (abort.signal.aborted) return undefined;
        result.timedOut = error.plugin === 'timeout';
        return result.timedOut ? undefined : error;
      },
    });
    let size = 0;
    git.env(env).outputHandler((_command, stdout) => {
      stdout.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limit) abort.abort();
      });
      // The library waits 50 ms for late output of a program that printed nothing; the end of the stream proves that none will come.
      stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
    });
    await git.raw([...call.args]);
    const stdout = Buffer.concat(result.stdout);
    return {
      code: result.code,
      stdout: size > limit ? stdout.subarray(0, limit) : stdout,
      stderr: Buffer.concat(result.stderr).toString('utf8'),
      truncated: size > limit,
      timedOut: result.timedOut,
    };
  }

  async function text(call: GitCall): Promise<string> {
    const output = await run(call);
    if (output.code !== 0) throw gitFailure(call, output);
    return output.stdout.toString('utf8');
  }

  async function runLocked(call: GitCall): Promise<GitOutput> {
    for (let delay = 20; ; delay *= 2) {
      const output = await run(call);
      if (output.code === 0 || heldLock(output) === null || delay > 1300) return output;
      await new Promise(resolve => setTimeout(resolve, delay));
    }
  }

  return { run, text, runLocked };
}

/** Many branches may want to be looked at in the same moment; more processes than this would only slow the agents down. */
const mostAtOnce = 6;

/** Lets at most `limit` jobs run at once; the others wait in the order they came. */
function createGate(limit: number): <T>(job: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async job => {
    if (running >= limit) await new Promise<void>(resolve => waiting.push(resolve));
    else running++;
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

function openGit(options: Parameters<typeof simpleGit>[0] & object): ReturnType<typeof simpleGit> {
  try {
    return simpleGit(options);
  } catch (error) {
    throw new CmError(`The folder ${sanitizeLine(String(options.baseDir), 300)} is gone; start again where it is.`, 3, {
      cause: error,
    });
  }
}

/** Path of the lock file that stood in git's way, null when it was none. A failed compare-and-swap is none. */
export function heldLock(output: GitOutput): string | null {
  return /Unable to create '([^\n]*\.lock)': File exists/.exec(output.stderr)?.[1] ?? null;
}

/** Git's own reason, one line, harmless for a terminal. */
export function gitReason(output: GitOutput): string {
  if (output.timedOut) return 'git did not answer in time';
  const filter = failedFilter(output.stderr);
  if (filter !== null) return filterReason(filter);
  const lines = output.stderr.split('\n').filter(line => line.trim() !== '' && !line.startsWith('hint:'));
  const line = lines.find(candidate => /^(fatal|error):/.test(candidate)) ?? lines[0];
  if (line !== undefined) return sanitizeLine(line.replace(/^(fatal|error): /, ''), 400);
  return output.code === null ? 'git was ended by a signal' : `git ended with code ${output.code}`;
}

export function gitFailure(call: GitCall, output: GitOutput): CmError {
  return new CmError(`git ${call.args[0] ?? ''} failed: ${gitReason(output)}`, 3);
}
