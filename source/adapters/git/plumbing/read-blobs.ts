import type { Oid } from '../../../domain/ids.ts';
import { stdoutText } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';

/**
 * Contents of files by any name that git understands (`<commit>:<path>` or an object id), in order, with one start of git; null for what
 * does not exist or is not a file. Throws if git gives no answer.
 */
export async function readBlobs(context: GitContext, names: readonly string[]): Promise<(Buffer | null)[]> {
  if (names.length === 0) return [];
  const call = { cwd: context.home, args: ['cat-file', '--batch'], input: `${names.join('\n')}\n` };
  return context.git.ask(call, ({ code, stdout }) => (code === 0 ? parseBatch(stdout, names.length) : undefined));
}

/** What `cat-file --batch` printed of so many names; undefined where a part of it is missing. */
function parseBatch(stdout: Buffer, count: number): (Buffer | null)[] | undefined {
  const blobs: (Buffer | null)[] = [];
  let at = 0;
  while (blobs.length < count) {
    const end = stdout.indexOf(10, at);
    if (end < 0) return undefined;
    const [, kind, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(stdout.toString('utf8', at, end)) ?? [];
    const start = end + 1;
    at = kind === undefined ? start : start + Number(size) + 1;
    if (at > stdout.length) return undefined;
    blobs.push(kind === 'blob' ? stdout.subarray(start, at - 1) : null);
  }
  return blobs;
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
