import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files below one folder that are looked at; more is a mistake in a setting. */
const mostFiles = 20_000;
const byNumber = new Intl.Collator('en', { numeric: true });
/** Folders of finished work that lists of this kind keep beside the open ones. */
const skipped = new Set(['archive', 'archived', 'completed', 'node_modules']);

/**
 * Paths relative to `root` that a pattern names, in the order in which people count; `*` stands for any part of one name. Names that do not
 * exist are left out where the pattern has a star, and kept where it has none. Sorting thousands of names takes a while: `sorted` says
 * whether the order matters.
 */
export function expandPattern(root: string, pattern: string, { sorted = true } = {}): readonly string[] {
  let paths: readonly string[] = [''];
  const parts = pattern.split('/').filter(part => part !== '' && part !== '.');
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1;
    paths = paths.flatMap(path => {
      const inner = path === '' ? part : `${path}/${part}`;
      if (!part.includes('*')) return [inner];
      const names = namesIn(join(root, path), part, isLast);
      return (sorted ? names.sort(byNumber.compare) : names).map(name => (path === '' ? name : `${path}/${name}`));
    });
  }
  return paths.slice(0, mostFiles);
}

function namesIn(folder: string, part: string, files: boolean): string[] {
  const pattern = new RegExp(`^${part.split('*').map(escapeWords).join('[^/]*')}$`);
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => (files ? !entry.isDirectory() : !skipped.has(entry.name) && isFolder(folder, entry)))
      .map(entry => entry.name)
      .filter(name => !name.startsWith('.') && pattern.test(name));
  } catch {
    return [];
  }
}

function isFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() === true;
}

function escapeWords(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
