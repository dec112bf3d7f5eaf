import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { HookName } from '../../../domain/queue/landing-style.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { PrepareRequest, PrepareResult } from '../../../ports/git.ts';
import { readRegularText } from '../../regular-file.ts';
import { gitReason } from '../calls/answers.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { readConfig } from '../observing/executable-config.ts';
import { checkoutCandidate } from './integration.ts';

/** Milliseconds that a hook may be silent. */
const hookMs = 5 * 60_000;

/** The user's hooks, and whether a new worktree has them. */
export interface HooksFound {
  /** As `core.hooksPath` has it; null: the folder of the repository, which all worktrees share. */
  readonly path: string | null;
  /** Names of those that would run, sorted. */
  readonly names: readonly string[];
  /** They stand in a folder of the work tree that is not committed, so that new worktrees have none of them. */
  readonly missingInWorktrees: boolean;
}

/** Looks for the user's own hooks; samples and files that cannot be executed are none. */
export async function findHooks(context: GitContext): Promise<HooksFound> {
  const path = await hooksPath(context);
  const names = hooksIn(folderOf(context, path));
  const inTree = path !== null && !isAbsolute(path) && !path.startsWith('~');
  const tracked = inTree ? await context.git.text({ cwd: context.home, args: ['ls-files', '-z', '--', path] }) : '';
  return { path, names, missingInWorktrees: inTree && tracked === '' };
}

async function hooksPath(context: GitContext): Promise<string | null> {
  const value = (await readConfig(context)).findLast(({ key }) => key === 'core.hookspath')?.value ?? '';
  return value === '' ? null : value;
}

function folderOf(context: GitContext, path: string | null): string {
  if (path === null) return join(context.place.commonDir, 'hooks');
  if (path.startsWith('~/')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(context.home, path);
}

/** Hooks of git, by name: whatever else lies there (`_/husky.sh`, a README) is none. */
const hookName =
  /^(applypatch-msg|commit-msg|post-[a-z-]+|pre-[a-z-]+|prepare-commit-msg|reference-transaction|update)$/;

function hooksIn(folder: string): readonly string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const isProgram = (name: string) => {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false });
    return stats?.isFile() === true && (stats.mode & 0o111) !== 0;
  };
  return names.filter(name => hookName.test(name) && isProgram(name)).sort();
}

/** The message after the user's `commit-msg` has seen, and perhaps changed, it; or why it was refused. */
export async function throughCommitMsg(
  context: GitContext,
  message: string,
): Promise<{ readonly message: string } | { readonly problem: string }> {
  if (!context.landingHooks.includes('commit-msg')) return { message };
  const folder = privateFolder(join(context.runtimeDir, 'tmp'));
  const file = join(folder, `message-${process.pid}-${process.hrtime.bigint()}`);
  try {
    writeFileSync(file, message, { mode: 0o600 });
    const problem = await runHook(context, 'commit-msg', { cwd: context.home, args: [file] });
    return problem === null ? { message: readRegularText(file) ?? '' } : { problem };
  } finally {
    rmSync(file, { force: true });
  }
}

/** The worktree in which `pre-merge-commit` sees the merge; the ones before it are for checks. */
const hookSlot = 2;

/** What was prepared, once the user's `pre-merge-commit` has seen the files of that very merge. */
export async function throughPreMerge(
  context: GitContext,
  { style = 'merge', draft }: PrepareRequest,
  prepared: PrepareResult,
): Promise<PrepareResult> {
  const isAsked = context.landingHooks.includes('pre-merge-commit') && draft !== true;
  if (prepared.outcome !== 'prepared' || style !== 'merge' || !isAsked) return prepared;
  const cwd = await checkoutCandidate(context, prepared.candidate, [], hookSlot);
  const problem = await runHook(context, 'pre-merge-commit', { cwd });
  return problem === null ? prepared : { outcome: 'failed', message: problem };
}

/** Runs a hook of the user's where it is asked for and there is one; null, or one sentence why it refused. */
export async function runHook(
  context: GitContext,
  name: HookName,
  { cwd, args = [] }: { readonly cwd: string; readonly args?: readonly string[] },
): Promise<string | null> {
  if (!context.landingHooks.includes(name)) return null;
  const folder = folderOf(context, await hooksPath(context));
  const output = await context.git.run({
    cwd,
    args: ['hook', 'run', '--ignore-missing', name, ...(args.length === 0 ? [] : ['--', ...args])],
    config: [`core.hooksPath=${folder}`],
    timeoutMs: hookMs,
  });
  if (output.code === 0) return null;
  const said = `${output.stdout.toString('utf8')}\n${output.stderr}`.split('\n').filter(line => line.trim() !== '');
  const words =
    output.timedOut || said.length === 0 ? gitReason(output) : sanitizeLine(said.slice(-3).join(' | '), 300);
  return `Your hook ${name} refused it: ${words}; fix that, or set landingHooks to false.`;
}
