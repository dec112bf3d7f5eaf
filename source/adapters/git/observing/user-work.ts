import { existsSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { Oid, RunId } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { namedObjects, type StashEntry, type UserTree, type UserWork } from '../../../domain/user-work/look.ts';
import type { SavedTrees } from '../../../ports/outside.ts';
import { stdoutText } from '../calls/answers.ts';
import { saveWork } from '../checkout/save-work.ts';
import type { GitContext } from '../context.ts';
import { adminFolders, listedPath, observeWorktrees } from '../plumbing/branch-usage.ts';
import { splitNul } from '../plumbing/parse.ts';
import { keptOutside, keptRuns } from './escape-snapshot.ts';
import { addPins, pinObjects, releasePins } from './user-pins.ts';

/** Refs of which each worktree has its own. */
const ownOfWorktrees = ['refs/bisect', 'refs/worktree', 'refs/rewritten'];
const messageLength = 120;

/** See `OutsidePort.writeDownWork`. */
export async function writeDownWork(context: GitContext, runId: RunId): Promise<UserWork> {
  const work = await readUserWork(context);
  await pinObjects(context, runId, namedObjects(work));
  return work;
}

/** See `OutsidePort.keepEntries`. */
export function keepEntries(context: GitContext, runId: RunId, entries: readonly StashEntry[]): Promise<void> {
  const objects = entries.map(({ oid }) => oid);
  return addPins(context, runId, objects);
}

/** See `OutsidePort.saveTrees`. */
export async function saveTrees(context: GitContext, runId: RunId, trees: readonly string[]): Promise<SavedTrees> {
  const saved: Record<string, Oid | null> = {};
  for (const tree of trees) {
    // A file may go while it is read: then it is tried once more.
    const save = () => saveWork(context, tree);
    try {
      const oid = await save().catch(save);
      if (oid !== null) saved[tree] = oid;
    } catch {
      saved[tree] = null;
    }
  }
  await addPins(context, runId, commitsOf(saved));
  return saved;
}

/** See `OutsidePort.releaseWork`. */
export function releaseWork(context: GitContext, except: ReadonlySet<RunId>): Promise<void> {
  const kept = () =>
    keptRuns(context)
      .filter(runId => except.has(runId))
      .flatMap(runId => {
        const { work = null, seen = [], outside = null } = keptOutside(context, runId) ?? {};
        const saved = commitsOf(outside?.saved ?? {});
        return [...(work === null ? [] : namedObjects(work)), ...seen.map(({ oid }) => oid), ...saved];
      });
  return releasePins(context, except, kept);
}

function commitsOf(saved: SavedTrees): readonly Oid[] {
  return Object.values(saved).filter(oid => oid !== null);
}

/** Reads everything that names the user's work. Throws where git cannot tell: then nothing may be concluded from it. */
export async function readUserWork(context: GitContext): Promise<UserWork> {
  const [refs, trees] = await Promise.all([readAllRefs(context), readTrees(context)]);
  return { refs, stash: refs['refs/stash'] === undefined ? [] : await readStash(context), trees };
}

async function readAllRefs(context: GitContext): Promise<Record<string, string>> {
  const refs = await readNames(context, context.home, []);
  for (const { gitDir, path } of adminFolders(context)) {
    if (!existsSync(path) || !hasOwnRefs(gitDir)) continue;
    const own = await readNames(context, path, ownOfWorktrees);
    for (const [name, to] of Object.entries(own)) refs[`worktrees/${basename(gitDir)}/${name}`] = to;
  }
  return refs;
}

/** Asked before git is, since hardly any worktree has refs of its own. */
function hasOwnRefs(gitDir: string): boolean {
  if (existsSync(join(gitDir, 'reftable'))) return true;
  return ownOfWorktrees.some(folder => existsSync(join(gitDir, folder)));
}

async function readNames(context: GitContext, cwd: string, within: readonly string[]): Promise<Record<string, string>> {
  const format = '--format=%(refname)%00%(objectname)%00%(symref)';
  const call = { cwd, args: ['for-each-ref', format, ...within] };
  const refs: Record<string, string> = {};
  for (const line of (await context.git.text(call)).split('\n')) {
    const [name = '', oid = '', symref = ''] = line.split('\0');
    if (name !== '' && !name.startsWith('refs/cm/')) refs[name] = symref === '' ? oid : `ref: ${symref}`;
  }
  return refs;
}

/** All entries of the stash, newest first. Throws where git cannot tell. */
export async function readStash(context: GitContext): Promise<readonly StashEntry[]> {
  const format = ['--format=%H%x00%gs', '-z', '--no-show-signature', '--no-patch'];
  const call = { cwd: context.home, args: ['log', '-g', ...format, 'refs/stash', '--'] };
  const text = await context.git.ask(call, output => {
    // It is empty, or the last entry was popped between two looks.
    if (output.code === 128 && /unknown revision|bad revision/.test(output.stderr)) return '';
    return stdoutText(output);
  });
  const fields = splitNul(text);
  const entries: StashEntry[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    entries.push({ oid: fields[at] ?? '', message: sanitizeLine(fields[at + 1] ?? '', messageLength) });
  }
  return entries;
}

/** Every worktree that git lists, save those of runs and those in which candidates are checked. */
async function readTrees(context: GitContext): Promise<Record<string, UserTree>> {
  const checks = `${listedPath(context.integrationDir)}${sep}`;
  const trees: Record<string, UserTree> = {};
  for (const { path, branchName, head, bare, lockedReason } of await observeWorktrees(context)) {
    if (bare || path.startsWith(checks) || lockedReason?.startsWith('cm-tui ') === true) continue;
    trees[path] = { branch: branchName, head, there: existsSync(path) };
  }
  return trees;
}
