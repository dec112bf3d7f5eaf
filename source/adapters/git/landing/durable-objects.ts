import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { syncAll } from '../../regular-file.ts';
import type { GitContext } from '../context.ts';
import { assertOid, branchRef, isOid } from '../plumbing/refs.ts';

/**
 * Forces to disk what somebody has committed on a branch since `base`, and the branch itself: git waits for neither by default. Does
 * nothing for what it cannot list; the inspection of the branch reports that.
 */
export async function syncBranch(context: GitContext, branchName: string, head: Oid, base: Oid | null): Promise<void> {
  const known = base === null ? [] : [`^${assertOid(base)}`];
  const args = ['rev-list', '--objects', '--no-object-names', assertOid(head), ...known, '--'];
  const text = base === head ? '' : await context.git.text({ cwd: context.home, args }).catch(() => '');
  const { commonDir } = context.place;
  await syncLoose(commonDir, text.split('\n').filter(isOid));
  await syncAll([join(commonDir, branchRef(branchName))]);
}

/** Packs are on disk as soon as git shows them; files of single objects are not. Those that are not there lie in a pack. */
export async function syncLoose(commonDir: string, oids: readonly Oid[]): Promise<void> {
  const names = oids.map(oid => join(oid.slice(0, 2), oid.slice(2)));
  const folders = new Set(oids.map(oid => oid.slice(0, 2)));
  await syncAll([...names, ...folders].map(name => join(commonDir, 'objects', name)));
}
