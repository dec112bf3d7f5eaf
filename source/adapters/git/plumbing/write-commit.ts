import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GitContext } from '../context.ts';
import { commitTime, type Identity, identityOf } from './identity.ts';
import { algorithmOf, looseObject, type NewObject, nameOf, writeObjects } from './objects.ts';
import { assertOid } from './refs.ts';

/** A commit to be made of a tree, which may be among `objects`: what has to be written with it. */
export interface CommitRequest {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly message: string;
  readonly objects: readonly NewObject[];
}

/**
 * Makes a commit, and everything that it needs beyond what is there, in one start of git: the user's identity, no hooks, no signature.
 * Its name, or one sentence why it could not be made.
 */
export async function makeCommit(
  context: GitContext,
  request: CommitRequest,
): Promise<{ readonly oid: Oid } | { readonly problem: string }> {
  const identity = await identityOf(context);
  if (typeof identity === 'string') return { problem: `The commit could not be made: ${identity}.` };
  const commit: NewObject = { kind: 'commit', content: contentOf(request, identity, new Date()) };
  const algorithm = algorithmOf(assertOid(request.tree));
  const reason = await writeObjects(context, [...request.objects, commit], algorithm);
  if (reason !== null) return { problem: `The commit could not be made: ${reason}.` };
  const oid = nameOf(commit, algorithm);
  remember(context, oid, { parent: request.parents[0] ?? null, tree: request.tree });
  return { oid };
}

function contentOf({ tree, parents, message }: CommitRequest, { author, committer }: Identity, now: Date): Buffer {
  const time = commitTime(now);
  const lines = [
    `tree ${assertOid(tree)}`,
    ...parents.map(parent => `parent ${assertOid(parent)}`),
    `author ${author} ${time}`,
    `committer ${committer} ${time}`,
  ];
  return Buffer.from(`${lines.join('\n')}\n\n${message}`);
}

/** What a commit is made of; never changes. */
export interface CommitParts {
  readonly parent: Oid | null;
  readonly tree: Oid;
}

const remembered = 1000;

function remember(context: GitContext, commit: Oid, parts: CommitParts): void {
  context.commits.set(commit, parts);
  const eldest = context.commits.keys().next();
  if (context.commits.size > remembered && eldest.done !== true) context.commits.delete(eldest.value);
}

/** Tree and first parent of a commit, asked of git only where it is packed. Null: it cannot be read. */
export async function commitParts(context: GitContext, commit: Oid): Promise<CommitParts | null> {
  const known = context.commits.get(commit);
  if (known !== undefined) return known;
  const parts = partsIn(looseObject(context, commit)) ?? (await askParts(context, commit));
  if (parts !== null) remember(context, commit, parts);
  return parts;
}

function partsIn(object: { readonly kind: string; readonly content: Buffer } | null): CommitParts | null {
  if (object?.kind !== 'commit') return null;
  const head = /^tree ([0-9a-f]+)\n(?:parent ([0-9a-f]+)\n)?/.exec(object.content.toString('latin1'));
  return head?.[1] === undefined ? null : { tree: head[1], parent: head[2] ?? null };
}

async function askParts(context: GitContext, commit: Oid): Promise<CommitParts | null> {
  const args = ['rev-list', '--no-walk', '--format=%T %P', '--end-of-options', commit, '--'];
  const output = await context.git.run({ cwd: context.home, args });
  const [tree = '', parent = ''] = (output.stdout.toString('utf8').split('\n')[1] ?? '').split(' ');
  return output.code !== 0 || tree === '' ? null : { tree, parent: parent === '' ? null : parent };
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
