import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/*
 * What tests do to repositories over and over, with as few starts of git as it takes: on a slow machine a start costs more than what git
 * then does, and most of the starts of a test are of its preparations.
 */

/** Runs git in a folder with a text as its input; returns its output without the last line break. */
export type FeedGit = (input: string, ...args: string[]) => string;

/** A folder as it was once, in memory: of each entry its mode and, for a file, its bytes. */
type Copy = ReadonlyMap<string, { readonly mode: number; readonly bytes: Buffer | null }>;

function copyOf(folder: string): Copy {
  const copy = new Map<string, { mode: number; bytes: Buffer | null }>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const stat = statSync(join(folder, path));
    copy.set(path, { mode: stat.mode & 0o777, bytes: stat.isDirectory() ? null : readFileSync(join(folder, path)) });
  }
  return copy;
}

function writeCopy(copy: Copy, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, { mode, bytes }] of copy) {
    if (bytes === null) mkdirSync(join(folder, path), { mode });
    else writeFileSync(join(folder, path), bytes, { mode });
  }
}

const begun = new Map<string, Copy>();

/** Makes a repository with `make`, or as it was made before under this name in this process. Its paths must not stand in it. */
export function repositoryLike(name: string, folder: string, make: () => void): 'made' | 'copied' {
  const known = begun.get(name);
  if (known !== undefined) {
    writeCopy(known, folder);
    return 'copied';
  }
  make();
  begun.set(name, copyOf(folder));
  return 'made';
}

/** The commit that is checked out in a folder, read from git's files; undefined where they are not of the usual kind. */
export function checkedOut(folder: string): string | undefined {
  const [git, common] = gitFolders(folder);
  const head = firstLine(join(git, 'HEAD'));
  if (!head?.startsWith('ref: ')) return head;
  return firstLine(join(common, head.slice('ref: '.length)));
}

function gitFolders(folder: string): readonly [own: string, common: string] {
  const link = join(folder, '.git');
  if (statSync(link, { throwIfNoEntry: false })?.isFile() !== true) return [link, link];
  const own = (firstLine(link) ?? '').replace(/^gitdir: /, '');
  const common = firstLine(join(own, 'commondir')) ?? '.';
  return [own, isAbsolute(common) ? common : join(own, common)];
}

function firstLine(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : undefined;
}

/** What one commit changes: the text of each file by its path, null for one that it removes. */
export type Changes = Readonly<Record<string, string | null>>;

/** Commits on a branch, which may be new, without any checkout; returns the commit. */
export function importCommit(
  feed: FeedGit,
  commit: { readonly ref: string; readonly from: string; readonly message: string; readonly changes: Changes },
): string {
  const now = Math.floor(Date.now() / 1000);
  const files = Object.entries(commit.changes).map(([path, text]) =>
    text === null ? `D ${quoted(path)}\n` : `M 100644 inline ${quoted(path)}\n${data(text)}`,
  );
  const script = [
    `commit ${commit.ref}\nmark :1\nauthor ${author(now)}\ncommitter ${author(now)}\n`,
    data(`${commit.message}\n`),
    `from ${commit.from}\n`,
    ...files,
    'get-mark :1\ndone\n',
  ].join('');
  return feed(script, 'fast-import', '--quiet', '--done');
}

const author = (seconds: number) => `Ada <ada@example.org> ${seconds} +0000`;
const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
const quoted = (path: string) => (/^"|[\n\\]/.test(path) ? JSON.stringify(path) : path);
