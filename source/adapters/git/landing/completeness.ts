import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import { readFolder, syncAll } from '../../regular-file.ts';
import { type GitCall, GitFailure, type GitOutput } from '../calls/answers.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { hasName } from '../plumbing/object-name.ts';
import { missingAmong } from '../plumbing/read-blobs.ts';
import { assertOid, branchRef, isOid } from '../plumbing/refs.ts';
import { syncLoose } from './durable-objects.ts';

/** Objects are read in parts of about this size, in bytes, to see whether they are what their names say. */
const partBytes = 32 * 1024 * 1024;

/**
 * True where everything that a commit or tree of ours brings beyond `known` commits is in the repository's own store, as its names say.
 * Somebody may collect garbage while no ref names it yet, and a ref on a commit without its files would be worth nothing. What lies in
 * another store (`objects/info/alternates`, a link) is copied first: that store may go. All of it is on disk then, though whoever committed
 * it does not wait for the disk. Throws when git cannot tell, and where an object is not what its name says.
 */
export async function hasAllObjects(context: GitContext, commit: Oid, known: readonly Oid[]): Promise<boolean> {
  const brought = await broughtBy(context, commit, known);
  return brought !== null && areWhole(context, brought.oids);
}

/** As `hasAllObjects` for what a commit brings beyond `base`; `elsewhere` where it was not built on that. */
export async function wholeOn(context: GitContext, commit: Oid, base: Oid): Promise<'whole' | 'missing' | 'elsewhere'> {
  const brought = await broughtBy(context, commit, [base]);
  if (brought === null || !(await areWhole(context, brought.oids))) return 'missing';
  return brought.edge.includes(base) ? 'whole' : 'elsewhere';
}

/** As `hasAllObjects`, for objects by their names. */
export async function areWhole(context: GitContext, oids: readonly Oid[]): Promise<boolean> {
  if (!(await areAsNamed(context, oids))) return false;
  const { commonDir } = context.place;
  const loose = new Set(oids.filter(oid => isLooseHere(commonDir, oid)));
  const elsewhere = await notPackedHere(
    context,
    oids.filter(oid => !loose.has(oid)),
  );
  if (elsewhere.length > 0) await copyHere(context, elsewhere);
  await syncLoose(commonDir, [...loose]);
  return true;
}

/**
 * Waits until the objects of a commit are on disk, before anything names it: a name must not survive a power cut without them. Returns
 * their names; null where one is missing.
 */
export async function syncObjects(
  context: GitContext,
  commit: Oid,
  known: readonly Oid[],
): Promise<readonly Oid[] | null> {
  const { commonDir } = context.place;
  const oids = (await broughtBy(context, commit, known))?.oids ?? null;
  await syncLoose(commonDir, oids?.filter(oid => isLooseHere(commonDir, oid)) ?? []);
  return oids;
}

/**
 * Forces to disk what somebody has committed on a branch since `base`, and the branch itself: git waits for neither by default. Does
 * nothing for what it cannot list; the inspection of the branch reports that.
 */
export async function syncBranch(context: GitContext, branchName: string, head: Oid, base: Oid | null): Promise<void> {
  const known = base === null ? [] : [assertOid(base)];
  if (base !== head) await syncObjects(context, assertOid(head), known).catch(() => undefined);
  await syncAll([join(context.place.commonDir, branchRef(branchName))]);
}

interface Brought {
  readonly oids: readonly Oid[];
  /** Known commits that these stand on at once: a known one is among them if and only if it is an ancestor. */
  readonly edge: readonly Oid[];
}

