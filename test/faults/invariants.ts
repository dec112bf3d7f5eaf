import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Product, ProgramResult } from '../helpers/programs/product.ts';
import { bearersOf } from '../helpers/programs/survivors.ts';

/** What must hold of the real repository after any fault, once the program has been started until it is idle. */
export interface Expected {
  /** Keys of the items, all of which land. */
  readonly keys: readonly string[];
  /** Path → content of files that the user had changed and not committed. */
  readonly userFiles: Readonly<Record<string, string>>;
  /** Subjects of commits that set a status line on its own; none by default. */
  readonly statusCommits?: readonly string[];
}

export const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'] as const;

/** Starts the program until it ends by itself, at most `limit` times. */
export async function untilIdle(product: Product, limit = 4): Promise<ProgramResult> {
  for (let start = 1; ; start++) {
    const result = await product.run(...headless);
    if (result.code === 0 || start === limit) return result;
  }
}

/** Checks the repository and the state folder; `where` says after which fault. */
export async function assertInvariants(product: Product, expected: Expected, where: string): Promise<void> {
  const { userFiles } = expected;
  landedOnce(product, expected, where);
  for (const [path, text] of Object.entries(userFiles)) expect(product.read(path), `${where}: ${path}`).toBe(text);
  const dirty = Object.keys(userFiles).sort();
  const status = product.git('status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean);
  expect(status.map(line => line.slice(3)).sort(), `${where}: only the user's own changes are left`).toEqual(dirty);
  expect(lockFiles(join(product.root, '.git')), `${where}: lock files`).toEqual([]);
  expect(notes(product), `${where}: notes of unfinished steps`).toEqual([]);
  const fsck = await product.tryGit(product.root, 'fsck', '--full', '--no-dangling');
  expect(fsck, `${where}: git fsck`).toMatchObject({ code: 0 });
  expect(bearersOf(product), `${where}: processes left behind`).toEqual([]);
  headsReachable(product, where);
  nothingStray(product, where);
  await secondStartChangesNothing(product, where);
}

function landedOnce(product: Product, { keys, statusCommits = [] }: Expected, where: string): void {
  const subjects = product.git('log', '--first-parent', '--format=%s', 'roadmap').split('\n');
  // I2: nothing but landings and status lines has moved the target since its first commit.
  expect(subjects.sort(), `${where}: every item landed once, and nothing else`).toEqual(
    ['Begin', ...keys.map(key => `Merge ${key} parallel execution`), ...statusCommits].sort(),
  );
  for (const key of keys) {
    expect(product.git('show', `roadmap:out/${key}.txt`), `${where}: work of ${key}`).toBe(`work of ${key}`);
  }
}

/** Every `*.lock` below a git folder. */
function lockFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.lock') && !entry.parentPath.includes('/cm-tui/rescue'))
    .map(entry => join(entry.parentPath, entry.name));
}

function notes(product: Product): readonly string[] {
  const state = join(product.root, '.git/cm-tui');
  const folders = ['creating', 'removing'].flatMap(name => {
    const folder = join(state, name);
    return existsSync(folder) ? readdirSync(folder).map(file => `${name}/${file}`) : [];
  });
  return [...folders, ...(existsSync(join(state, 'landing.json')) ? ['landing.json'] : [])];
}

/** I1: every head that was ever recorded can still be reached from a ref. */
function headsReachable(product: Product, where: string): void {
  const reachable = new Set(product.git('rev-list', '--all').split('\n'));
  const lost = journalEvents(product)
    .map(({ data }) => data.head)
    .filter((head): head is string => typeof head === 'string' && !reachable.has(head));
  expect(lost, `${where}: recorded heads that no ref reaches`).toEqual([]);
}

/** Every worktree and branch of ours belongs to a run that the journal knows. */
function nothingStray(product: Product, where: string): void {
  const strays = journalEvents(product)
    .map(({ data }) => data.text)
    .filter(text => typeof text === 'string' && text.startsWith('found the '));
  expect(strays, `${where}: things that belong to no run`).toEqual([]);
}

interface JournalLine {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The whole records of the journal file as it stands. */
export function journalEvents(product: Product): readonly JournalLine[] {
  const file = join(product.root, '.git/cm-tui/journal.jsonl');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as JournalLine);
}

/** I5: what has been reconciled stays so. */
async function secondStartChangesNothing(product: Product, where: string): Promise<void> {
  const before = product.git('for-each-ref');
  const again = product.start(...headless);
  expect(await again.exit, where).toMatchObject({ code: 0, stderr: '' });
  expect(
    again.events.map(event => event.type),
    `${where}: a further start has nothing to do`,
  ).toEqual(['coordinator-started', 'coordinator-stopped']);
  expect(product.git('for-each-ref'), where).toBe(before);
}
