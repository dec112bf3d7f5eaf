import { join } from 'node:path';
import type { LaunchContext } from '../../ports/agents.ts';
import { networkNames } from '../launch/environment.ts';
import { gitFoldersOf } from '../launch/git-folders.ts';
import { type Program, plainSettings } from '../launch/program.ts';
import { createCodexReader } from '../reading/codex-stream.ts';

/** Codex (flags as of 0.169): prompt on stdin (`-`), which must end or it waits for ever; events on stdout; no cost. */
export const codex: Program = {
  name: 'codex',
  rank: 2,
  tried: '0.171.0',
  install: 'Install Codex (npm install -g @openai/codex) and log in once with "codex login".',
  defaults: {
    ...plainSettings('codex', [
      'exec',
      '--json',
      '--sandbox',
      'workspace-write',
      '--skip-git-repo-check',
      '-C',
      '{worktree}',
    ]),
    reader: 'codex',
    prompt: 'stdin',
    // `exec resume` knows neither -C nor --sandbox (0.169), works in the folder it is started in, and is read-only unless
    // configured otherwise, whatever the session was allowed before.
    resume: ['exec', 'resume', '{session}', '--json', '--skip-git-repo-check', '-c', 'sandbox_mode="workspace-write"'],
  },
  interactive: {
    args: ['--sandbox', 'workspace-write', '-C', '{worktree}'],
    resume: ['resume', '{session}', '--sandbox', 'workspace-write', '-C', '{worktree}'],
    prompt: 'argument',
    reader: 'text',
    promptArgs: {},
  },
  readOnly: { args: ['exec', '--json', '--sandbox', 'read-only', '--skip-git-repo-check', '-C', '{worktree}'] },
  passEnv: [...networkNames, 'OPENAI_*', 'CODEX_*', 'AZURE_*'],
  modelArgs: model => ['--model', model],
  effortArgs: effort => ['-c', `model_reasoning_effort=${JSON.stringify(effort)}`],
  runArgs: writableRoots,
  promptArgs: { stdin: ['-'] },
  stateFolders: ['.codex'],
  createReader: createCodexReader,
};

/**
 * The sandbox leaves only the worktree writable, but a commit writes into the repository's git folder. Only what a commit needs is
 * opened there: never `config` or `hooks`, which would run as the user.
 */
function writableRoots(context: LaunchContext): readonly string[] {
  const folders = gitFoldersOf(context.worktree);
  if (folders === null) return [];
  const roots = [folders.gitDir, ...['objects', 'refs', 'logs'].map(name => join(folders.commonDir, name))];
  return ['-c', `sandbox_workspace_write.writable_roots=${JSON.stringify(roots)}`];
}
