import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  acceptTracked,
  changeTimesOf,
  deleteSetting,
  getSetting,
  loadSettings,
  type Places,
  type SettingsScope,
  sealsOf,
  setSetting,
  settingsFile,
  settingsPlaces,
} from '../../../adapters/config/index.ts';
import { locateRepository, type RepositoryLocation, userTree } from '../../../adapters/git/index.ts';
import { runInherited } from '../../../adapters/processes/run-inherited.ts';
import { judgeSettings } from '../../../coordinator/runs/settings-change.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeJson, writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { consentTo, openContext } from '../../session/context.ts';
import { readJournal } from '../../session/journal/open-journal.ts';
import { knownOf } from '../../session/journal/rebuild-journal.ts';
import { withSession } from '../../session/session.ts';
import { nowhere, writeAsPerson } from '../../settings/write-as-person.ts';

interface ConfigOptions extends GlobalOptions {
  readonly user?: boolean;
}

/** `cm-tui config get|set|unset|edit|path|diff|trust`: the repository's settings, or with `--user` those for all repositories. */
export async function config(
  action: string,
  key: string | undefined,
  value: string | undefined,
  options: ConfigOptions,
): Promise<ExitCode> {
  switch (action) {
    case 'get':
      return get(key, options);
    case 'set':
      return set(key, value, options);
    case 'unset':
      return unset(key, options);
    case 'edit':
      return edit(options);
    case 'path':
      writeLine((await placeOf(options)).file);
      return 0;
    case 'diff': {
      const { commonDir, root, bare } = await locateRepository(options.repo ?? process.cwd());
      const { configDiff } = await import('./config-diff.ts');
      return configDiff({ root: bare ? null : root, commonDir, env: process.env }, options);
    }
    case 'trust':
    case 'accept':
      return trust(key, options);
    default:
      throw new CmError(
        `Unknown action "config ${sanitizeLine(action, 40)}". Use get, set, unset, edit, path, diff or trust.`,
        2,
      );
  }
}

/** One value, or all of them. A text is printed without quotes, so that scripts can use it. */
async function get(key: string | undefined, options: ConfigOptions): Promise<ExitCode> {
  const { settings } = await openContext(options);
  if (key === undefined) {
    writeJson(settings);
    return 0;
  }
  const value = await getSetting(settings, key);
  if (typeof value === 'string') writeLine(value);
  else if (value === undefined) throw new CmError(`"${sanitizeLine(key, 100)}" is not set.`, 1);
  else writeJson(value);
  return 0;
}

async function set(key: string | undefined, value: string | undefined, options: ConfigOptions): Promise<ExitCode> {
  if (key === undefined || value === undefined) {
    throw new CmError('Name a setting and a value, e.g. "cm-tui config set maxParallel 3".', 2);
  }
  const { places, scope, file, repository } = await placeOf(options);
  if (key === 'keys' || key.startsWith('keys.')) await refuseKeys(key, value, options);
  await writeAsPerson(file, repository?.commonDir ?? null, options, () => setSetting(places, scope, key, value));
  writeLine(`Set ${sanitizeLine(key, 100)} in ${escapePath(file)}.`);
  return 0;
}

/** Keys that the screen would ignore are not written. */
async function refuseKeys(key: string, value: string, options: ConfigOptions): Promise<void> {
  const { isKeySetting, resolveKeys } = await import('../../../commands/keymap.ts');
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return;
  }
  const changed: unknown = key === 'keys' ? parsed : { [key.slice('keys.'.length)]: parsed };
  // A value of another form is refused by the schema, which says what it should be.
  if (!isKeySetting(changed)) return;
  const { settings } = await openContext(options);
  const names = new Set(Object.keys(changed));
  const { problems } = resolveKeys({ ...settings.keys, ...changed });
  const found = problems.filter(({ id }) => names.has(id));
  if (found.length > 0)
    throw new CmError(
      found.map(({ id, why }) => `Invalid keys.${sanitizeLine(id, 60)}: ${sanitizeLine(why, 200)}.`).join(' '),
      2,
    );
}

async function unset(key: string | undefined, options: ConfigOptions): Promise<ExitCode> {
  if (key === undefined) throw new CmError('Name the setting to remove, e.g. "cm-tui config unset agent".', 2);
  const { places, scope, file, repository } = await placeOf(options);
  await writeAsPerson(file, repository?.commonDir ?? null, options, () => deleteSetting(places, scope, key));
  writeLine(`Removed ${sanitizeLine(key, 100)} from ${escapePath(file)}.`);
  return 0;
}

