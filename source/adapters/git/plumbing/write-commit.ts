import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { gitReason, stdoutText } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { assertOid, isOid } from './refs.ts';

export interface CommitRequest {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly message: string;
  /** Missing: whoever commits is the author. `date`: seconds since 1970 and the offset, `1700000000 +0100`. */
  readonly author?: { readonly name: string; readonly email: string; readonly date: string };
}

/**
 * Makes a commit, on disk when it returns: the user's identity, no hooks, no signature. Its name, or one sentence why it could not be made.
 */
export async function makeCommit(
  context: GitContext,
  { tree, parents, message, author }: CommitRequest,
): Promise<{ readonly oid: Oid } | { readonly problem: string }> {
  const args = ['commit-tree', assertOid(tree), ...parents.flatMap(parent => ['-p', assertOid(parent)]), '-F', '-'];
  const by = author && {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: `@${author.date}`,
  };
  const env = by === undefined ? {} : { env: by };
  const output = await context.git.run({ cwd: context.home, args, input: message, durable: true, ...env });
  const oid = output.stdout.toString('utf8').trim();
  if (output.code === 0 && isOid(oid)) return { oid };
  return { problem: `The commit could not be created: ${gitReason(output)}.` };
}

/** First parent of a commit; null where it has none. Throws when git cannot tell. */
export async function parentOf(context: GitContext, commit: Oid): Promise<Oid | null> {
  const args = ['rev-list', '--no-walk', '--parents', '--end-of-options', assertOid(commit), '--'];
  return context.git.ask({ cwd: context.home, args }, output => {
    const [own = '', parent] = stdoutText(output)?.trim().split(' ') ?? [];
    return own === commit ? (parent ?? null) : undefined;
  });
}

/** Message and trailers as git expects them: a blank line between, one line each, no control characters. */
export function commitMessage(message: string, trailers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(trailers)
    .filter(([name]) => /^[A-Za-z][A-Za-z0-9-]*$/.test(name))
    .map(([name, value]) => `${name}: ${sanitizeLine(value, 500)}`);
  const text = message
    .split('\n')
    .map(line => sanitizeLine(line, 500).trimEnd())
    .join('\n')
    .trim();
  return `${text === '' ? 'Merge' : text}\n${lines.length === 0 ? '' : `\n${lines.join('\n')}\n`}`;
}
