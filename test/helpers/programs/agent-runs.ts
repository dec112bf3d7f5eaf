import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentEnvironment } from '../../../source/agents/launch/environment.ts';
import type { AgentProfile, LaunchContext, ReaderEvent } from '../../../source/ports/agents.ts';

/** A context with values that would hurt if anything put them through a shell or expanded them twice. */
export function launchContext(changes: Partial<LaunchContext> = {}): LaunchContext {
  return {
    runId: 'run0123456789abc',
    id: 'US-043',
    key: 'US-043',
    title: 'Coupons; $(id) {prompt} `x`',
    branch: 'roadmap-043',
    base: 'a'.repeat(40),
    worktree: '/tmp/shop-wt043',
    slot: 2,
    portBase: 21_020,
    promptFile: '/tmp/prompt.md',
    prompt: 'Do the thing.',
    committer: null,
    session: null,
    ...changes,
  };
}

/** Environment for git in tests: nothing of the machine's configuration, an identity of its own. */
export function isolatedEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.invalid',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.invalid',
  };
}

export interface Workshop {
  readonly home: string;
  readonly repository: string;
  /** A linked worktree on branch `roadmap-043`, as an agent gets it. */
  readonly worktree: string;
  readonly base: string;
  readonly env: Record<string, string>;
  git(cwd: string, ...args: readonly string[]): string;
}

/** A repository with one commit and a linked worktree beside it, below `folder`. */
export function makeWorkshop(folder: string): Workshop {
  const home = join(folder, 'home');
  const repository = join(folder, 'shop');
  const worktree = join(folder, 'shop-wt043');
  mkdirSync(home);
  mkdirSync(repository);
  const env = isolatedEnvironment(home);
  const git = (cwd: string, ...args: readonly string[]): string =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8' }).trim();
  git(repository, 'init', '--quiet', '--initial-branch', 'roadmap');
  writeFileSync(join(repository, 'README.md'), '# Shop\n');
  git(repository, 'add', '--all');
  git(repository, 'commit', '--quiet', '-m', 'Begin');
  git(repository, 'worktree', 'add', '--quiet', '--no-track', '-b', 'roadmap-043', worktree);
  return { home, repository, worktree, base: git(repository, 'rev-parse', 'HEAD'), env, git };
}

export interface FinishedRun {
  readonly exitCode: number | null;
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly events: readonly ReaderEvent[];
}

/** Starts an agent as the product does (command, environment, stdin), waits for it, and reads its output. */
export function runAgent(
  profile: AgentProfile,
  workshop: Workshop,
  prompt: string,
  changes: Partial<LaunchContext> = {},
): FinishedRun {
  const promptFile = join(workshop.home, 'prompt.md');
  writeFileSync(promptFile, prompt);
  const committer = { name: 'Test', email: 'test@example.invalid' };
  const own = { worktree: workshop.worktree, base: workshop.base, promptFile, prompt, committer };
  const context = launchContext({ ...own, ...changes });
  const launch = profile.launch(context);
  const ended = spawnSync(launch.file, [...launch.args], {
    cwd: workshop.worktree,
    env: { ...agentEnvironment(workshop.env, profile, context), ...launch.env },
    input: launch.stdin ?? '',
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 45_000,
  });
  if (ended.error !== undefined) throw ended.error;
  const out = splitLines(ended.stdout);
  const err = splitLines(ended.stderr);
  return { exitCode: ended.status, out, err, events: readAll(profile, out, err) };
}

/** What a profile's reader makes of whole streams. */
export function readAll(
  profile: Pick<AgentProfile, 'createReader'>,
  out: readonly string[],
  err: readonly string[] = [],
): readonly ReaderEvent[] {
  const reader = profile.createReader();
  return [
    ...out.flatMap(line => reader.read(line, 'out')),
    ...err.flatMap(line => reader.read(line, 'err')),
    ...(reader.end?.() ?? []),
  ];
}

/** The readable lines of some events, each behind its kind: `file: Edit source/app.ts`. */
export function shownLines(events: readonly ReaderEvent[]): readonly string[] {
  return events.flatMap(event => (event.type === 'line' ? [`${event.kind}: ${event.text}`] : []));
}

/** The last event of a type. */
export function lastOf<T extends ReaderEvent['type']>(
  events: readonly ReaderEvent[],
  type: T,
): Extract<ReaderEvent, { readonly type: T }> | undefined {
  return events.filter((event): event is Extract<ReaderEvent, { readonly type: T }> => event.type === type).at(-1);
}

function splitLines(text: string): readonly string[] {
  return text.split(/\r?\n/).filter(line => line !== '');
}
