import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { recipeTargets } from './recipes.ts';

/** Files changed in one run; a scope that covers a whole tree is not rewritten. */
const mostFiles = 6;
const globCharacters = /[*?[\]{}]/;

/** The paths an item may change, read from its prompt: the list under "Files you may change", else its `**Files**` line. */
export function scopeOf(prompt: string): readonly string[] {
  const listed = /^## Files you may change\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(prompt)?.[1] ?? '';
  const fromList = [...listed.matchAll(/^- `([^`\n]{1,300})`/gm)].map(found => found[1] ?? '');
  if (fromList.length > 0) return fromList;
  const line = /^\*\*(?:Files|Scope)\*\*:(.*)$/m.exec(prompt)?.[1] ?? '';
  return [...line.matchAll(/`([^`]{1,300})`/g)].map(found => found[1] ?? '');
}

/** Real paths to write for a scope: a glob becomes one file below its folder. Paths that leave the folder are dropped. */
export function targetsOf(scope: readonly string[], root: string, key: string): readonly string[] {
  const inside = scope.map(path => posix.normalize(path.trim())).filter(isInside);
  const targets = inside.map(path => (isPattern(path, root) ? concretePath(path, root, key) : path));
  return [...new Set(targets)].slice(0, mostFiles);
}

export function isInside(path: string): boolean {
  return path !== '' && path !== '.' && path !== '..' && !path.startsWith('/') && !path.startsWith('../');
}

function isPattern(path: string, root: string): boolean {
  return globCharacters.test(path) || path.endsWith('/') || readFolder(join(root, path)) !== null;
}

/** A file below a glob's folder: one that the recipes know, else a new one named after the item. */
function concretePath(pattern: string, root: string, key: string): string {
  const parts = pattern.split('/');
  const glob = parts.findIndex(part => globCharacters.test(part));
  const folder = (glob < 0 ? parts : parts.slice(0, glob)).filter(part => part !== '').join('/');
  const known = recipeTargets.find(target => folder !== '' && target.startsWith(`${folder}/`));
  if (known !== undefined) return known;
  const last = parts.at(-1) ?? '';
  const extension = /^\*+(\.[\w.]{1,20})$/.exec(last)?.[1] ?? commonExtension(join(root, folder)) ?? '.md';
  const name = `${key.toLowerCase().replace(/[^a-z0-9]+/g, '-')}${extension}`;
  return folder === '' ? name : `${folder}/${name}`;
}

function commonExtension(folder: string): string | null {
  const names = readFolder(folder) ?? [];
  return names.map(name => extname(name)).find(extension => extension !== '') ?? null;
}

function readFolder(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}

export function readText(root: string, path: string): string | null {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

export function writeText(root: string, path: string, content: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
