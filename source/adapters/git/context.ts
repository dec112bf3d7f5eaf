import { mkdirSync } from 'node:fs';
import type { Oid } from '../../domain/ids.ts';
import type { RepositoryLocation } from './plumbing/locate.ts';
import type { RefFiles } from './plumbing/ref-files.ts';
import type { GitRunner } from './plumbing/run.ts';

/** What every part of the adapter shares. */
export interface GitContext {
  readonly git: GitRunner;
  readonly place: RepositoryLocation;
  /** Our state folder, mode 0700. */
  readonly runtimeDir: string;
  /** Folder of the integration worktree, outside the repository. */
  readonly integrationDir: string;
  /** Folder that git starts in when a call concerns the repository as a whole. */
  readonly home: string;
  readonly refFiles: RefFiles;
  /** Environment of the user, before it is made safe for git. */
  readonly environment: NodeJS.ProcessEnv;
  /** One mutating job at a time, in the order of the calls. */
  exclusive<T>(job: () => Promise<T>): Promise<T>;
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

/** A folder that only the user can enter. */
export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

export interface RefReading {
  readonly oid: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
}

/** Reads refs by full name in one start of git; names that do not exist are missing from the map. Folders of refs name all within. */
export async function readRefs(context: GitContext, names: readonly string[]): Promise<Map<string, RefReading>> {
  const format = '%(refname)%00%(objectname)%00%(tree)%00%(parent)';
  const text = await context.git.text({ cwd: context.home, args: ['for-each-ref', `--format=${format}`, ...names] });
  const refs = new Map<string, RefReading>();
  for (const line of text.split('\n')) {
    const [name = '', oid = '', tree = '', parents = ''] = line.split('\0');
    if (name !== '') refs.set(name, { oid, tree, parents: parents === '' ? [] : parents.split(' ') });
  }
  return refs;
}

/** The tip of a ref, null when it does not exist. */
export async function tipOf(context: GitContext, ref: string): Promise<Oid | null> {
  const tip = context.refFiles.read(ref);
  return tip === undefined ? ((await readRefs(context, [ref])).get(ref)?.oid ?? null) : tip;
}

/** True where `ancestor` is reached from `descendant`. Throws when git cannot tell. */
export async function isAncestor(context: GitContext, ancestor: Oid, descendant: Oid): Promise<boolean> {
  if (ancestor === descendant) return true;
  const call = { cwd: context.home, args: ['merge-base', '--is-ancestor', ancestor, descendant] };
  const output = await context.git.run(call);
  if (output.code === 0) return true;
  if (output.code === 1 && output.stderr === '') return false;
  await context.git.text(call);
  return false;
}

/** The best common ancestor of two commits; null where there is none or git cannot tell. */
export async function mergeBase(context: GitContext, one: Oid, other: Oid): Promise<Oid | null> {
  const output = await context.git.run({ cwd: context.home, args: ['merge-base', one, other] });
  return output.code === 0 ? output.stdout.toString('utf8').trim() : null;
}
