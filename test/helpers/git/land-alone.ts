import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { LandRequest } from '../../../source/ports/git.ts';

const root = join(import.meta.dirname, '../../..');

export interface LandAlone {
  /** Lands in a process of its own. `before` stands before the command, e.g. strace and its arguments. */
  land(
    repo: { readonly root: string; readonly env: NodeJS.ProcessEnv },
    request: LandRequest,
    how?: {
      readonly env?: NodeJS.ProcessEnv;
      readonly before?: readonly string[];
      readonly runtimeDir?: string;
    },
  ): { readonly signal: NodeJS.Signals | null; readonly stdout: string; readonly stderr: string };
}

/** Builds the program once; it lies where it finds the packages it needs. */
export async function landAlone(): Promise<LandAlone> {
  const program = join(root, 'node_modules/.cache/cm-tui', `land-alone-${process.pid}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'test/fixtures/programs/land-alone.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return {
    land(repo, request, { env = {}, before = [], runtimeDir = '' } = {}) {
      const [command = '', ...args] = [
        ...before,
        process.execPath,
        program,
        repo.root,
        runtimeDir,
        JSON.stringify(request),
      ];
      const { signal, stdout, stderr } = spawnSync(command, args, { env: { ...repo.env, ...env }, encoding: 'utf8' });
      return { signal, stdout, stderr };
    },
  };
}
