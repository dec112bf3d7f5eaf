import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import { codeOf, isMissing } from '../../regular-file.ts';

/** Files below one folder that are looked at; more is a mistake in a setting. */
const mostFiles = 20_000;
let collator: Intl.Collator | undefined;

/** In the order in which people count. Made when it is first needed: that takes longer than reading many a list. */
function byNumber(a: string, b: string): number {
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(a, b);
}

/** Folders of finished work that lists of this kind keep beside the open ones. */
const skipped = new Set(['archive', 'archived', 'completed', 'node_modules']);

/** What a pattern names. */
export interface Expansion {
  readonly paths: readonly FoundPath[];
  /** Sentences on what could not be listed, or is more than is read. */
  readonly problems: readonly string[];
}

export interface FoundPath {
  /** Relative to the root. */
  readonly path: string;
  /** True where the listing of its folder says that it is a regular file; false: it has to be looked at. */
  readonly isFile: boolean;
}

/**
 * Paths relative to `root` that a pattern names, in the order in which people count; `*` stands for any part of one name. Names that do not
 * exist are left out where the pattern has a star, and kept where it has none. Sorting thousands of names takes a while: `sorted` says
 * whether the order matters.
 */
export function expandPattern(root: string, pattern: string, { sorted = true } = {}): Expansion {
  let paths: readonly FoundPath[] = [{ path: '', isFile: false }];
  const problems: string[] = [];
  const parts = pattern.split('/').filter(part => part !== '' && part !== '.');
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1;
    paths = paths.flatMap(({ path }) => {
      const below = path === '' ? '' : `${path}/`;
      if (!part.includes('*')) return [{ path: below + part, isFile: false }];
      const entries = entriesIn(join(root, path), part, isLast);
      if (typeof entries === 'string') {
        problems.push(`The folder ${escapePath(path)} cannot be listed: ${entries}.`);
        return [];
      }
      if (sorted) entries.sort((one, other) => byNumber(one.name, other.name));
      return entries.map(entry => ({ path: below + entry.name, isFile: entry.isFile() }));
    });
  }
  if (paths.length > mostFiles)
    problems.push(`${escapePath(pattern)} names ${paths.length} files; only the first ${mostFiles} are read.`);
  return { paths: paths.slice(0, mostFiles), problems };
}

/** Those whose names fit; a clause that says why the folder cannot be listed. */
function entriesIn(folder: string, part: string, files: boolean): Dirent[] | string {
  const pattern = new RegExp(`^${part.split('*').map(escapeWords).join('[^/]*')}$`);
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(
      entry =>
        !entry.name.startsWith('.') &&
        pattern.test(entry.name) &&
        (files ? !entry.isDirectory() : !skipped.has(entry.name) && isFolder(folder, entry)),
    );
  } catch (error) {
    return isMissing(error) ? [] : (codeOf(error) ?? sanitizeLine(messageOf(error), 200));
  }
}

function isFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(join(folder, entry.name)).isDirectory();
  } catch {
    // A link that leads nowhere.
    return false;
  }
}

function escapeWords(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
