import fs from 'node:fs';
import path from 'node:path';
import { CmError, messageOf } from '../../domain/errors.ts';
import { defaultSettings, type Settings } from '../../domain/settings.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { fromText } from './load.ts';
import { type Places, readSettingsFile } from './places.ts';

/** Which file to change: this repository's, or the user's for all repositories. */
export type SettingsScope = 'repo' | 'user';

/** Path of the file that `setSetting` writes. */
export function settingsFile(places: Places, scope: SettingsScope): string {
  return scope === 'repo' ? places.repo : places.user;
}

/** The value under a dotted path (`maxParallel`, `agents.demo.args`). Throws a `CmError` (exit 2) for an unknown setting. */
export async function getSetting(settings: Settings, dotted: string): Promise<unknown> {
  await requireSetting(dotted);
  let value: unknown = settings;
  for (const key of dotted.split('.')) value = asMap(value).get(key);
  return value;
}

/**
 * Writes one setting into a file, atomically. A text is parsed as JSON if it is JSON (`2`, `["npm test"]`) and the setting is not a
 * text. Throws a `CmError` (exit 2) for an unknown name or invalid value, and then changes nothing.
 */
export async function setSetting(places: Places, scope: SettingsScope, dotted: string, value: unknown): Promise<void> {
  await requireSetting(dotted);
  const file = settingsFile(places, scope);
  const before = readSettingsFile(file, scope === 'user')?.values ?? {};
  const keys = dotted.split('.');
  const candidates = typeof value === 'string' ? [fromText(keys.length === 1 ? dotted : '', value), value] : [value];
  const { validateLayer } = await import('./validate.ts');
  const accepts = (candidate: unknown): void => {
    const { warnings } = validateLayer({
      origin: () => file,
      named: false,
      values: withValue(before, keys, candidate),
    });
    const mine = warnings.find(warning => warning.startsWith(`Unknown setting "${dotted}"`));
    if (mine !== undefined) throw new CmError(mine, 2);
  };
  const chosen = firstAccepted(candidates, accepts);
  await change(file, store => store.set(dotted, chosen));
}

/** Removes one setting from a file, so that the value of a lower layer applies again. */
export async function deleteSetting(places: Places, scope: SettingsScope, dotted: string): Promise<void> {
  await requireSetting(dotted);
  const file = settingsFile(places, scope);
  if (readSettingsFile(file, scope === 'user') === null) return;
  await change(file, store => store.delete(dotted));
}

interface Store {
  set(key: string, value: unknown): void;
  delete(key: string): void;
}

async function change(file: string, edit: (store: Store) => void): Promise<void> {
  const { default: Conf } = await import('conf');
  try {
    // A link that the user made (dotfile managers do) is kept: the file it points to is written.
    const target = fs.existsSync(file) ? fs.realpathSync(file) : file;
    const { dir, name, ext } = path.parse(target);
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    const place = { cwd: dir, configName: name, fileExtension: ext };
    edit(new Conf<Record<string, unknown>>({ ...place, configFileMode: 0o600 }));
  } catch (error) {
    const reason = sanitizeLine(messageOf(error), 200);
    throw new CmError(`Cannot write ${escapePath(file)} (${reason}). Fix its permissions.`, 3, { cause: error });
  }
}

async function requireSetting(dotted: string): Promise<void> {
  const [key = ''] = dotted.split('.');
  if (Object.hasOwn(defaultSettings, key) && !dotted.split('.').includes('')) return;
  const { unknownSetting } = await import('./validate.ts');
  throw new CmError(unknownSetting(dotted, Object.keys(defaultSettings)), 2);
}

/** The first candidate that is accepted; otherwise the error of the first one. */
function firstAccepted(candidates: readonly unknown[], accepts: (candidate: unknown) => void): unknown {
  let problem: unknown;
  for (const candidate of candidates) {
    try {
      accepts(candidate);
      return candidate;
    } catch (error) {
      problem ??= error;
    }
  }
  throw problem;
}

function withValue(
  values: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  const [key = '', ...rest] = keys;
  const below = rest.length === 0 ? value : withValue(Object.fromEntries(asMap(values[key])), rest, value);
  return { ...values, [key]: below };
}

function asMap(value: unknown): Map<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}
