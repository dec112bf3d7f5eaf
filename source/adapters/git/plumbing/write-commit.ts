import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { type GitOutput, gitReason } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { assertOid, isOid } from './refs.ts';

export interface CommitRequest {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly message: string;
  /** Missing: whoever commits is the author. `date`: seconds since 1970 and the offset, `1700000000 +0100`. */
  readonly author?: { readonly name: string; readonly email: string; readonly date: string };
  /** It is signed with the user's own program; false, or missing: it is not. */
  readonly sign?: boolean;
}

/** Milliseconds that a program which signs may be silent: one that waits for somebody who is not there must not hold the queue for ever. */
const signingMs = 60_000;

/**
 * Makes a commit, on disk when it returns: the user's identity, no hooks, a signature only where it is asked for. Its name, or one sentence
 * why it could not be made.
 */
export async function makeCommit(
  context: GitContext,
  { tree, parents, message, author, sign = false }: CommitRequest,
): Promise<{ readonly oid: Oid } | { readonly problem: string }> {
  const signed = sign ? ['-S'] : [];
  const args = [
    'commit-tree',
    ...signed,
    assertOid(tree),
    ...parents.flatMap(one => ['-p', assertOid(one)]),
    '-F',
    '-',
  ];
  const by = author && {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: `@${author.date}`,
  };
  const env = by === undefined ? {} : { env: by };
  const limit = sign ? { timeoutMs: signingMs } : {};
  const output = await context.git.run({ cwd: context.home, args, input: message, durable: true, ...limit, ...env });
  const oid = output.stdout.toString('utf8').trim();
  if (output.code === 0 && isOid(oid)) return { oid };
  if (sign) return { problem: signingProblem(output) };
  return { problem: `The commit could not be created: ${gitReason(output)}.` };
}

/** The words of the program that could not sign: git prints them among its own. */
function signingProblem(output: GitOutput): string {
  const words = output.stderr
    .split(/[\r\n]+/)
    .map(line => line.replace(/^(fatal|error|warning): ?/, '').trim())
    .filter(line => line !== '' && !/^\[GNUPG:\]|^failed to write commit object/.test(line));
  const why = output.timedOut || words.length === 0 ? gitReason(output) : sanitizeLine(words.join(' · '), 400);
  const fix = 'unlock your key ("cm-tui doctor" tries a signature), or set sign to "never"';
  return `The commit could not be signed: ${why}; ${fix}.`;
}

/** Message and trailers as git expects them: a blank line between, one line each, no control characters. */
export function commitMessage(message: string, trailers: Readonly<Record<string, string | readonly string[]>>): string {
  const lines = Object.entries(trailers)
    .filter(([name]) => /^[A-Za-z][A-Za-z0-9-]*$/.test(name))
    .flatMap(([name, values]) => [values].flat().map(value => `${name}: ${sanitizeLine(value, 500)}`));
  const text = message
    .split('\n')
    .map(line => sanitizeLine(line, 500).trimEnd())
    .join('\n')
    .trim();
  return `${text === '' ? 'Merge' : text}\n${lines.length === 0 ? '' : `\n${lines.join('\n')}\n`}`;
}
