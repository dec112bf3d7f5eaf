import { defaultSettings, type Settings } from '../../domain/settings.ts';
import { nearest } from '../../domain/text/nearest.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import { readSettingsFile, settingsPlaces } from './places.ts';
import type { SettingsLayer } from './schema.ts';
import { acceptedHash, hashOf, isGated } from './trust.ts';
import type { RawLayer } from './validate.ts';

export interface LoadOptions {
  /** Settings given as command line options. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the main worktree; null for a bare repository. */
  readonly root: string | null;
  readonly commonDir: string;
  /** Replaces the user's configuration folder. */
  readonly userDir?: string;
}

/** Settings of a tracked file that wait for the user's consent. */
interface UntrustedFile {
  readonly path: string;
  /** SHA-256 of the file, to show and to accept. */
  readonly hash: string;
  /** Its settings that are ignored until then. */
  readonly keys: readonly string[];
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** Setting (and `agents.<name>`, `keys.<action>`, `notify.<part>`, `fleet.<part>`) → where its value comes from; absent: the default. */
  readonly sources: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly untrusted: UntrustedFile | null;
}

const variablePrefix = 'CM_TUI_';

/**
 * The settings in force: flags over environment over the repository's file over the tracked file over the user's file over the
 * defaults. Throws a `CmError` (exit 2) that names file and setting for an invalid value. Nothing is written, and nothing that a
 * tracked file says is run: see `UntrustedFile`.
 */
export async function loadSettings(options: LoadOptions): Promise<LoadedSettings> {
  const places = settingsPlaces(options);
  const warnings: string[] = [];
  const layers: RawLayer[] = [];
  const addFile = (file: string, followLinks: boolean): void => {
    const read = readSettingsFile(file, followLinks);
    if (read !== null) layers.push({ origin: () => file, named: false, values: read.values });
  };
  addFile(places.user, true);
  const untrusted = places.tracked === null ? null : addTracked(layers, places.tracked, options.commonDir);
  addFile(places.repo, false);
  layers.push(fromEnvironment(options.env, warnings));
  layers.push({ origin: flagName, named: true, values: defined(options.flags) });

  const sources: Record<string, string> = {};
  let settings = defaultSettings;
  for (const raw of layers) {
    if (Object.keys(raw.values).length === 0) continue;
    // Loaded only if there is any setting: a start without settings does not pay for the schema.
    const { validateLayer } = await import('./validate.ts');
    const { layer, warnings: found } = validateLayer(raw);
    warnings.push(...found);
    settings = merge(settings, layer, raw, sources);
  }
  return { settings, sources, warnings, untrusted };
}

/** Adds what a tracked file may set, and returns what needs consent first. */
function addTracked(layers: RawLayer[], file: string, commonDir: string): UntrustedFile | null {
  const read = readSettingsFile(file, false);
  if (read === null) return null;
  const hash = hashOf(read.bytes);
  const waiting = Object.keys(read.values).filter(key => isGated(key, read.values[key]));
  const trusted = waiting.length === 0 || acceptedHash(commonDir) === hash;
  const values = trusted
    ? read.values
    : Object.fromEntries(Object.entries(read.values).filter(([key, value]) => !isGated(key, value)));
  layers.push({ origin: () => file, named: false, values });
  return trusted ? null : { path: file, hash, keys: waiting };
}

function fromEnvironment(env: NodeJS.ProcessEnv, warnings: string[]): RawLayer {
  const byVariable = new Map(Object.keys(defaultSettings).map(key => [variableName(key), key]));
  const values: Record<string, unknown> = {};
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(variablePrefix) || text === undefined || text === '') continue;
    const key = byVariable.get(variable);
    if (key !== undefined) values[key] = fromText(key, text);
    else {
      const near = nearest(
        variable.slice(variablePrefix.length),
        [...byVariable.keys()].map(name => name.slice(variablePrefix.length)),
      );
      if (near !== null)
        warnings.push(`${escapePath(variable)} is unknown and ignored. Did you mean ${variablePrefix}${near}?`);
    }
  }
  return { origin: variableName, named: true, values };
}

/** `maxParallel` → `CM_TUI_MAX_PARALLEL`. */
function variableName(key: string): string {
  return variablePrefix + key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
}

function flagName(key: string): string {
  const names: Partial<Record<string, string>> = { targetBranch: 'target' };
  return `--${names[key] ?? key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

/** A value written as text: parsed as JSON, unless the setting is a text and the JSON would be a number or nothing. */
export function fromText(key: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const textual = new Map<string, unknown>(Object.entries(defaultSettings)).get(key);
  const isTextual = typeof textual === 'string' || (textual === null && key !== 'costCapUsd' && key !== 'sources');
  return isTextual && typeof value !== 'string' && value !== null ? text : value;
}

function defined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Later layers win; agents, keys and the parts of `notify` and `fleet` are merged by name, an agent field by field. */
function merge(below: Settings, layer: SettingsLayer, raw: RawLayer, sources: Record<string, string>): Settings {
  for (const key of Object.keys(layer)) sources[key] = raw.origin(key);
  for (const key of ['agents', 'keys', 'notify', 'fleet'] as const) {
    for (const part of Object.keys(layer[key] ?? {})) sources[`${key}.${part}`] = raw.origin(key);
  }
  const agents = { ...below.agents };
  for (const [name, agent] of Object.entries(layer.agents ?? {})) agents[name] = { ...agents[name], ...agent };
  return {
    ...below,
    ...layer,
    agents,
    keys: { ...below.keys, ...layer.keys },
    notify: { ...below.notify, ...layer.notify },
    fleet: { ...below.fleet, ...layer.fleet },
  };
}
