import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { type GitCall, gitReason } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { assertOid } from '../plumbing/refs.ts';
import { asStore, missingIn, type Submodule, storeIn, submodulesOf } from './stores.ts';

/**
 * Checks the submodules of a worktree out, as `git submodule update --init --recursive` does. What the repository's own store has is cloned
 * from there, without network and without a change of the user's settings. Null, or one sentence about what failed.
 */
export async function initialiseSubmodules(context: GitContext, tree: string): Promise<string | null> {
  if (!existsSync(join(tree, '.gitmodules'))) return null;
  const head = await context.git.text({ cwd: tree, args: ['rev-parse', '--verify', 'HEAD^{commit}'] });
  for (const submodule of await submodulesOf(context, assertOid(head.trim()))) {
    const problem = (await checkOut(context, tree, submodule)) ?? (await nested(context, join(tree, submodule.path)));
    if (problem !== null) return `Could not check out the submodule ${sanitizeLine(submodule.path, 200)}: ${problem}.`;
  }
  return null;
}

async function checkOut(context: GitContext, tree: string, submodule: Submodule): Promise<string | null> {
  const { name, path, commit } = submodule;
  const store = storeIn(context.place.commonDir, name);
  const isHere = (await missingIn(context, store, [commit])).length === 0;
  if (isHere && /^[\w./ -]+$/.test(name) && !/\n/.test(store)) return fromStore(context, tree, { ...submodule, store });
  // What the user has not initialised yet is registered in the settings that all worktrees share, as git does it; one at a time.
  const init = await context.exclusive(() => run(context, tree, ['submodule', '--quiet', 'init', '--', path]));
  return init ?? run(context, tree, ['submodule', '--quiet', 'update', '--checkout', '--', path]);
}

async function fromStore(
  context: GitContext,
  tree: string,
  { name, path, store }: Submodule & { readonly store: string },
): Promise<string | null> {
  const config = [`submodule.${name}.url=${store}`, `submodule.${name}.active=true`, 'protocol.file.allow=always'];
  const problem = await run(context, tree, ['submodule', '--quiet', 'update', '--checkout', '--', path], config);
  if (problem !== null) return problem;
  // Whoever pushes or fetches there means the same remote as the user.
  const args = ['config', '--get', 'remote.origin.url'];
  const { code, stdout } = await context.elsewhere.run({ cwd: store, args, env: asStore(store) });
  const url = stdout.toString('utf8').trim();
  if (code !== 0 || url === '') return null;
  return run(context, join(tree, path), ['config', 'remote.origin.url', url]);
}

function nested(context: GitContext, tree: string): Promise<string | null> | null {
  if (!existsSync(join(tree, '.gitmodules'))) return null;
  return run(context, tree, ['submodule', '--quiet', 'update', '--init', '--recursive', '--checkout']);
}

async function run(
  { elsewhere }: GitContext,
  cwd: string,
  args: readonly string[],
  config: readonly string[] = [],
): Promise<string | null> {
  const call: GitCall = { cwd, args, config, durable: true, isLong: true };
  const output = await elsewhere.run(call);
  return output.code === 0 ? null : gitReason(output);
}
