import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularText } from '../../regular-file.ts';
import { gitReason, stdoutText } from '../calls/answers.ts';
import { createRunner } from '../calls/run.ts';
import { depotSettings, updateHook } from './create-depot.ts';

const fsckMs = 30_000;
const again = 'Run "cm-tui fleet init" again.';

/** What is wrong with a depot on this machine, one sentence with the fix each. Changes nothing. */
export async function inspectDepot(path: string): Promise<readonly string[]> {
  if (!existsSync(join(path, 'cm-tui-depot'))) return [`${path} is not a depot. ${again}`];
  const git = createRunner(null);
  const call = (args: readonly string[], timeoutMs?: number) =>
    git.run({ cwd: path, args: ['--git-dir', path, ...args], ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  const hook = join(path, 'hooks', 'update');
  const isHooked = readRegularText(hook) === updateHook && (statSync(hook).mode & 0o100) !== 0;
  const read = await Promise.all(
    depotSettings.map(async ([name, value]) => {
      const now = (stdoutText(await call(['config', '--local', '--get', name])) ?? '').trim();
      return now === value ? null : name;
    }),
  );
  const lax = read.filter(name => name !== null);
  const whole = await call(['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], fsckMs);
  return [
    ...(isHooked ? [] : [`Its hook does not keep workers from moving branches. ${again}`]),
    ...(lax.length === 0 ? [] : [`Its limits ${lax.join(', ')} were changed. ${again}`]),
    ...(whole.code === 0
      ? []
      : [`It is damaged: ${gitReason(whole)}. Make another one with "cm-tui fleet init --depot DIR".`]),
  ];
}