/** Opens the file in the user's editor, then validates it. */
async function edit(options: ConfigOptions): Promise<ExitCode> {
  const { file, repository } = await placeOf(options);
  if (!canAsk()) throw new CmError(`Not a terminal. Edit ${escapePath(file)} yourself.`, 3);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, '{}\n', { flag: 'wx', mode: 0o600 }).catch(unlessThere);
  const [editor = 'vi', ...args] = (process.env.VISUAL || process.env.EDITOR || 'vi').split(/\s+/).filter(Boolean);
  await writeAsPerson(file, repository?.commonDir ?? null, options, async () => {
    const code = await runInherited(editor, [...args, file], { cwd: process.cwd(), env: process.env }).ended;
    if (code !== 0)
      throw new CmError(
        `The editor ${sanitizeLine(editor, 100)} failed with exit code ${code}. Set EDITOR to another one.`,
        1,
      );
  });
  await checkSettings(repository);
  return 0;
}

/** Throws what is wrong with the current settings. */
async function checkSettings(repository: RepositoryLocation | null): Promise<void> {
  const { warnings } = await loadSettings({
    flags: {},
    env: process.env,
    root: treeOf(repository),
    commonDir: repository?.commonDir ?? nowhere,
  });
  for (const warning of warnings) writeError(warning);
}

/** Shows what a tracked settings file would start, and accepts exactly that version when the user confirms or gives its hash. */
async function trust(hash: string | undefined, options: ConfigOptions): Promise<ExitCode> {
  const place = await locateRepository(options.repo ?? process.cwd());
  const { commonDir } = place;
  const tree = treeOf(place);
  const places = { root: tree, commonDir, env: process.env };
  const seals = sealsOf(places);
  const named = Object.entries(seals).filter(([, digest]) => hash !== undefined && isHashOf(digest, hash));
  if (named.length > 0) return acceptFiles(Object.fromEntries(named), options);
  const { untrusted } = await loadSettings({ flags: {}, env: process.env, root: tree, commonDir });
  if (untrusted === null) {
    const known = knownOf(await readJournal(await openContext(options)));
    const waiting = judgeSettings(known, seals, false, changeTimesOf(places));
    if (waiting.kind === 'refused') {
      writeLine(waiting.message);
      return 3;
    }
    writeLine('Nothing to accept. No tracked setting is waiting for your consent.');
    return 0;
  }
  writeLine(`${escapePath(untrusted.path)} (SHA-256 ${untrusted.hash}) sets: ${untrusted.keys.join(', ')}.`);
  writeLine('These settings can start programs as you. Read the file before you accept it.');
  if (hash !== undefined) {
    if (!isHashOf(untrusted.hash, hash))
      throw new CmError(
        'The hash does not match the file. Read the file again, then accept it with its current hash.',
        2,
      );
  } else if (!canAsk()) {
    throw new CmError(`Nothing accepted. Answer in a terminal, or run "${consentTo(untrusted.hash)}".`, 3);
  } else if (!(await askYes('Accept this version of the file?'))) {
    writeLine('Not accepted. Its other settings still apply.');
    return 0;
  }
  await writeAsPerson(join(commonDir, 'cm-tui', 'trust.json'), commonDir, options, () =>
    acceptTracked(commonDir, untrusted.path, untrusted.hash),
  );
  writeLine('Accepted until the file changes.');
  return 0;
}

/** Accepts settings files that were changed while an agent ran, as they are now; a coordinator that runs hears of it. */
function acceptFiles(sealed: Readonly<Record<string, string>>, options: ConfigOptions): Promise<ExitCode> {
  return withSession<ExitCode>(
    options,
    async session => {
      const answer = await session.send({ type: 'accept-settings', sealed });
      if (!answer.ok) throw new CmError(answer.message);
      writeLine('Accepted, as it is now.');
      return 0;
    },
    sealed,
  );
}

/** Enough digits that nobody can craft another file with the same prefix. */
const leastDigits = 16;

function isHashOf(hash: string, named: string): boolean {
  return named.length >= leastDigits && hash.startsWith(named.toLowerCase());
}

interface Place {
  readonly places: Places;
  readonly scope: SettingsScope;
  readonly file: string;
  readonly repository: RepositoryLocation | null;
}

async function placeOf(options: ConfigOptions): Promise<Place> {
  const scope = options.user === true ? 'user' : 'repo';
  const found = locateRepository(options.repo ?? process.cwd());
  const repository = scope === 'user' ? await found.catch(() => null) : await found;
  const commonDir = repository?.commonDir ?? nowhere;
  const places = settingsPlaces({ root: treeOf(repository), commonDir, env: process.env });
  return { places, scope, file: settingsFile(places, scope), repository };
}

function treeOf(repository: RepositoryLocation | null): string | null {
  return repository === null ? null : userTree(repository);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
