import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { stdoutText } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { splitNul } from '../plumbing/parse.ts';
import { assertOid, isOid } from '../plumbing/refs.ts';

/** A submodule as a commit has it. */
export interface Submodule {
  /** What its store is called below `modules`. */
  readonly name: string;
  /** Where it lies in the work tree. */
  readonly path: string;
  /** The commit that it stands at. */
  readonly commit: Oid;
}

/** The submodules of a commit, those of their own apart; one without an entry in `.gitmodules`, or with an unsafe name, is left out. */
export async function submodulesOf(context: GitContext, commit: Oid): Promise<readonly Submodule[]> {
  const blob = `${assertOid(commit)}:.gitmodules`;
  const args = ['config', '--blob', blob, '-z', '--get-regexp', '^submodule\\..*\\.path$'];
  const text = await context.git.ask({ cwd: context.home, args }, output => {
    // No such file, or none of these settings in it.
    if (output.code === 1 || /unable to (resolve|load) config blob/.test(output.stderr)) return '';
    return stdoutText(output);
  });
  const named = splitNul(text).flatMap(entry => {
    const [key = '', path = ''] = [entry.slice(0, entry.indexOf('\n')), entry.slice(entry.indexOf('\n') + 1)];
    const name = /^submodule\.(.+)\.path$/s.exec(key)?.[1] ?? '';
    return isSafe(name) && isSafe(path) ? [{ name, path }] : [];
  });
  if (named.length === 0) return [];
  const tree = ['ls-tree', '-z', '--full-tree', commit, '--', ...named.map(({ path }) => path)];
  const entries = splitNul(await context.git.text({ cwd: context.home, args: tree }));
  const links = new Map(
    entries.flatMap(entry => {
      const [, oid = '', path = ''] = /^160000 commit (\S+)\t(.+)$/s.exec(entry) ?? [];
      return isOid(oid) ? [[path, oid] as const] : [];
    }),
  );
  return named.flatMap(({ name, path }) => {
    const oid = links.get(path);
    return oid === undefined ? [] : [{ name, path, commit: oid }];
  });
}

/** Becomes a path below the git folder, and an argument. */
function isSafe(name: string): boolean {
  return (
    name !== '' &&
    !/[\0-\x1f\\]/.test(name) &&
    !name.startsWith('-') &&
    name.split('/').every(part => !['', '.', '..', '.git'].includes(part.toLowerCase()))
  );
}

/** Where git keeps a submodule of the checkout with this git folder; it need not be there. */
export function storeIn(gitDir: string, name: string): string {
  return join(gitDir, 'modules', name);
}

/** Every store of a checkout by its name, those of nested submodules too (`lib/modules/inner`). */
export function storesIn(gitDir: string, within = ''): readonly string[] {
  const folder = join(gitDir, 'modules', within);
  return entriesOf(folder).flatMap(entry => {
    const name = within === '' ? entry : `${within}/${entry}`;
    const place = join(gitDir, 'modules', name);
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    if (!existsSync(join(place, 'HEAD'))) return storesIn(gitDir, name);
    return [name, ...(existsSync(join(place, 'modules')) ? storesIn(gitDir, `${name}/modules`) : [])];
  });
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Environment in which git works on a store alone, wherever its work tree is. */
export function asStore(store: string): Readonly<Record<string, string>> {
  return { GIT_DIR: store, GIT_WORK_TREE: store };
}

/** Those of the commits that a store does not have; all of them where there is no such store. */
export async function missingIn(
  { elsewhere }: GitContext,
  store: string,
  commits: readonly Oid[],
): Promise<readonly Oid[]> {
  if (commits.length === 0 || !existsSync(join(store, 'HEAD'))) return commits;
  const call = {
    cwd: store,
    args: ['cat-file', '--batch-check'],
    env: asStore(store),
    input: `${commits.join('\n')}\n`,
  };
  const lines = await elsewhere.ask(call, output => {
    const found = stdoutText(output)?.trimEnd().split('\n');
    return found?.length === commits.length ? found : undefined;
  });
  return commits.filter((_, at) => / commit \d+$/.test(lines[at] ?? '') === false);
}
