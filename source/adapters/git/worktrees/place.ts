import { mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { messageOf } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GitContext } from '../context.ts';
import { splitNul } from '../plumbing/parse.ts';

/** The path with its parent resolved, so that a link in it cannot lead elsewhere; refuses places where it would be in the way. */
export async function realPlace(
  context: GitContext,
  path: string,
): Promise<{ readonly path: string } | { readonly problem: string }> {
  const shown = sanitizeLine(path, 300);
  if (!isAbsolute(path) || path.includes('\0'))
    return problem(`${shown} is not an absolute path; set worktreeRoot to one.`);
  let parent: string;
  try {
    mkdirSync(dirname(path), { recursive: true });
    parent = realpathSync(dirname(path));
  } catch (error) {
    return problem(
      `Cannot create the folder for worktrees (${reasonFor(error)}); set worktreeRoot to a writable folder.`,
    );
  }
  const real = join(parent, basename(path));
  const { commonDir, mainTree } = context.place;
  if (isInside(real, commonDir)) return problem(`${shown} is inside the git folder; set worktreeRoot elsewhere.`);
  if (mainTree !== null && isInside(real, mainTree)) {
    if (!(await isIgnored(context, mainTree, real))) {
      return problem(`${shown} is inside the work tree and is not ignored; set worktreeRoot elsewhere, or ignore it.`);
    }
  }
  return { path: real };
}

/** Asked for the pattern that ignores it: git then says in words that there is none. */
function isIgnored(context: GitContext, tree: string, path: string): Promise<boolean> {
  const args = ['check-ignore', '--verbose', '--non-matching', '-z', '--stdin'];
  return context.git.ask({ cwd: tree, args, input: `${path}\0`, globs: true }, ({ code, stdout }) => {
    const [source, , pattern, named] = splitNul(stdout);
    if ((code !== 0 && code !== 1) || named !== path) return undefined;
    return source !== '' && pattern?.startsWith('!') === false;
  });
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(`${folder}${sep}`);
}

function problem(text: string): { readonly problem: string } {
  return { problem: text };
}

function reasonFor(error: unknown): string {
  return sanitizeLine(messageOf(error), 200);
}
