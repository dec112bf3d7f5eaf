import { CmError } from '../../domain/errors.ts';
import { defaultSandboxOptions, defaultSettings, type Settings } from '../../domain/settings.ts';
import { nearest } from '../../domain/text/nearest.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { layerSchema, partWords, type SettingsLayer } from './schema.ts';
import { settingWords } from './setting-words.ts';

/** Settings as somebody wrote them, and where. */
export interface RawLayer {
  /** For people: `CM_TUI_MAX_PARALLEL`, `--max-parallel`, or a path. */
  readonly origin: (key: string) => string;
  /** Whether `origin` already names the setting, as an option and a variable do. */
  readonly named: boolean;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Validates a source of settings. Throws a `CmError` (exit 2) for an invalid value; unknown names only cause a warning. */
export function validateLayer(raw: RawLayer): { readonly layer: SettingsLayer; readonly warnings: readonly string[] } {
  const known = Object.entries(raw.values).filter(([key]) => isSetting(key));
  const parsed = layerSchema().safeParse(Object.fromEntries(known));
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path ?? [];
    throw new CmError(complaint(raw, path.map(String)), 2);
  }
  return { layer: parsed.data, warnings: unknownNames(raw) };
}

/** True for the name of a setting. */
export function isSetting(key: string): key is keyof Settings {
  return Object.hasOwn(defaultSettings, key);
}

/** The sentence about an unknown setting, with the name that was probably meant. */
export function unknownSetting(key: string, candidates: readonly string[], origin: string | null = null): string {
  const near = nearest(key, candidates);
  const where = origin === null ? '' : ` in ${escapePath(origin)}`;
  return `Unknown setting "${shown(key)}"${where}${near === null ? '' : ` (did you mean "${near}"?)`}.`;
}

function complaint(raw: RawLayer, path: readonly string[]): string {
  const [key = ''] = path;
  const named = raw.named && path.length <= 1;
  const name = shown(named ? raw.origin(key) : path.join('.'));
  const where = named ? '' : ` in ${escapePath(raw.origin(key))}`;
  const found = shown(JSON.stringify(valueAt(raw.values, path)) ?? 'nothing', 80);
  return `Invalid ${name} ${found}${where}. Use ${mustBe(path)}.`;
}

/** What the value at a path must be, as precisely as the tables know. */
function mustBe(path: readonly string[]): string {
  const [key = '', part = '', field = ''] = path;
  if (!isSetting(key)) return 'something else';
  if (key === 'notify' && isKey(partWords.notify, part)) return partWords.notify[part];
  if (key === 'fleet' && isKey(partWords.fleet, part)) return partWords.fleet[part];
  if (key === 'agents' && isKey(partWords.agents, field)) return partWords.agents[field];
  if (key === 'agents' && path.length === 2) return 'an object, under a name of letters, digits, `.`, `_` and `-`';
  return settingWords[key].must;
}

function unknownNames(raw: RawLayer): readonly string[] {
  const found: string[] = [];
  const check = (prefix: string, values: unknown, known: readonly string[]): void => {
    if (typeof values !== 'object' || values === null) return;
    for (const key of Object.keys(values)) {
      if (known.includes(key) || (prefix === '' && key === '$schema')) continue;
      found.push(
        unknownSetting(
          `${prefix}${key}`,
          known.map(name => prefix + name),
          raw.origin(key),
        ),
      );
    }
  };
  check('', raw.values, Object.keys(defaultSettings));
  check('notify.', raw.values.notify, Object.keys(partWords.notify));
  check('fleet.', raw.values.fleet, Object.keys(partWords.fleet));
  check('costCapUsd.', raw.values.costCapUsd, ['start', 'day', 'item', 'run']);
  const agents = raw.values.agents;
  for (const [name, agent] of typeof agents === 'object' && agents !== null ? Object.entries(agents) : []) {
    check(`agents.${name}.`, agent, Object.keys(partWords.agents));
    const options = valueAt(agent, ['sandboxOptions']);
    check(`agents.${name}.sandboxOptions.`, options, Object.keys(defaultSandboxOptions));
  }
  return found;
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  let value = values;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = new Map<string, unknown>(Object.entries(value)).get(key);
  }
  return value;
}

function isKey<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key);
}

function shown(text: string, length = 120): string {
  return sanitizeLine(text, length);
}
