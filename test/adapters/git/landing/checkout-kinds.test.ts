import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { preparation } from '../../../helpers/git/preparation.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

/** What a landing makes of the user's checkout, beside what `git merge --ff-only` makes of one that is the same. */

const opened: TestRepository[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Kind {
  readonly name: string;
  begin(repo: TestRepository): void;
  change(repo: TestRepository): void;
  readonly config?: Readonly<Record<string, string>>;
}

const plain = (repo: TestRepository) => {
  repo.write('a.txt', 'a\nb\n');
  repo.write('dir/c.txt', 'c\nd\n');
};

const kinds: readonly Kind[] = [
  {
    name: 'attributes that ask for other line ends come with the files they are about',
    begin: plain,
    change: repo => {
      repo.write('.gitattributes', '*.txt text eol=crlf\n');
      repo.write('a.txt', 'a\nb\nc\n');
      repo.write('new.txt', 'n\n');
    },
  },
  {
    name: 'attributes go',
    begin: repo => {
      repo.write('.gitattributes', '*.txt text eol=crlf\n');
      plain(repo);
    },
    change: repo => {
      rmSync(join(repo.root, '.gitattributes'));
      repo.write('a.txt', 'a\nb\nc\n');
    },
  },
  {
    name: 'attributes of a folder change',
    begin: plain,
    change: repo => {
      repo.write('dir/.gitattributes', 'c.txt text working-tree-encoding=UTF-16LE-BOM\n');
      rmSync(join(repo.root, 'dir/c.txt'));
      repo.write('dir/e.txt', 'e\n');
      repo.write('a.txt', 'z\n');
    },
  },
  {
    name: 'the user wants carriage returns',
    config: { 'core.autocrlf': 'true' },
    begin: plain,
    change: repo => {
      repo.write('a.txt', 'a\r\nb\r\nc\r\n');
      repo.write('new/n.txt', 'n\r\n');
    },
  },
  {
    name: 'modes, links, a folder for a file and a file for a folder',
    begin: repo => {
      plain(repo);
      repo.write('was-file', 'x\n');
      repo.write('was-folder/x', 'x\n');
      symlinkSync('a.txt', join(repo.root, 'link'));
    },
    change: repo => {
      chmodSync(join(repo.root, 'a.txt'), 0o755);
      rmSync(join(repo.root, 'was-file'));
      repo.write('was-file/inside', 'x\n');
      rmSync(join(repo.root, 'was-folder'), { recursive: true });
      repo.write('was-folder', 'x\n');
      rmSync(join(repo.root, 'link'));
      symlinkSync('dir', join(repo.root, 'link'));
      symlinkSync('nowhere', join(repo.root, 'dangling'));
    },
  },
  {
    name: 'without links in the checkout',
    config: { 'core.symlinks': 'false' },
    begin: plain,
    change: repo => {
      repo.git('config', 'core.symlinks', 'true');
      symlinkSync('a.txt', join(repo.root, 'link'));
    },
  },
  {
    name: 'without modes in the checkout',
    config: { 'core.fileMode': 'false' },
    begin: plain,
    change: repo => {
      repo.git('update-index', '--chmod=+x', 'a.txt');
      repo.write('dir/c.txt', 'other\n');
    },
  },
  {
    name: 'long names and deep folders',
    begin: plain,
    change: repo => {
      repo.write('x'.repeat(255), 'long\n');
      repo.write(`${`${'d'.repeat(200)}/`.repeat(12)}file`, 'deep\n');
    },
  },
  {
    name: 'names of any bytes',
    begin: repo => {
      plain(repo);
      repo.write('with\nline', 'x\n');
      repo.write('ü "quoted"\t', 'x\n');
    },
    change: repo => {
      repo.write('with\nline', 'y\n');
      repo.write('ü "quoted"\t', 'y\n');
      repo.write('-rf', 'y\n');
      repo.write('dir/ ', 'y\n');
    },
  },
  {
    name: 'a submodule comes, moves and goes',
    begin: repo => {
      plain(repo);
      submodule(repo, 'moves');
      submodule(repo, 'goes');
    },
    change: repo => {
      repo.gitIn(join(repo.root, 'moves'), 'commit', '-q', '--allow-empty', '-m', 'next');
      repo.git('rm', '-q', '--cached', 'goes');
      submodule(repo, 'comes');
    },
  },
];

function submodule(repo: TestRepository, path: string): void {
  const place = join(repo.root, path);
  mkdirSync(place, { recursive: true });
  repo.gitIn(place, 'init', '-q');
  repo.gitIn(place, 'commit', '-q', '--allow-empty', '-m', path);
  repo.git('-c', 'advice.addEmbeddedRepo=false', 'add', path);
}

/** Every file below a folder, but for what belongs to git, with kind, mode and bytes. */
function filesOf(root: string, folder = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(root, folder))) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (name === '.git') continue;
    const stats = lstatSync(join(root, path));
    if (stats.isDirectory()) Object.assign(found, { [`${path}/`]: 'folder' }, filesOf(root, path));
    else if (stats.isSymbolicLink()) found[path] = `link ${readlinkSync(join(root, path))}`;
    else found[path] = `${(stats.mode & 0o111).toString(8)} ${readFileSync(join(root, path), 'latin1')}`;
  }
  return found;
}

