import { delimiter } from 'node:path';
import type { SimpleGit, SimpleGitOptions, VersionResult } from 'simple-git';
import { CmError } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { ask, type GitCall, type GitOutput, heldLock, stdoutText } from './answers.ts';
import { assertGit, baseEnvironment, type RepositoryView, safePath, viewEnvironment } from './run-environment.ts';
import { follow } from './started-process.ts';

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
  /**
   * The library's typed call. All else goes by its raw form: its other typed calls lose what is safe to know. They decode paths as UTF-8
   * (`status`, `diffSummary`, `log`), take a setting without a value for none (`listConfig`), and trim (`branch`, `revparse`).
   */
  version(cwd: string): Promise<VersionResult>;
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

/** Each file by itself: what is put off to one wait for all is not on disk on every file system. */
const durableConfig = ['core.fsync=all', 'core.fsyncMethod=fsync'] as const;

/**
 * What the library would refuse, and why it is there. All of it is constant; no value from outside reaches a place that these guard.
 * It asks for a permission to switch something off as well as to switch it on.
 */
const unsafe = {
  // Switched off in `constantConfig`: they would run programs of the repository.
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeProtocolOverride: true,
  // Set by `baseEnvironment` so that git, which may fetch missing objects of a partial clone, asks nobody for a password.
  allowUnsafeAskPass: true,
  allowUnsafeSshCommand: true,
  // The user's own GIT_CONFIG_GLOBAL and GIT_CONFIG_SYSTEM, which are inherited.
  allowUnsafeConfigPaths: true,
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
  assertGit(path);
  const base = baseEnvironment(environment, path.join(delimiter));
  const gate = createGate(mostAtOnce);

  /** The library for one call: where, with which settings and environment. */
  async function open(call: GitCall): Promise<SimpleGit> {
    const view = repository === null ? {} : viewEnvironment(repository, call);
    const env: Record<string, string> = { ...base, ...view, ...call.env };
    if (call.globs !== true) env.GIT_LITERAL_PATHSPECS = '1';
    const git = await openGit({
      baseDir: call.cwd,
      config: [...constantConfig, ...(call.durable === true ? durableConfig : []), ...(call.config ?? [])],
      unsafe,
      // Its other way of noticing an end waits 50 ms after each git, for which a command that is done would not end.
      completion: { onClose: true, onExit: false },
      allowEnvironment: Object.keys(env),
      input: () => call.input ?? '\n',
    });
    return git.env(env);
  }

  function start(call: GitCall, job: (git: SimpleGit) => Promise<unknown>): Promise<GitOutput> {
    const limits = { silenceMs: call.timeoutMs ?? timeoutMs, maxBytes: call.maxBytes ?? Number.POSITIVE_INFINITY };
    const go = async () => {
      const git = await open(call);
      return follow(() => job(git), limits);
    };
    return call.isLong === true ? go() : gate(go);
  }

  function run(call: GitCall): Promise<GitOutput> {
    return start(call, git => git.raw([...call.args]));
  }

  async function version(cwd: string): Promise<VersionResult> {
    let answer: Promise<VersionResult> | undefined;
    const attempt = (call: GitCall) =>
      start(call, git => {
        answer = git.version();
        return answer;
      });
    // The library takes an end by a signal for success: what it has read counts only where git itself says so.
    return await ask(attempt, { cwd, args: ['version'] }, ({ code }) => (code === 0 ? answer : undefined));
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
    version,
    runLocked,
  };
}

/** Many branches may want to be looked at in the same moment; more processes than this would only slow the agents down. */
const mostAtOnce = 6;

/** Lets at most `limit` jobs run at once; the others wait in the order they came. */
export function createGate(limit: number): <T>(job: () => Promise<T>) => Promise<T> {
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

/** The library is loaded when git is asked for the first time: many commands never do. */
async function openGit(options: Partial<SimpleGitOptions>): Promise<SimpleGit> {
  const { simpleGit } = await import('simple-git');
  try {
    return simpleGit(options);
  } catch (error) {
    throw new CmError(
      `The folder ${sanitizeLine(String(options.baseDir), 300)} no longer exists; change to another folder and try again.`,
      3,
      {
        cause: error,
      },
    );
  }
}