/** What a commit or tree brings beyond known commits; null where git comes upon an object that is missing. */
async function broughtBy(context: GitContext, commit: Oid, known: readonly Oid[]): Promise<Brought | null> {
  const beyond = [commit, ...known.map(oid => `^${oid}`)];
  const args = ['rev-list', '--objects', '--no-object-names', '--boundary', ...beyond, '--'];
  for (let tries = 3; tries > 0; tries--) {
    const answer = await context.git.ask({ cwd: context.home, args }, ({ code, stdout, stderr }) => {
      if (code === 0) return { lines: stdout.toString('utf8').split('\n'), stumbledOver: [] };
      // Git stumbles over the first object that is not there, and names it; whatever else it may fail for says nothing of that.
      const named = stderr.match(/\b([0-9a-f]{40}|[0-9a-f]{64})\b/g);
      return named === null ? undefined : { lines: [], stumbledOver: named };
    });
    if (answer.stumbledOver.length === 0) {
      const edge = answer.lines.filter(line => line.startsWith('-')).map(line => line.slice(1));
      return { oids: answer.lines.filter(isOid), edge: edge.filter(isOid) };
    }
    if ((await missingAmong(context, answer.stumbledOver)).length > 0) return null;
  }
  throw new GitFailure('Could not verify that all objects of a commit are in the repository; try again.', 3);
}

/** False where one is missing. A part that is too large to be read at once is halved. */
async function areAsNamed(context: GitContext, oids: readonly Oid[]): Promise<boolean> {
  if (oids.length === 0) return true;
  const limit = oids.length === 1 ? {} : { maxBytes: partBytes };
  const call = { cwd: context.home, args: ['cat-file', '--batch'], input: `${oids.join('\n')}\n`, ...limit };
  const output = await context.git.ask(call, answer => (answer.code === 0 || answer.truncated ? answer : undefined));
  if (output.truncated) {
    const half = Math.ceil(oids.length / 2);
    return (await areAsNamed(context, oids.slice(0, half))) && areAsNamed(context, oids.slice(half));
  }
  let at = 0;
  for (const oid of oids) {
    const end = output.stdout.indexOf(10, at);
    const [, kind = '', size = ''] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(output.stdout.toString('utf8', at, end)) ?? [];
    if (kind === '') return false;
    const content = output.stdout.subarray(end + 1, end + 1 + Number(size));
    if (!hasName(oid, kind, content)) {
      throw new CmError(
        `The object ${oid} is corrupt: its content does not match its name; run git fsck and restore it.`,
        3,
      );
    }
    at = end + 1 + Number(size) + 1;
  }
  return true;
}

/** In a file of its own, in the repository's own folder; a link leads elsewhere. */
function isLooseHere(commonDir: string, oid: Oid): boolean {
  const folder = join(commonDir, 'objects', oid.slice(0, 2));
  return (
    lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true &&
    lstatSync(join(folder, oid.slice(2)), { throwIfNoEntry: false })?.isFile() === true
  );
}

/** Those that no pack in the repository's own folder holds: asked of git with a store that has these packs and nothing else. */
async function notPackedHere(context: GitContext, oids: readonly Oid[]): Promise<readonly Oid[]> {
  if (oids.length === 0) return [];
  const packs = join(context.place.commonDir, 'objects/pack');
  const store = join(
    privateFolder(join(context.runtimeDir, 'tmp')),
    `own-store-${process.pid}-${process.hrtime.bigint()}`,
  );
  try {
    mkdirSync(join(store, 'pack'), { recursive: true, mode: 0o700 });
    for (const name of readFolder(packs) ?? []) {
      if (lstatSync(join(packs, name), { throwIfNoEntry: false })?.isFile() === true)
        symlinkSync(join(packs, name), join(store, 'pack', name));
    }
    const output = await must(context, {
      cwd: context.home,
      args: ['cat-file', '--batch-check=%(objectname)'],
      input: `${oids.join('\n')}\n`,
      env: { GIT_OBJECT_DIRECTORY: store },
    });
    const lines = output.stdout.toString('utf8').split('\n');
    return oids.filter((oid, at) => lines[at] !== oid);
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

/** As one pack, which git verifies as strictly as objects received from a stranger. */
async function copyHere(context: GitContext, oids: readonly Oid[]): Promise<void> {
  const { home } = context;
  const pack = await must(context, {
    cwd: home,
    args: ['pack-objects', '--stdout', '-q'],
    input: `${oids.join('\n')}\n`,
  });
  await must(context, { cwd: home, args: ['index-pack', '--stdin', '--strict'], input: pack.stdout, durable: true });
}

async function must(context: GitContext, call: GitCall): Promise<GitOutput> {
  return context.git.ask(call, output => (output.code === 0 ? output : undefined));
}
