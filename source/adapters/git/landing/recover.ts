import { cpSync, existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { readRegular } from '../../regular-file.ts';
import { type GitContext, privateFolder, tipOf } from '../context.ts';
import { type RawChange, splitNul } from '../plumbing/parse.ts';
import { branchRef } from '../plumbing/refs.ts';
import { gitFailure, gitReason } from '../plumbing/run.ts';
import { gitHasLeft } from '../plumbing/running-git.ts';
import { setAside } from '../worktrees/interrupted-add.ts';
import { hasAllObjects } from './completeness.ts';
import { type LandingNote, landingNote } from './landing-note.ts';
import { changesOf } from './tree-conflicts.ts';
import { headOfMain } from './user-tree.ts';

/** `nothing`: no landing was cut short. `stopped`: something is there that cannot be proven to be ours; nothing was changed on it. */
export type Recovery =
  | { readonly outcome: 'nothing' }
  | { readonly outcome: 'recovered'; readonly rescued: readonly string[] }
  | { readonly outcome: 'stopped'; readonly message: string; readonly paths: readonly string[] };

/**
 * Brings the user's tree out of a landing that was killed half-way, back to one commit as a whole (the old one while the ref still
 * names it). A file is touched only where it is missing or holds a beginning of what the landing was writing, and is kept in the
 * rescue folder first; any other difference is the user's edit and stays. Running it twice changes nothing more.
 */
export async function recoverLanding(context: GitContext): Promise<Recovery> {
  const note = landingNote(context).read();
  if (note === null) return { outcome: 'nothing' };
  const locks = await freeLocks(context, note);
  if (locks !== null) return { outcome: 'stopped', ...locks };
  const tree = context.place.mainTree;
  const recovery = note.inTree && tree !== null ? await recoverTree(context, tree, note) : recovered([]);
  if (recovery.outcome === 'recovered') landingNote(context).forget();
  return recovery;
}

async function recoverTree(context: GitContext, tree: string, note: LandingNote): Promise<Recovery> {
  const changes = await readableChanges(context, note);
  // Git reads all folders before it writes the first file: where it cannot, it has written nothing.
  if (changes === null) return recovered([]);
  const tip = await tipOf(context, branchRef(note.target));
  const arrived = await indexIsAt(context, tree, { from: note.from, to: note.to, changes });
  const rescued = await repairFiles(context, tree, { note, changes, arrived });
  if (!arrived || tip !== note.from || (await headOfMain(context)) !== note.target) return recovered(rescued);
  const back = await context.git.runLocked({ cwd: tree, args: ['read-tree', '-m', '-u', '--', note.to, note.from] });
  if (back.code === 0) return recovered(rescued);
  const message = `A landing was cut short in ${escapePath(tree)} and cannot be taken back: ${gitReason(back)}.`;
  return { outcome: 'stopped', message, paths: [tree] };
}

/** What the landing changes; null where parts of its commit are gone. */
async function readableChanges(context: GitContext, note: LandingNote): Promise<readonly RawChange[] | null> {
  try {
    return await changesOf(context, note.from, note.to);
  } catch (error) {
    if (await hasAllObjects(context, note.to, [note.from])) throw error;
    return null;
  }
}

function recovered(rescued: readonly string[]): Recovery {
  return { outcome: 'recovered', rescued };
}

/** Lock files that the killed git left. Ours only if no git works there any more and they are no older than the landing. */
async function freeLocks(context: GitContext, note: LandingNote): Promise<{ message: string; paths: string[] } | null> {
  const names = [
    ...(note.inTree ? ['index.lock'] : []),
    'HEAD.lock',
    'packed-refs.lock',
    ...note.refs.map(ref => `${ref}.lock`),
  ];
  const files = names.map(name => join(context.place.commonDir, name)).filter(file => existsSync(file));
  if (files.length === 0) return null;
  if (!(await gitHasLeft(context.home, 5000))) {
    return {
      message: 'Git still works in your tree, or it cannot be seen whether it does; try again when it is done.',
      paths: files,
    };
  }
  for (const file of files) {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    // File systems round times: a lock of the landing can look a little older than the note that precedes it.
    if (stats.mtimeMs < note.startedAt - 1000) {
      return {
        message: `${escapePath(file)} is older than the landing; if no git is running, remove it.`,
        paths: [file],
      };
    }
    setAside(context, file);
  }
  return null;
}

/** Git writes the index as a whole, after the files: it stands at the new commit, or at the old one. */
async function indexIsAt(
  context: GitContext,
  tree: string,
  { from, to, changes }: { readonly from: Oid; readonly to: Oid; readonly changes: readonly RawChange[] },
): Promise<boolean> {
  const differs = async (oid: Oid) => {
    const args = ['diff-index', '--cached', '--name-only', '-z', '--no-renames', oid, '--'];
    return new Set(splitNul(await context.git.text({ cwd: tree, args })));
  };
  const [old, next] = await Promise.all([differs(from), differs(to)]);
  return changes.some(({ path }) => old.has(path)) && !changes.some(({ path }) => next.has(path));
}

interface Mending {
  readonly note: LandingNote;
  readonly changes: readonly RawChange[];
  readonly arrived: boolean;
}

async function repairFiles(context: GitContext, tree: string, { note, changes, arrived }: Mending): Promise<string[]> {
  const rescue = join(context.runtimeDir, 'rescue', `landing-${note.startedAt}`);
  await context.git.runLocked({ cwd: tree, args: ['update-index', '-q', '--refresh'] });
  const listing = await context.git.text({ cwd: tree, args: ['diff-files', '--name-only', '-z'] });
  const differs = new Set(splitNul(listing));
  const rescued: string[] = [];
  const restore: string[] = [];
  for (const change of changes) {
    const file = join(tree, change.path);
    const exists = lstatSync(file, { throwIfNoEntry: false }) !== undefined;
    const added = change.change === 'A' && !arrived;
    if (added ? !exists : !differs.has(change.path)) continue;
    if (exists) {
      if (!(await isBeginningOf(context, tree, note.to, change))) continue;
      keep(file, join(rescue, change.path));
      rescued.push(change.path);
    }
    if (added) rmSync(file, { force: true });
    else restore.push(change.path);
  }
  if (restore.length > 0) {
    const args = ['checkout-index', '-f', '-q', '-z', '--stdin'];
    const output = await context.git.runLocked({ cwd: tree, args, input: `${restore.join('\0')}\0`, durable: true });
    if (output.code !== 0) throw gitFailure({ cwd: tree, args }, output);
  }
  return rescued;
}

/** Does the file hold the first bytes (or all) of what the landing writes there? */
async function isBeginningOf(context: GitContext, tree: string, commit: Oid, change: RawChange): Promise<boolean> {
  const file = join(tree, change.path);
  const stats = lstatSync(file);
  if (stats.isDirectory()) return false;
  const isLink = change.newMode === '120000';
  if (change.newMode === '000000' || stats.isSymbolicLink() !== isLink || !(isLink || stats.isFile())) return false;
  const wanted = await context.git.run({
    cwd: tree,
    args: ['cat-file', isLink ? '-p' : '--filters', `${commit}:${change.path}`],
  });
  if (wanted.code !== 0 || stats.size > wanted.stdout.length) return false;
  const found = isLink ? Buffer.from(readlinkSync(file)) : readRegular(file, { most: Number.MAX_SAFE_INTEGER });
  return (
    found !== null && found.length <= wanted.stdout.length && wanted.stdout.subarray(0, found.length).equals(found)
  );
}

function keep(file: string, copy: string): void {
  privateFolder(dirname(copy));
  mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
  cpSync(file, copy, { verbatimSymlinks: true, force: false });
}
