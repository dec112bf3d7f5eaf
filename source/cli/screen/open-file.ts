import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { runInherited } from '../../adapters/processes/run-inherited.ts';
import { readRegularText } from '../../adapters/regular-file.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Shows text in the user's pager (`PAGER`, else `less`). Returns null on success, else one sentence. */
export async function showInPager(text: string, environment: Environment): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'cm-tui-'));
  try {
    const file = join(folder, 'changes.diff');
    await writeFile(file, text, { mode: 0o600 });
    return await run('PAGER', environment.PAGER || 'less', [file], folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Opens a file of a worktree in the user's editor (`VISUAL`, `EDITOR`, else `vi`), at a line if the editor is known to support that. A
 * path that leads out of the worktree, through a link too, is not opened.
 */
export async function openInEditor(
  worktree: string,
  path: string,
  line: number | null,
  environment: Environment,
): Promise<string | null> {
  const file = await realpath(join(worktree, path)).catch(() => null);
  if (file === null)
    return `${escapePath(path)} is not in the worktree: the branch deletes it, or the worktree was cleaned up.`;
  const way = relative(await realpath(worktree), file);
  if (way === '..' || way.startsWith(`..${sep}`))
    return `${escapePath(path)} is outside the worktree and was not opened.`;
  const editor = environment.VISUAL || environment.EDITOR || 'vi';
  return run('EDITOR', editor, [...lineOption(editor, line), file], worktree);
}

/** Opens a text in the user's editor; `taken` gets what was saved, if that worked. Returns null on success, else one sentence. */
export async function editText(
  text: string,
  taken: (text: string) => void,
  environment: Environment,
): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'cm-tui-'));
  try {
    const file = join(folder, 'prompt.md');
    await writeFile(file, text, { mode: 0o600 });
    const problem = await run('EDITOR', environment.VISUAL || environment.EDITOR || 'vi', [file], folder);
    if (problem !== null) return problem;
    const saved = readRegularText(file);
    if (saved === null) return 'The editor removed the text, so it stays as it was.';
    // An editor ends a file with a line break, which nobody typed.
    taken(text.endsWith('\n') ? saved : saved.replace(/\r?\n$/, ''));
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const takeLines: ReadonlySet<string> = new Set([
  'vi',
  'vim',
  'nvim',
  'view',
  'nano',
  'emacs',
  'emacsclient',
  'kak',
  'micro',
  'joe',
]);

function lineOption(editor: string, line: number | null): readonly string[] {
  const [program = ''] = editor.split(/\s+/);
  return line !== null && takeLines.has(basename(program)) ? [`+${line}`] : [];
}

/** Runs one of the user's programs with its own arguments, without a shell. */
async function run(variable: string, command: string, args: readonly string[], cwd: string): Promise<string | null> {
  const [program = '', ...own] = command.split(/\s+/).filter(Boolean);
  const code = await runInherited(program, [...own, ...args], { cwd, env: process.env }).ended;
  return code === 0
    ? null
    : `${sanitizeLine(program, 100)} failed with exit code ${code}. Set ${variable} to another program.`;
}
