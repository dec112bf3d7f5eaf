import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { RunId } from '../../../domain/ids.ts';
import type { OutsideLook } from '../../../ports/outside.ts';
import { readRegularText, writeFresh } from '../../regular-file.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { assertRunId } from '../plumbing/refs.ts';
import { readExecutables } from './executable-config.ts';

/** Git sets this itself when it makes a worktree of a sparse checkout. */
const ownDoing = 'config extensions.worktreeconfig';

const lookSchema: z.ZodMiniType<OutsideLook> = z.object({
  trees: z.record(z.string(), z.record(z.string(), z.string())),
  executables: z.record(z.string(), z.string()),
});

/** See `OutsidePort.readOutside`. */
export async function readOutside(context: GitContext, others: readonly string[]): Promise<OutsideLook | null> {
  const main = context.place.mainTree;
  const linked = others.filter(path => path !== main && linkedGitDir(context, path) !== null);
  const trees: Record<string, Readonly<Record<string, string>>> = {};
  for (const tree of main === null ? linked : [main, ...linked]) {
    const changes = await uncommitted(context, tree);
    if (changes === null) return null;
    trees[tree] = changes;
  }
  const { [ownDoing]: _own, ...executables } = await readExecutables(context);
  return { trees, executables };
}

async function uncommitted(context: GitContext, tree: string): Promise<Record<string, string> | null> {
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames'];
  const output = await context.git.run({ cwd: tree, args });
  if (output.code !== 0) return null;
  const { tracked, untracked } = parseStatus(output.stdout);
  return Object.fromEntries([...tracked, ...untracked].map(path => [path, stampOf(join(tree, path))]));
}

function stampOf(file: string): string {
  try {
    const stats = lstatSync(file, { throwIfNoEntry: false, bigint: true });
    return stats === undefined ? 'gone' : `${stats.mode} ${stats.size} ${stats.mtimeNs}`;
  } catch {
    return 'unreadable';
  }
}

function keptFolder(context: GitContext): string {
  return privateFolder(join(context.runtimeDir, 'outside'));
}

function keptFile(context: GitContext, runId: RunId): string {
  return join(keptFolder(context), `${assertRunId(runId)}.json`);
}

/** See `OutsidePort.forgetOutside`. */
export function forgetOutside(context: GitContext, except: ReadonlySet<RunId>): void {
  const folder = keptFolder(context);
  for (const name of readdirSync(folder)) {
    const runId = /^([a-z0-9]{16})\.json(\.tmp)?$/.exec(name)?.[1];
    if (runId !== undefined && !except.has(runId)) rmSync(join(folder, name), { force: true });
  }
}

export function keepOutside(context: GitContext, runId: RunId, look: OutsideLook | null): void {
  const file = keptFile(context, runId);
  if (look === null) return rmSync(file, { force: true });
  writeFresh(`${file}.tmp`, JSON.stringify(look));
  renameSync(`${file}.tmp`, file);
}

export function keptOutside(context: GitContext, runId: RunId): OutsideLook | null {
  try {
    return lookSchema.parse(JSON.parse(readRegularText(keptFile(context, runId)) ?? ''));
  } catch {
    // Missing, or cut off by a crash: then nobody knows how it was before.
    return null;
  }
}
