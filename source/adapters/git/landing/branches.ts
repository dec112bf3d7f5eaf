import type { Oid } from '../../../domain/ids.ts';
import type { BranchResult } from '../../../ports/branches.ts';
import { gitReason } from '../calls/answers.ts';
import { type GitContext, readRefs } from '../context.ts';
import { assertOid, assertSlug, branchRef, isOwnBranch, stampOf } from '../plumbing/refs.ts';
import { updateRefs } from '../refs/update-refs.ts';

/** Puts a new branch at a commit, e.g. a candidate for a pull request. A branch of that name is never moved. */
export async function createBranch(context: GitContext, name: string, head: Oid, slug: string): Promise<BranchResult> {
  if (!isOwnBranch(name))
    return {
      outcome: 'failed',
      message: `Invalid branch name ${JSON.stringify(name)}; use letters, digits and . _ / -.`,
    };
  const ref = branchRef(name);
  if ((await readRefs(context, [ref])).size > 0) return { outcome: 'taken' };
  const output = await updateRefs(
    context,
    [`create ${ref} ${assertOid(head)}`],
    `cm-tui: branch for ${assertSlug(slug)}`,
  );
  // However git ended, the branch itself tells.
  const made = output.code === 0 || (await readRefs(context, [ref])).get(ref)?.oid === head;
  return made
    ? { outcome: 'created', head }
    : { outcome: 'failed', message: `Could not create the branch: ${gitReason(output)}.` };
}

/** See `BranchesPort.expirePins`. */
export async function expirePins(context: GitContext, olderThan: number, target: string | null): Promise<number> {
  const old = [...(await oldBackups(context, olderThan)), ...(await oldLandings(context, olderThan, target))];
  if (old.length === 0) return 0;
  const output = await updateRefs(
    context,
    old.map(({ name, oid }) => `delete ${name} ${oid}`),
    'cm-tui: expire pins',
  );
  return output.code === 0 ? old.length : 0;
}

interface Pin {
  readonly name: string;
  readonly oid: Oid;
}

/** Copies of the user's uncommitted work, what discarded runs held, and what the user lost while agents ran, by the time in their name. */
async function oldBackups(context: GitContext, olderThan: number): Promise<readonly Pin[]> {
  const limit = stampOf(olderThan);
  const refs = await readRefs(context, ['refs/cm/backup', 'refs/cm/discarded', 'refs/cm/lost']);
  return [...refs].flatMap(([name, { oid }]) => ((name.split('/')[3] ?? '') < limit ? [{ name, oid }] : []));
}

/**
 * Landings, and the candidate and heads of the same run, that are part of the target: their pins keep nothing that the branch does not. Old
 * tips of a rewound target and the heads of squashed work exist nowhere else.
 */
async function oldLandings(context: GitContext, olderThan: number, target: string | null): Promise<readonly Pin[]> {
  if (target === null) return [];
  const format = '--format=%(refname)%00%(objectname)%00%(committerdate:unix)';
  const kinds = ['refs/cm/landed', 'refs/cm/cand', 'refs/cm/head', 'refs/cm/old'];
  const args = ['for-each-ref', `--merged=${branchRef(target)}`, format, ...kinds];
  const text = await context.git.text({ cwd: context.home, args }).catch(() => '');
  const pins = text.split('\n').map(asPin);
  const landed = new Set(
    pins.flatMap(({ name, at }) => {
      const slug = /^refs\/cm\/landed\/(.+)$/.exec(name)?.[1];
      return slug !== undefined && at * 1000 < olderThan ? [slug] : [];
    }),
  );
  return pins.filter(({ name }) => landed.has(name.split('/')[3] ?? ''));
}

function asPin(line: string): Pin & { readonly at: number } {
  const [name = '', oid = '', at = ''] = line.split('\0');
  return { name, oid, at: at === '' ? Number.POSITIVE_INFINITY : Number(at) };
}
