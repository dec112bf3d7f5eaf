import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Oid } from '../../domain/ids.ts';
import type { HookName } from '../../domain/queue/landing-style.ts';
import type { StatusWriter } from '../../ports/sources.ts';
import { syncFolder } from '../regular-file.ts';
import { type GitOutput, stdoutText } from './calls/answers.ts';
import type { GitRunner } from './calls/run.ts';
import type { RepositoryLocation } from './plumbing/locate.ts';
import type { RefFiles } from './plumbing/ref-files.ts';
import { assertSlug, isOid } from './plumbing/refs.ts';

/** What every part of the adapter shares. */
export interface GitContext {
  readonly git: GitRunner;
  /** Git in other repositories, such as submodules; they say themselves where they lie. */
  readonly elsewhere: GitRunner;
  readonly place: RepositoryLocation;
  /** Its history ends where a shallow clone was cut off; false although `place.shallow`: a `shallow` file hides commits that are there. */
  readonly cutOff: boolean;
  /** Our state folder, mode 0700. */
  readonly runtimeDir: string;
  /** Folder of the integration worktree, outside the repository. */
  readonly integrationDir: string;
  /** Folder that git starts in when a call concerns the repository as a whole. */
  readonly home: string;
  readonly refFiles: RefFiles;
  /** At least the refs of these names and folders, as git lists them from now on. */
  askRefs(names: readonly string[]): Promise<ReadonlyMap<string, RefReading>>;
  /** The checkout that moves along with its branch: the user's, or a run's worktree (see `inWorktree`). */
  readonly checkout: Checkout;
  /** Whether commits are signed where git's configuration asks for it. */
  readonly sign: 'auto' | 'never';
  /** Whether submodules are checked out in the worktrees of runs and of checks. */
  readonly submodules: boolean;
  /** Hooks of the user's that landings run. */
  readonly landingHooks: readonly HookName[];
  /** Sets a status in a file that is not our ROADMAP. */
  readonly setStatus: StatusWriter;
  /** Environment of the user, before it is made safe for git. */
  readonly environment: NodeJS.ProcessEnv;
  /** One mutating job at a time, in the order of the calls. */
  exclusive<T>(job: () => Promise<T>): Promise<T>;
  /** A few checkouts of new worktrees at a time: more would only share the disk. */
  checkOuts<T>(job: () => Promise<T>): Promise<T>;
}

/** Where git and we keep what belongs to one checkout alone. */
export interface Checkout {
  /** Holds its HEAD and its index. */
  readonly gitDir: string;
  /** The file in our state folder that tells of a move of it that was cut short. */
  readonly note: string;
}

/** The same repository, with a run's worktree in the place of the user's checkout. */
export function inWorktree(
  context: GitContext,
  { path, gitDir, slug }: { readonly path: string; readonly gitDir: string; readonly slug: string },
): GitContext {
  const place = { ...context.place, mainTree: path };
  return { ...context, place, home: path, checkout: { gitDir, note: `replay-${assertSlug(slug)}.json` } };
}

/** Runs jobs one after the other; a failed one does not stop the next. */
export function createMutex(): GitContext['exclusive'] {
  let tail: Promise<unknown> = Promise.resolve();
  return job => {
    const result = tail.then(job, job);
    tail = result.catch(() => undefined);
    return result;
  };
}

/** A folder that only the user can enter; where it is new, its name is on disk. */
export function privateFolder(path: string): string {
  const made = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (made !== undefined) syncFolder(dirname(made));
  return path;
}

export interface RefReading {
  readonly oid: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** The ref that it is a symbolic ref to; null: it is none. */
  readonly link: string | null;
}

/** Reads refs by full name; names that do not exist are missing from the map. Folders of refs name all within. */
export async function readRefs(context: GitContext, names: readonly string[]): Promise<Map<string, RefReading>> {
  const all = await context.askRefs(names);
  const isNamed = (ref: string) =>
    names.some(name => ref === name || ref.startsWith(name.endsWith('/') ? name : `${name}/`));
  return new Map([...all].filter(([ref]) => isNamed(ref)));
}

/** What is asked for in the same moment is asked in one start of git, which answers all of it. */
export function createRefQuestions(git: GitRunner, home: string): GitContext['askRefs'] {
  let next: { readonly names: Set<string>; readonly answer: Promise<ReadonlyMap<string, RefReading>> } | null = null;
  return names => {
    if (next === null) {
      const asked = new Set<string>();
      const answer = new Promise<void>(resolve => setImmediate(resolve)).then(() => {
        next = null;
        return listRefs(git, home, [...asked]);
      });
      next = { names: asked, answer };
    }
    for (const name of names) next.names.add(name);
    return next.answer;
  };
}

async function listRefs(git: GitRunner, home: string, names: readonly string[]): Promise<Map<string, RefReading>> {
  const format = '%(refname)%00%(objectname)%00%(tree)%00%(parent)%00%(symref)';
  const text = await git.text({ cwd: home, args: ['for-each-ref', `--format=${format}`, ...names] });
  const refs = new Map<string, RefReading>();
  for (const line of text.split('\n')) {
    const [name = '', oid = '', tree = '', parents = '', link = ''] = line.split('\0');
    if (name !== '')
      refs.set(name, { oid, tree, parents: parents === '' ? [] : parents.split(' '), link: link === '' ? null : link });
  }
  return refs;
}

/** The tip of a ref, null when it does not exist. */
export async function tipOf(context: GitContext, ref: string): Promise<Oid | null> {
  const tip = context.refFiles.read(ref);
  return tip === undefined ? ((await readRefs(context, [ref])).get(ref)?.oid ?? null) : tip;
}

/**
 * True where `ancestor` is reached from `descendant`. Asked in a way that git answers in words both times: a bare exit code, as that of
 * `merge-base --is-ancestor`, looks the same where git failed. Throws where git cannot tell.
 */
export async function isAncestor(context: GitContext, ancestor: Oid, descendant: Oid): Promise<boolean> {
  if (ancestor === descendant) return true;
  const args = ['rev-list', '--count', '--max-count=1', ancestor, `^${descendant}`, '--'];
  return context.git.ask({ cwd: context.home, args }, output => {
    const count = stdoutText(output)?.trim();
    return count === '0' ? true : count === '1' ? false : undefined;
  });
}

/** The best common ancestor of two commits; null where there is none or git cannot tell. */
export async function mergeBase(
  context: GitContext,
  one: Oid,
  other: Oid,
  env: Readonly<Record<string, string>> = {},
): Promise<Oid | null> {
  const call = { cwd: context.home, args: ['merge-base', one, other], env };
  const read = (output: GitOutput) => {
    const oid = stdoutText(output)?.trim();
    return oid ?? (output.code === 1 && output.stderr === '' ? null : undefined);
  };
  return context.git.ask(call, read).catch(() => null);
}

/** True where two commits have no commit in common: then none of their first commits is the same. Walks through all of both. */
export async function areUnrelated(context: GitContext, one: Oid, other: Oid): Promise<boolean> {
  const rootsOf = async (commit: Oid) => {
    const text = await context.git.text({ cwd: context.home, args: ['rev-list', '--max-parents=0', commit, '--'] });
    return text.split('\n').filter(isOid);
  };
  const [roots, others] = await Promise.all([rootsOf(one), rootsOf(other)]);
  return !roots.some(root => others.includes(root));
}
