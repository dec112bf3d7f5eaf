import type { Oid } from '../../../domain/ids.ts';
import { stdoutText } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';

/** What git holds under a name. */
export interface GitObject {
  /** `blob`, `tree`, `commit` or `tag`. */
  readonly kind: string;
  readonly content: Buffer;
}

/**
 * Contents of files by any name that git understands (`<commit>:<path>` or an object id), in order, with one start of git; null for what
 * does not exist or is not a file. Throws if git gives no answer.
 */
export async function readBlobs(context: GitContext, names: readonly string[]): Promise<(Buffer | null)[]> {
  const objects = await readObjects(context, names);
  return objects.map(object => (object?.kind === 'blob' ? object.content : null));
}

/** As `readBlobs`, whatever kind of object it is; null for what does not exist. */
export async function readObjects(context: GitContext, names: readonly string[]): Promise<(GitObject | null)[]> {
  if (names.length === 0) return [];
  const call = { cwd: context.home, args: ['cat-file', '--batch'], input: `${names.join('\n')}\n` };
  return context.git.ask(call, ({ code, stdout }) => (code === 0 ? parseBatch(stdout, names.length) : undefined));
}

/** What `cat-file --batch` printed of so many names; undefined where a part of it is missing. */
function parseBatch(stdout: Buffer, count: number): (GitObject | null)[] | undefined {
  const objects: (GitObject | null)[] = [];
  let at = 0;
  while (objects.length < count) {
    const end = stdout.indexOf(10, at);
    if (end < 0) return undefined;
    const [, kind, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(stdout.toString('utf8', at, end)) ?? [];
    const start = end + 1;
    at = kind === undefined ? start : start + Number(size) + 1;
    if (at > stdout.length) return undefined;
    objects.push(kind === undefined ? null : { kind, content: stdout.subarray(start, at - 1) });
  }
  return objects;
}

/** Those of the objects that are not in the repository. */
export async function missingAmong(context: GitContext, oids: readonly Oid[]): Promise<readonly Oid[]> {
  const call = { cwd: context.home, args: ['cat-file', '--batch-check'], input: `${oids.join('\n')}\n` };
  const lines = await context.git.ask(call, output => {
    const found = stdoutText(output)?.trimEnd().split('\n');
    return found?.length === oids.length ? found : undefined;
  });
  return oids.filter((_, at) => lines[at]?.endsWith(' missing') === true);
}
