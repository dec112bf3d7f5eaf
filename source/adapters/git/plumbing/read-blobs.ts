import type { GitContext } from '../context.ts';
import { gitFailure } from './run.ts';

/**
 * Contents of files by any name that git understands (`<commit>:<path>` or an object id), in order, in one start of git; null for what is
 * not there or is no file. Throws when git cannot tell.
 */
export async function readBlobs(context: GitContext, names: readonly string[]): Promise<(Buffer | null)[]> {
  if (names.length === 0) return [];
  const call = { cwd: context.home, args: ['cat-file', '--batch'], input: `${names.join('\n')}\n` };
  const output = await context.git.run(call);
  if (output.code !== 0) throw gitFailure(call, output);
  const { stdout } = output;
  let at = 0;
  return names.map(() => {
    const end = stdout.indexOf(10, at);
    const header = stdout.toString('utf8', at, end);
    const [, kind, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(header) ?? [];
    const start = end + 1;
    at = kind === undefined ? start : start + Number(size) + 1;
    return kind === 'blob' ? stdout.subarray(start, start + Number(size)) : null;
  });
}
