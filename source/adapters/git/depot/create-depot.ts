import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import { gitReason } from '../calls/answers.ts';
import { createRunner } from '../calls/run.ts';
import { privateFolder } from '../context.ts';

/** Bytes that one push may bring. */
const pushLimit = 512 * 1024 * 1024;

/** What keeps it within limits, as git's own settings. */
export const depotSettings: readonly (readonly [string, string])[] = [
  ['receive.fsckObjects', 'true'],
  ['transfer.fsckObjects', 'true'],
  ['receive.denyDeletes', 'true'],
  ['receive.maxInputSize', `${pushLimit}`],
  ['receive.unpackLimit', '1'],
  ['receive.autogc', 'false'],
  ['gc.auto', '0'],
  ['core.logAllRefUpdates', 'always'],
  ['core.fsync', 'all'],
  ['uploadpack.allowAnySHA1InWant', 'false'],
];

/** Workers may create and move the refs of runs, and nothing else: no branch, no base, no deletion. */
export const updateHook = `#!/bin/sh
# Written by cm-tui. What is pushed here comes from workers: they propose commits, and move nothing else.
case "$1" in
  refs/cm/runs/*|refs/cm/late/*|refs/cm/wip/*) ;;
  *) echo "cm-tui: workers may push refs/cm/runs, refs/cm/late and refs/cm/wip only" >&2; exit 1 ;;
esac
case "$3" in
  *[!0]*) exit 0 ;;
  *) echo "cm-tui: nothing is deleted here" >&2; exit 1 ;;
esac
`;

/** Makes the bare repository that commits travel through, or brings an existing one of ours up to date. Throws where it is something else. */
export async function createDepot(path: string): Promise<void> {
  const isThere = existsSync(path);
  if (isThere && !existsSync(join(path, 'cm-tui-depot')))
    throw new CmError(
      `${path} exists and is not a depot. Name another folder with "cm-tui fleet init --depot DIR".`,
      2,
    );
  privateFolder(path);
  const git = createRunner(null);
  const call = async (args: readonly string[]) => {
    const output = await git.run({ cwd: path, args, durable: true });
    if (output.code !== 0) throw new CmError(`The depot ${path} could not be made: ${gitReason(output)}.`, 3);
  };
  if (!isThere) await call(['init', '--bare', '--quiet', '--', path]);
  for (const [name, value] of depotSettings) await call(['--git-dir', path, 'config', name, value]);
  const hook = join(path, 'hooks', 'update');
  privateFolder(join(path, 'hooks'));
  writeFileSync(hook, updateHook, { mode: 0o755 });
  chmodSync(hook, 0o755);
  writeFileSync(join(path, 'cm-tui-depot'), '1\n', { mode: 0o600 });
}
