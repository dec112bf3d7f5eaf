import path from 'node:path';
import { settingsName } from '../../domain/escape.ts';
import { harmlessSettings } from '../../domain/settings/live-settings.ts';
import { readSettingsFile, settingsPlaces } from './places.ts';
import { hasCommand, hashOf } from './trust.ts';

const harmless: ReadonlySet<string> = new Set(['$schema', ...harmlessSettings]);

/**
 * What the settings files outside of the tracked tree say of programs, approval and gates, by name, as digests: taken when a person is
 * known to have written them, and compared later, it tells what somebody else has changed. Layout and order do not count.
 */
export function sealsOf(options: {
  readonly root: string | null;
  readonly commonDir: string;
  readonly env: NodeJS.ProcessEnv;
}): Readonly<Record<string, string>> {
  const { repo, user } = settingsPlaces(options);
  const trust = path.join(path.dirname(repo), 'trust.json');
  return {
    [settingsName(repo)]: sealOf(repo, false),
    [settingsName(user)]: sealOf(user, true),
    [settingsName(trust)]: sealOf(trust, false),
  };
}

function sealOf(file: string, followLinks: boolean): string {
  try {
    const values = Object.entries(readSettingsFile(file, followLinks)?.values ?? {});
    const guarded = values.filter(([key, value]) => !harmless.has(key) || (key === 'notify' && hasCommand(value)));
    return hashOf(Buffer.from(JSON.stringify(ordered(Object.fromEntries(guarded)))));
  } catch {
    return 'unreadable';
  }
}

/** Keys sorted at every depth. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, ordered(one)]));
}
