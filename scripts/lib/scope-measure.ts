import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createGit } from '../../source/adapters/git/index.ts';
import { createGuesser, messageText } from '../../source/domain/scope/guess/guess.ts';
import { namesIn } from '../../source/domain/scope/guess/words.ts';

/** How well the local guess did with the latest commits of one repository. */
export interface Measured {
  readonly repository: string;
  /** Commits that were hidden, and those of which the guess was sure. */
  readonly commits: number;
  readonly sure: number;
  /** Of the files that it put into scopes, the share that was changed; of the files changed, the share in the scope. */
  readonly precision: number;
  readonly recall: number;
  /** The same for the files that it calls likely (one half and more). */
  readonly likelyPrecision: number;
  readonly likelyRecall: number;
  /** Pairs of commits with a scope, those called independent, and those of them that changed a file in common. */
  readonly pairs: number;
  readonly independent: number;
  readonly wrong: number;
}

/** Nobody plans a commit of more files than this as one piece of work. */
const mostFiles = 20;
/** Commits that the guess reads, as in the program. */
const historyLimit = 2000;

interface Result {
  readonly truth: ReadonlySet<string>;
  readonly scope: ReadonlySet<string>;
  readonly likely: ReadonlySet<string>;
}

/**
 * Hides the files of the latest `count` commits, one at a time, and has each guessed from its message, the files before it and the
 * commits before it. How far to trust the guess is learned from commits older than all of these.
 */
export async function measureScopes(folder: string, count: number): Promise<Measured> {
  const root = resolve(folder);
  const state = mkdtempSync(join(tmpdir(), 'cm-tui-scopes-'));
  try {
    const git = await createGit({ root, runtimeDir: state, integrationDir: join(state, 'checks') });
    const commits = latest(root, count);
    const oldest = commits.at(-1);
    if (oldest === undefined) throw new Error(`${folder} has no commits that could be hidden.`);
    const before = await git.pastChanges(oldest.parent, historyLimit);
    const { learned } = createGuesser(await git.trackedFiles(oldest.parent), before);
    const results: Result[] = [];
    for (const { parent, message, files: changed } of commits) {
      const [files, history] = await Promise.all([git.trackedFiles(parent), git.pastChanges(parent, historyLimit)]);
      const tracked = new Set(files);
      const truth = new Set(changed.filter(file => tracked.has(file)));
      // A commit of new files alone has no file that could be found, or that another could change beside it.
      if (truth.size === 0) continue;
      const uses = await git.usesOf(parent, namesIn(message));
      const guess = createGuesser(files, history, learned).guess(messageText(message), uses);
      const likely = guess.files.filter(({ likelihood }) => likelihood >= 0.5);
      results.push({ truth, scope: pathsOf(guess.files), likely: pathsOf(likely) });
    }
    return { repository: nameOf(root), ...summary(results) };
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

function summary(results: readonly Result[]): Omit<Measured, 'repository'> {
  const sure = results.filter(({ scope }) => scope.size > 0);
  let [independent, wrong] = [0, 0];
  sure.forEach((one, place) => {
    for (const other of sure.slice(place + 1)) {
      if (meets(one.scope, other.scope)) continue;
      independent += 1;
      if (meets(one.truth, other.truth)) wrong += 1;
    }
  });
  const [precision, recall] = shares(sure, ({ scope }) => scope);
  const [likelyPrecision, likelyRecall] = shares(sure, ({ likely }) => likely);
  const pairs = (sure.length * (sure.length - 1)) / 2;
  const counts = { commits: results.length, sure: sure.length, pairs, independent, wrong };
  return { ...counts, precision, recall, likelyPrecision, likelyRecall };
}

function shares(results: readonly Result[], chosen: (result: Result) => ReadonlySet<string>): [number, number] {
  let [right, said, changed] = [0, 0, 0];
  for (const result of results) {
    said += chosen(result).size;
    changed += result.truth.size;
    for (const file of chosen(result)) if (result.truth.has(file)) right += 1;
  }
  return [said === 0 ? 0 : right / said, changed === 0 ? 0 : right / changed];
}

function meets(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const file of one) if (other.has(file)) return true;
  return false;
}

function pathsOf(files: readonly { readonly path: string }[]): ReadonlySet<string> {
  return new Set(files.map(({ path }) => path));
}

/** The latest commits of HEAD with one parent and a few files, newest first. */
function latest(root: string, count: number) {
  const format = '--format=%x01%P%x02%B%x02';
  const args = [
    '-C',
    root,
    'log',
    '--no-merges',
    '--no-renames',
    '--name-only',
    '-z',
    format,
    `--max-count=${3 * count}`,
  ];
  const text = execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return text
    .split('\x01')
    .slice(1)
    .map(record => {
      const [parent = '', message = '', files = ''] = record.split('\x02');
      const paths = files.split('\0').map(path => path.replace(/^\n+/, ''));
      return { parent, message: message.trim(), files: paths.filter(path => path !== '') };
    })
    .filter(({ parent, files }) => parent !== '' && files.length > 0 && files.length <= mostFiles)
    .slice(0, count);
}

/** `owner/name` where the folder is one of a mirror, else its own name. */
function nameOf(root: string): string {
  const own = basename(root).replace(/\.git$/, '');
  return own === 'repo' ? basename(resolve(root, '..')).replace('+', '/') : own;
}
