import { CmError } from '../../../domain/errors.ts';
import type { BranchCommit } from '../../../domain/review/material.ts';
import { sanitizeBlock, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GitPort } from '../../../ports/git.ts';
import { type GitContext, tipOf } from '../context.ts';
import { assertOid, branchRef } from '../plumbing/refs.ts';

const mostCommits = 200;
const format = ['%H', '%an', '%at', '%s', '%b'].join('%x00');

/** See `GitPort.branchCommits`. */
export async function branchCommits(
  context: GitContext,
  { branchName, base, head }: Parameters<GitPort['branchCommits']>[0],
): Promise<readonly BranchCommit[]> {
  const tip = head === null ? await tipOf(context, branchRef(branchName)) : assertOid(head);
  if (tip === null) throw new CmError(`The branch ${branchName} no longer exists.`, 1);
  const args = [
    'log',
    `--format=${format}`,
    '-z',
    '--no-show-signature',
    '--no-patch',
    `--max-count=${mostCommits}`,
    tip,
    ...(base === null ? [] : [`^${assertOid(base)}`]),
    '--',
  ];
  const fields = (await context.git.text({ cwd: context.home, args })).split('\0');
  const commits: BranchCommit[] = [];
  for (let at = 0; at + 4 < fields.length; at += 5) {
    const [oid = '', author = '', time = '', subject = '', body = ''] = fields.slice(at, at + 5);
    commits.push({
      oid,
      author: sanitizeLine(author, 100),
      at: Number(time) * 1000,
      subject: sanitizeLine(subject, 200),
      body: sanitizeBlock(body, 4000).trim(),
    });
  }
  return commits.reverse();
}