async function landed(kind: Kind, stateFolder: string | null) {
  const repo = createRepository({ files: { 'README.md': 'x\n' } });
  opened.push(repo);
  kind.begin(repo);
  const base = repo.commit('Begin');
  repo.git('checkout', '-q', '-b', 'roadmap-043');
  kind.change(repo);
  const head = repo.commit('Change');
  for (const [name, value] of Object.entries(kind.config ?? {})) repo.git('config', name, value);
  // Everything is written once more, as the settings ask for.
  for (const name of readdirSync(repo.root)) {
    if (name !== '.git') rmSync(join(repo.root, name), { recursive: true });
  }
  repo.git('checkout', '-q', '--force', 'main');
  const twin = join(repo.base, 'twin');
  repo.gitIn(
    repo.base,
    'clone',
    '-q',
    '--no-local',
    '--branch',
    'main',
    ...Object.entries(kind.config ?? {}).flatMap(([n, v]) => ['-c', `${n}=${v}`]),
    repo.root,
    twin,
  );
  repo.gitIn(twin, 'fetch', '-q', 'origin', 'roadmap-043');
  const git = await createGit({ root: repo.root, runtimeDir: stateFolder, environment: repo.env });
  const prepared = await git.prepare({ ...preparation, branchName: 'roadmap-043', head });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const result = await git.land({
    runId: preparation.runId,
    slug: '043',
    target: 'main',
    base,
    candidate: prepared.candidate,
  });
  return { repo, twin, result };
}

async function expectAsGit(kind: Kind, stateFolder: string | null): Promise<void> {
  const { repo, twin, result } = await landed(kind, stateFolder);
  expect(result).toEqual({ outcome: 'landed' });
  repo.gitIn(twin, 'merge', '-q', '--ff-only', 'FETCH_HEAD');
  expect(filesOf(repo.root)).toEqual(filesOf(twin));
  expect(repo.git('ls-files', '-s')).toBe(repo.gitIn(twin, 'ls-files', '-s'));
  expect(repo.git('status', '--porcelain')).toBe(repo.gitIn(twin, 'status', '--porcelain'));
}

test.each(kinds)('$name: as a fast-forward by git leaves it', kind => expectAsGit(kind, null));

/** In memory, on Linux. */
const otherDisk = '/dev/shm';
const onAnotherDisk = kinds.filter(({ name }) => /links, a folder|submodule/.test(name));

if (!existsSync(otherDisk)) console.log(`There is no ${otherDisk} here: a state folder on another disk is not tried.`);
test.runIf(existsSync(otherDisk)).each(onAnotherDisk)('$name: the same with the state folder on another disk', kind => {
  const folder = mkdtempSync(join(otherDisk, 'cm-tui-test-'));
  folders.push(folder);
  return expectAsGit(kind, folder);
});
