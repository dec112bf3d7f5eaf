import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CmError } from '../domain/errors.ts';
import type { Settings } from '../domain/settings.ts';
import { sampleFiles } from './sample-files.ts';

/** Runs a program in a folder and rejects where it fails. */
export type Run = (file: string, args: readonly string[], cwd: string) => Promise<void>;

/** The branch that is checked out in the sample repository and that finished work lands on. */
export const sampleTarget = 'roadmap';

/** The items that should land, and the one whose conflict is planned. */
export const sampleItems = {
  independent: ['US-041', 'US-042', 'US-043', 'US-044'],
  dependent: 'US-045',
  conflicting: 'US-046',
} as const;

/** The sample repository's own settings: the demo agent, and the shop's tests as the check that every landing has to pass. */
export const sampleSettings = {
  agent: 'demo',
  checks: [['node', '--test']],
} as const satisfies Partial<Settings>;

const taxFile = 'src/pricing.js';

/**
 * Makes the sample repository in `dir` (made where it is missing): the shop's files, one commit on `roadmap`, an identity
 * of its own, and `settings` in the state folder, where they need no acceptance.
 * @throws CmError where git fails
 */
export async function createSampleRepository(
  dir: string,
  run: Run,
  settings: Partial<Settings> = sampleSettings,
): Promise<void> {
  for (const [path, content] of Object.entries(sampleFiles)) await write(join(dir, path), content);
  try {
    await run('git', ['init', '--quiet', '--initial-branch', sampleTarget], dir);
    for (const [name, value] of Object.entries(localConfig)) await run('git', ['config', name, value], dir);
    await run('git', ['add', '--all'], dir);
    await run('git', ['commit', '--quiet', '--no-verify', '-m', 'Open the corner shop'], dir);
  } catch (error) {
    throw new CmError(`Could not create the sample repository in ${dir}. Check that git works there.`, 3, {
      cause: error,
    });
  }
  const config = join(dir, '.git', 'cm-tui', 'config.json');
  await mkdir(dirname(config), { recursive: true, mode: 0o700 });
  await writeFile(config, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
}

/** The user's own configuration must not get into the way: no signing, no hooks. */
const localConfig = {
  'user.name': 'Sam Ple',
  'user.email': 'sam@example.invalid',
  'commit.gpgSign': 'false',
  'core.hooksPath': '/dev/null',
} as const;

const attempts = 20;
const pauseMs = 100;

/**
 * The hand edit behind the planned conflict: a commit on the target that changes the line which US-046's agent changes.
 * To be called once that agent has its worktree. A landing that holds the index at that moment is waited for.
 * @throws CmError where git refuses for two seconds
 */
export async function commitUserEdit(dir: string, run: Run): Promise<void> {
  const file = join(dir, taxFile);
  const before = await readFile(file, 'utf8');
  await writeFile(file, before.replace(/^export const TAX_RATE = .*$/m, 'export const TAX_RATE = 0.2;'));
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run('git', ['commit', '--quiet', '--no-verify', '-m', 'Set the tax to 20 % at once', '--', taxFile], dir);
      return;
    } catch (error) {
      if (attempt >= attempts) {
        throw new CmError(`The demo could not commit its own change in ${dir}. Check "git status" there.`, 3, {
          cause: error,
        });
      }
      await sleep(pauseMs);
    }
  }
}

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
