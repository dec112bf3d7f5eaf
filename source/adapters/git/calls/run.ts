import { delimiter } from 'node:path';
import { GitPluginError, simpleGit } from 'simple-git';
import { CmError } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { ask, type GitCall, type GitOutput, heldLock, stdoutText } from './answers.ts';
import { baseEnvironment, findGit, type RepositoryView, safePath, viewEnvironment } from './run-environment.ts';
import { afterSilence, StartedProcess } from './started-process.ts';

export interface GitRunner {
  /**
   * Runs git once and returns whatever came out, a signal too. For what changes something: whether it did is asked afterwards, and never
   * concluded from how git ended.
   */
  run(call: GitCall): Promise<GitOutput>;
  /** A question, asked again where git gave no answer; see `ask` in answers.ts. For what only reads. */
  ask<T>(call: GitCall, read: (output: GitOutput) => T | undefined): Promise<T>;
  /** Stdout of a question that git answers with exit code 0; asked again otherwise, then `GitFailure`. */
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
  timeoutMs: number = 10 * minute,
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
    const result = { code: null as number | null, stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const limit = call.maxBytes ?? Number.POSITIVE_INFINITY;
    const git = openGit({
      baseDir: call.cwd,
      binary,
      config: [...constantConfig, ...(call.durable === true ? durableConfig : []), ...(call.config ?? [])],
      unsafe,
      allowEnvironment: Object.keys(env),
      completion: { onClose: true, onExit: false },
      input: () => call.input ?? '\n',
      // Called at every end of git, good or bad: the only place where the exit code can be read.
      errors(error, ended) {
        result.code = ended.exitCode;
        result.stdout = ended.stdOut;
        result.stderr = ended.stdErr;
        return error instanceof GitPluginError ? error : undefined;
      },
    });
    const started = new StartedProcess();
    const silence = afterSilence(call.timeoutMs ?? timeoutMs, () => started.end());
    let size = 0;
    git.env(env).outputHandler((_command, stdout, stderr) => {
      stderr.on('data', () => silence.restart());
      stdout.on('data', (chunk: Buffer) => {
        silence.restart();
        size += chunk.length;
        if (size > limit) started.end();
      });
      // The library waits 50 ms for late output of a program that printed nothing; the end of the stream proves that none will come.
      stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
    });
    try {
      await started.during(() => git.raw([...call.args]));
    } finally {
      silence.stop();
      started.ended();
    }
    const stdout = Buffer.concat(result.stdout);
    return {
      code: result.code,
      signal: started.signal,
      stdout: size > limit ? stdout.subarray(0, limit) : stdout,
      stderr: Buffer.concat(result.stderr).toString('utf8'),
      truncated: size > limit,
      timedOut: silence.isOver,
    };
  }

  async function runLocked(call: GitCall): Promise<GitOutput> {
    for (let delay = 20; ; delay *= 2) {
      const output = await run(call);
      if (output.code === 0 || heldLock(output) === null || delay > 1300) return output;
      await new Promise(resolve => setTimeout(resolve, delay));
    }
  }

  return {
    run,
    ask: (call, read) => ask(run, call, read),
    text: call => ask(run, call, stdoutText),
    runLocked,
  };
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
