import { commandName } from '../domain/checks.ts';
import type { Instance, SetupFiles } from '../domain/instance.ts';
import type { Settings } from '../domain/settings.ts';
import type { RuntimeDeps } from './deps.ts';

/** Output kept of a failed `setup` in its one-sentence reason. */
const detailLength = 300;
const setupTimeoutMs = 30 * 60_000;

/** Copies what a new worktree lacks and runs the user's `setup` in it; `files`: what that changed. */
export async function setUp(
  { git, processes, launcher, work }: RuntimeDeps,
  settings: Pick<Settings, 'copy' | 'setup'>,
  instance: Instance,
  leaving: AbortSignal,
): Promise<{ readonly ok: boolean; readonly message: string; readonly files?: SetupFiles }> {
  const refused = settings.copy.length > 0 ? await git.copyFiles(instance.worktreePath, settings.copy) : [];
  for (const command of settings.setup) {
    const result = await processes.run(command, {
      cwd: instance.worktreePath,
      env: launcher.environment(instance),
      timeoutMs: setupTimeoutMs,
      signal: leaving,
    });
    if (result.exitCode !== 0) return { ok: false, message: `setup ${describe(command, result)}` };
  }
  if (settings.setup.length === 0 || work === undefined) return { ok: true, message: refused.join(' ') };
  const files = await work.uncommittedFiles(instance.worktreePath);
  return { ok: true, message: refused.join(' '), ...(Object.keys(files).length === 0 ? {} : { files }) };
}

function describe(
  command: string | readonly string[],
  result: { readonly exitCode: number | null; readonly output: string; readonly timedOut: boolean },
): string {
  const how = result.timedOut
    ? 'took too long'
    : result.exitCode === null
      ? 'was killed'
      : `exit code ${result.exitCode}`;
  const tail = result.output.trimEnd().slice(-detailLength).split('\n').slice(-3).join(' | ').trim();
  return `"${commandName(command)}": ${how}${tail === '' ? '' : `: ${tail}`}`;
}
