import { type Dirent, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../domain/errors.ts';
import { readRegular, readRegularText } from '../../regular-file.ts';
import { type GitContext, readRefs } from '../context.ts';
import { splitNul } from '../plumbing/parse.ts';
import { type ConfigEntry, digest, runsSomething } from './executable-config.ts';

/**
 * Sections of the configuration that change what git shows, writes into a work tree or finds at all. Whole sections, since git learns new
 * names with every release; what names a program stands in `runsSomething`.
 */
const showsSomething =
  /^((apply|attr|checkout|core|diff|extensions|feature|i18n|index|log|merge|pack|sparse|status)\..*|submodule\..*\.ignore|remote\..*\.(promisor|partialclonefilter))$/;

/**
 * Settings that decide where the user's next push goes, what their next fetch or `git gc` throws away, and whether and with which key work
 * is signed.
 */
const redirects =
  /^(branch\..*\.pushremote|commit\.gpgsign|fetch\.prune(tags)?|gc\..*|gpg\..*|push\..*|remote\.pushdefault|remote\..*\.(mirror|prune|prunetags|push)|tag\.gpgsign|user\.signingkey)$/;

/** Git sets these itself when it makes a worktree of a sparse checkout. */
const ownDoing = new Set(['extensions.worktreeconfig', 'core.repositoryformatversion']);

/** Files in the common folder that make git show other objects, another history or other files than it stores. */
const files = [
  'commondir',
  'info/exclude',
  'info/grafts',
  'info/sparse-checkout',
  'objects/info/alternates',
  'objects/info/http-alternates',
  'shallow',
];

/**
 * Everything beside objects and branches that changes what git shows of the repository, by name, with a digest of its value: taken before
 * a run and compared after it, it tells what an agent has changed. Our own git is deaf to most of it; the user's is not.
 */
export async function readRepositorySettings(
  context: GitContext,
  config: readonly ConfigEntry[],
): Promise<Readonly<Record<string, string>>> {
  const [replacements, flags] = await Promise.all([readReplacements(context), readFlags(context, isSparse(config))]);
  const found: Record<string, string> = { ...replacements, ...flags };
  const add = (name: string, value: string) => {
    found[name] = digest(`${found[name] ?? ''}\0${value}`);
  };
  for (const { scope, key, value } of config) {
    const own = scope === 'local' || scope === 'worktree';
    if (ownDoing.has(key) || (own && runsSomething.test(key))) continue;
    if ([showsSomething, redirects, runsSomething].some(one => one.test(key)))
      add(`${own ? '' : `${scope} `}config ${key}`, value);
  }
  const { commonDir } = context.place;
  for (const name of [...files, ...filesOfWorktrees(commonDir)]) addFile(`file ${name}`, join(commonDir, name));
  for (const file of usersFiles(context, config)) addFile(`file ${file}`, file);
  for (const name of linksIn(commonDir)) found[`link ${name}`] = digest(name);
  return found;

  function addFile(name: string, file: string): void {
    const content = contentOf(file);
    if (content !== null) found[name] = digest(content);
  }
}

/** The user's attributes and ignore rules for all repositories: where their configuration says, or where git looks without it. */
function usersFiles({ environment }: GitContext, config: readonly ConfigEntry[]): readonly string[] {
  const home = environment.HOME ?? homedir();
  const folder = join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'git');
  const named = (key: string) => config.findLast(one => one.key === key)?.value ?? null;
  return (['attributes', 'ignore'] as const).flatMap(name => {
    const path = named(name === 'ignore' ? 'core.excludesfile' : 'core.attributesfile') ?? join(folder, name);
    return path === '' ? [] : [path.startsWith('~/') ? join(home, path.slice(2)) : path];
  });
}

/** Settings of linked worktrees that are not cm-tui's; in those, they belong to the agent that works there. */
function filesOfWorktrees(commonDir: string): readonly string[] {
  return entriesOf(join(commonDir, 'worktrees')).flatMap(({ name }) => {
    const lock = readRegularText(join(commonDir, 'worktrees', name, 'locked'));
    if (lock?.startsWith('cm-tui ') === true) return [];
    return ['config.worktree', 'info/sparse-checkout'].map(file => `worktrees/${name}/${file}`);
  });
}

/** Replacement objects: git shows another object in place of the one that is named. */
async function readReplacements(context: GitContext): Promise<Record<string, string>> {
  if (!context.refFiles.mayHave('refs/replace')) return {};
  const refs = [...(await readRefs(context, ['refs/replace']))];
  return Object.fromEntries(
    refs.map(([name, { oid }]) => [`replacement of ${name.slice('refs/replace/'.length)}`, digest(oid)]),
  );
}

/**
 * Flags in the user's index that make git take a file for unchanged without looking at it. Where the checkout is sparse, every landing
 * sets and removes some.
 */
async function readFlags(context: GitContext, sparse: boolean): Promise<Record<string, string>> {
  const { mainTree } = context.place;
  if (mainTree === null) return {};
  const text = await context.git.text({ cwd: mainTree, args: ['ls-files', '-v', '-z'] });
  const found: Record<string, string> = {};
  for (const entry of splitNul(text)) {
    const tag = entry[0] ?? '';
    const path = entry.slice(2);
    if (tag === 'S' || tag === 's') {
      if (!sparse) found[`flag skip-worktree of ${path}`] = tag;
    } else if (tag !== tag.toUpperCase()) found[`flag assume-unchanged of ${path}`] = tag;
  }
  return found;
}

function isSparse(config: readonly ConfigEntry[]): boolean {
  return /^(true|yes|on|1)$/i.test(config.findLast(({ key }) => key === 'core.sparsecheckout')?.value ?? '');
}

/** Symbolic links where git keeps its files: what they lead to can go, or be another's. */
function linksIn(commonDir: string): readonly string[] {
  const folders = ['', 'objects', 'objects/info', 'objects/pack', 'refs', 'refs/heads'];
  return folders.flatMap(folder =>
    entriesOf(join(commonDir, folder)).flatMap(entry => (entry.isSymbolicLink() ? [join(folder, entry.name)] : [])),
  );
}

/** What is not a file, or cannot be read, is reported differently from a missing file. */
function contentOf(file: string): string | Buffer | null {
  try {
    return readRegular(file, { followLinks: true });
  } catch (error) {
    return messageOf(error);
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
