import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CmError } from '../../domain/errors.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import { readSettingsFile } from './places.ts';

/**
 * Settings that start programs, bring files to agents, land work without asking or write outside the repository. From a tracked file,
 * which anybody who can push may have written, they count only after the user has accepted that exact file.
 */
const gatedKeys: ReadonlySet<string> = new Set([
  'agent',
  'agents',
  'fallbackAgents',
  'setup',
  'sources',
  'checks',
  'copy',
  'promptTemplate',
  'approve',
  'after',
  'reviewAgent',
  'reviewRounds',
  'raceJudge',
  'worktreeRoot',
  'fleet',
]);

/** True for a setting of a tracked file that counts only with the user's consent. */
export function isGated(key: string, value: unknown): boolean {
  return gatedKeys.has(key) || (key === 'notify' && hasCommand(value));
}

/** `notify` as such only rings a bell; its command starts a program. */
export function hasCommand(notify: unknown): boolean {
  return typeof notify === 'object' && notify !== null && 'command' in notify;
}

/** SHA-256 of a file's bytes in hex. */
export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Hash of the tracked settings file that the user accepted last, or null. */
export function acceptedHash(commonDir: string): string | null {
  const hash = readSettingsFile(path.join(stateFolder(commonDir), 'trust.json'), false)?.values.trackedSettings;
  return typeof hash === 'string' ? hash : null;
}

/**
 * Accepts a tracked settings file as the user saw it. Throws a `CmError` (exit 2) if it has changed since: the hash that was shown is
 * what is accepted, never the file's name.
 */
export async function acceptTracked(commonDir: string, file: string, shownHash: string): Promise<void> {
  const read = readSettingsFile(file, false);
  if (read === null || hashOf(read.bytes) !== shownHash) {
    throw new CmError(`${escapePath(file)} has changed since it was shown. Read it again before you accept it.`, 2);
  }
  // The library would read what stands there, whatever it is.
  acceptedHash(commonDir);
  const { default: Conf } = await import('conf');
  fs.mkdirSync(stateFolder(commonDir), { recursive: true, mode: 0o700 });
  const store = new Conf({ cwd: stateFolder(commonDir), configName: 'trust', configFileMode: 0o600 });
  store.set('trackedSettings', shownHash);
}

function stateFolder(commonDir: string): string {
  return path.join(commonDir, 'cm-tui');
}
