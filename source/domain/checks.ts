import type { RunId } from './ids.ts';
import type { CheckRun } from './queue/merge-entry.ts';
import type { CommandSetting, Settings } from './settings.ts';

/** Checks may run in two places at once: those of the branch that lands next, and those of the one behind it. */
export const checkSlots = 2;

/** Identifies the check commands (8 hex digits), so that a result never counts for other commands. */
export function checksHash(settings: Pick<Settings, 'checks'>): string {
  return hash(JSON.stringify(settings.checks));
}

/**
 * The run id of one run of the checks. It follows from what is checked and how often it was tried, so that after a crash the very run
 * that was started is found again, whether or not its start was journaled.
 */
export function buildCheckRunId({
  candidate,
  commandHash,
  number,
}: Pick<CheckRun, 'candidate' | 'commandHash' | 'number'>): RunId {
  return `check-${candidate.slice(0, 24)}-${commandHash}-${number}`;
}

/** Name of the folder in which the checks of a branch write their log. */
export function checkRunName(slug: string): string {
  return `${checkPrefix}${slug}`;
}

/** The slug whose checks that name stands for; null where it names no checks. */
export function slugOfChecks(runName: string): string | null {
  return runName.startsWith(checkPrefix) ? runName.slice(checkPrefix.length) : null;
}

const checkPrefix = 'check-';

/**
 * The run id that everything started by the checks in one place carries. What a killed coordinator left behind there is found by it,
 * whichever branch it was for.
 */
export function checkSlotId(commonDir: string, slot: number): RunId {
  return `checks-${hash(commonDir)}${hash([...commonDir].reverse().join(''))}-${slot}`;
}

/** How a check command is shown. */
export function commandName(command: CommandSetting): string {
  return typeof command === 'string' ? command : command.join(' ');
}

/**
 * A script for `sh` that runs the check commands one after another until one fails, and ends with its exit code. Before each it prints a
 * line `$ command`. Commands that were given as lists never meet the shell's own rules: each word is quoted and passed to `exec`.
 * Everything it starts carries `cookie` as its run id.
 */
export function checkScript(commands: readonly CommandSetting[], cookie: RunId): string {
  const steps = commands.map(command => {
    const words = typeof command === 'string' ? ['sh', '-c', command] : ['sh', '-c', 'exec "$@"', 'check', ...command];
    return `printf '%s\\n' ${quote(`$ ${commandName(command)}`)}\n${words.map(quote).join(' ')} || exit "$?"`;
  });
  return ['exec 2>&1', `CM_RUN_ID=${quote(cookie)}`, 'export CM_RUN_ID', ...steps, ''].join('\n');
}

/** Between single quotes a shell takes everything as it is. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value.toString(16).padStart(8, '0');
}
