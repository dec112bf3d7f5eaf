import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { RunId } from '../../../domain/ids.ts';
import type { UserWork } from '../../../domain/user-work/look.ts';
import type { LookBefore, OutsideLook, SettingsLook, TreesLook } from '../../../ports/outside.ts';
import { readRegularText, syncFolder, writeDurably } from '../../regular-file.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { assertRunId } from '../plumbing/refs.ts';
import { executablesIn, readConfig } from './executable-config.ts';
import { readRepositorySettings } from './repository-settings.ts';

/** Git sets this itself when it makes a worktree of a sparse checkout. */
const ownDoing = 'config extensions.worktreeconfig';

const outsideSchema: z.ZodMiniType<OutsideLook> = z.object({
  trees: z.nullable(z.record(z.string(), z.record(z.string(), z.string()))),
  executables: z.record(z.string(), z.string()),
  settings: z.optional(z.record(z.string(), z.string())),
  saved: z.optional(z.record(z.string(), z.nullable(z.string()))),
});

const treeSchema = z.object({ branch: z.nullable(z.string()), head: z.nullable(z.string()), there: z.boolean() });

const entrySchema = z.object({ oid: z.string(), message: z.string() });

const workSchema: z.ZodMiniType<UserWork> = z.object({
  refs: z.record(z.string(), z.string()),
  stash: z.array(entrySchema),
  trees: z.record(z.string(), treeSchema),
});

const lookSchema: z.ZodMiniType<LookBefore> = z.object({
  work: z.nullable(workSchema),
  outside: z.nullable(outsideSchema),
  seen: z.optional(z.array(entrySchema)),
});

/** See `OutsidePort.readSettings`. */
export async function readSettings(context: GitContext): Promise<SettingsLook> {
  const config = await readConfig(context);
  const { [ownDoing]: _own, ...executables } = executablesIn(context, config);
  return { executables, settings: await readRepositorySettings(context, config) };
}

/** See `OutsidePort.readTrees`. */
export async function readTrees(context: GitContext, others: readonly string[]): Promise<TreesLook | null> {
  const main = context.place.mainTree;
  const linked = others.filter(path => path !== main && linkedGitDir(context, path) !== null);
  const trees: Record<string, Readonly<Record<string, string>>> = {};
  for (const tree of main === null ? linked : [main, ...linked]) {
    const changes = await uncommitted(context, tree);
    if (changes !== null) trees[tree] = changes;
    else if (tree === main) return null;
  }
  return trees;
}

async function uncommitted(context: GitContext, tree: string): Promise<Record<string, string> | null> {
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames'];
  const status = await context.git.text({ cwd: tree, args }).catch(() => null);
  if (status === null) return null;
  const { tracked, untracked } = parseStatus(status);
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

/** Runs whose looks are kept. */
export function keptRuns(context: GitContext): readonly RunId[] {
  return readdirSync(keptFolder(context)).flatMap(name => /^([a-z0-9]{16})\.json$/.exec(name)?.[1] ?? []);
}

/** See `OutsidePort.forgetOutside`. */
export function forgetOutside(context: GitContext, except: ReadonlySet<RunId>): void {
  const folder = keptFolder(context);
  for (const name of readdirSync(folder)) {
    const runId = /^([a-z0-9]{16})\.json(\.tmp)?$/.exec(name)?.[1];
    if (runId !== undefined && !except.has(runId)) rmSync(join(folder, name), { force: true });
  }
}

export function keepOutside(context: GitContext, runId: RunId, look: LookBefore | null): void {
  const file = keptFile(context, runId);
  if (look === null) return rmSync(file, { force: true });
  writeDurably(`${file}.tmp`, JSON.stringify(look));
  renameSync(`${file}.tmp`, file);
  syncFolder(keptFolder(context));
}

export function keptOutside(context: GitContext, runId: RunId): LookBefore | null {
  try {
    const kept: unknown = JSON.parse(readRegularText(keptFile(context, runId)) ?? '');
    // Earlier versions wrote down what is uncommitted, and nothing of the refs.
    const earlier = z.safeParse(outsideSchema, kept);
    return earlier.success ? { work: null, outside: earlier.data } : z.parse(lookSchema, kept);
  } catch {
    // Missing, or cut off by a crash: then nobody knows how it was before.
    return null;
  }
}
