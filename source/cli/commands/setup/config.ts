import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  acceptTracked,
  deleteSetting,
  getSetting,
  loadSettings,
  type Places,
  type SettingsScope,
  setSetting,
  settingsFile,
  settingsPlaces,
} from '../../../adapters/config/index.ts';
import { locateRepository, type RepositoryLocation } from '../../../adapters/git/index.ts';
import { runInherited } from '../../../adapters/processes/run-inherited.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeJson, writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { consentTo, openContext } from '../../session/context.ts';

interface ConfigOptions extends GlobalOptions {
  readonly user?: boolean;
}

/** `cm-tui config get|set|unset|edit|path|trust`: settings of the repository, with `--user` those for all repositories. */
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
    case 'trust':
    case 'accept':
      return trust(key, options);
    default:
      throw new CmError(
        `There is no "config ${sanitizeLine(action, 40)}": say get, set, unset, edit, path or trust.`,
        2,
      );
  }
}

/** One value, or all of them; a text stands bare, so that scripts can use it. */
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
    throw new CmError('Say what to set and to what, e.g. "cm-tui config set maxParallel 3".', 2);
  }
  const { places, scope, file } = await placeOf(options);
  await setSetting(places, scope, key, value);
  writeLine(`${sanitizeLine(key, 100)} is set in ${escapePath(file)}.`);
  return 0;
}

async function unset(key: string | undefined, options: ConfigOptions): Promise<ExitCode> {
  if (key === undefined) throw new CmError('Say which setting to take out, e.g. "cm-tui config unset agent".', 2);
  const { places, scope, file } = await placeOf(options);
  await deleteSetting(places, scope, key);
  writeLine(`${sanitizeLine(key, 100)} is not set in ${escapePath(file)} any more.`);
  return 0;
}

/** Opens the file in the user's editor and says what is wrong with it afterwards. */
async function edit(options: ConfigOptions): Promise<ExitCode> {
  const { file, repository } = await placeOf(options);
  if (!canAsk()) throw new CmError(`This is no terminal: edit ${escapePath(file)} yourself.`, 3);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, '{}\n', { flag: 'wx', mode: 0o600 }).catch(unlessThere);
  const [editor = 'vi', ...args] = (process.env.VISUAL || process.env.EDITOR || 'vi').split(/\s+/).filter(Boolean);
  const code = await runInherited(editor, [...args, file], { cwd: process.cwd(), env: process.env }).ended;
  if (code !== 0) throw new CmError(`The editor ${sanitizeLine(editor, 100)} ended with ${code}: set EDITOR.`, 1);
  await checkSettings(repository);
  return 0;
}

/** Throws what is wrong with the settings as they are now. */
async function checkSettings(repository: RepositoryLocation | null): Promise<void> {
  const { warnings } = await loadSettings({
    flags: {},
    env: process.env,
    root: treeOf(repository),
    commonDir: repository?.commonDir ?? nowhere,
  });
  for (const warning of warnings) writeError(warning);
}

/** Shows what a tracked settings file would start, and accepts exactly that file on a yes, or where its hash is named. */
async function trust(hash: string | undefined, options: ConfigOptions): Promise<ExitCode> {
  const { root, commonDir, bare } = await locateRepository(options.repo ?? process.cwd());
  const { untrusted } = await loadSettings({ flags: {}, env: process.env, root: bare ? null : root, commonDir });
  if (untrusted === null) {
    writeLine('There is nothing to accept: no tracked setting waits for your consent.');
    return 0;
  }
  writeLine(`${escapePath(untrusted.path)} (SHA-256 ${untrusted.hash}) sets: ${untrusted.keys.join(', ')}.`);
  writeLine('These settings can start programs with your rights. Read the file before you accept it.');
  if (hash !== undefined) {
    if (!isHashOf(untrusted.hash, hash))
      throw new CmError('That is not the hash of the file as it is now: look at it again before you accept it.', 2);
  } else if (!canAsk()) {
    throw new CmError(`Nothing was accepted: say so in a terminal, or with "${consentTo(untrusted.hash)}".`, 3);
  } else if (!(await askYes('Accept this very version of the file?'))) {
    writeLine('Not accepted; the rest of its settings holds.');
    return 0;
  }
  await acceptTracked(commonDir, untrusted.path, untrusted.hash);
  writeLine('Accepted, until the file changes.');
  return 0;
}

/** As many digits as nobody can make another file have by trying. */
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

/** A folder that cannot exist stands for "no repository": the user's own settings need none. */
const nowhere = join('/dev', 'null');

async function placeOf(options: ConfigOptions): Promise<Place> {
  const scope = options.user === true ? 'user' : 'repo';
  const found = locateRepository(options.repo ?? process.cwd());
  const repository = scope === 'user' ? await found.catch(() => null) : await found;
  const commonDir = repository?.commonDir ?? nowhere;
  const places = settingsPlaces({ root: treeOf(repository), commonDir, env: process.env });
  return { places, scope, file: settingsFile(places, scope), repository };
}

function treeOf(repository: RepositoryLocation | null): string | null {
  return repository === null || repository.bare ? null : repository.root;
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
