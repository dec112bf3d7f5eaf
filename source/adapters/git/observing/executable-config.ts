import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { readRegular } from '../../regular-file.ts';
import type { GitContext } from '../context.ts';
import { splitNul } from '../plumbing/parse.ts';

/**
 * Settings of git that run programs, read further files, or redirect where things come from. Names in the middle (`filter.x.clean`) cannot
 * be enumerated, so that a change can only be noticed, not prevented.
 */
export const runsSomething = new RegExp(
  `^(${[
    'alias\\..*',
    'core\\.(alternaterefscommand|askpass|attributesfile|editor|fsmonitor|gitproxy|hookspath|pager|sshcommand|worktree|bare)',
    'credential\\.(.*\\.)?helper',
    'diff\\.external',
    'diff\\..*\\.(command|textconv)',
    'difftool\\..*',
    'extensions\\..*',
    'filter\\..*',
    'gpg\\.(.*\\.)?(program|defaultkeycommand)',
    'hook\\..*',
    'include\\.path',
    'includeif\\..*',
    'init\\.templatedir',
    'interactive\\.difffilter',
    'merge\\..*\\.driver',
    'mergetool\\..*',
    'pager\\..*',
    'protocol\\..*',
    'remote\\..*\\.(url|pushurl|uploadpack|receivepack|vcs)',
    'sequence\\.editor',
    'submodule\\..*\\.update',
    'tar\\..*\\.command',
    'trailer\\..*\\.(cmd|command)',
    'uploadpack\\.packobjectshook',
    'url\\..*',
  ].join('|')})$`,
);

/** A setting as git reads it, in the order in which later ones win. */
export interface ConfigEntry {
  /** `system`, `global`, `local` or `worktree`. */
  readonly scope: string;
  /** Section and name in lower case. */
  readonly key: string;
  readonly value: string;
}

/** All settings that hold in the repository, without those that our own command lines add. */
export async function readConfig(context: GitContext): Promise<readonly ConfigEntry[]> {
  const listing = await context.git.text({ cwd: context.home, args: ['config', '--list', '--show-scope', '-z'] });
  const fields = splitNul(listing);
  const entries: ConfigEntry[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const scope = fields[at] ?? '';
    const [key = '', ...rest] = (fields[at + 1] ?? '').split('\n');
    if (scope !== 'command') entries.push({ scope, key, value: rest.join('\n') });
  }
  return entries;
}

/**
 * Everything in the repository's own configuration and hooks that could make git run something, by name, with a digest of its value:
 * taken before a run and compared after it, it tells what an agent has changed. Samples and the user's global settings stand apart.
 */
export async function readExecutables(context: GitContext): Promise<Readonly<Record<string, string>>> {
  return executablesIn(context, await readConfig(context));
}

/** The same, of a configuration that has just been read. */
export function executablesIn(context: GitContext, config: readonly ConfigEntry[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const hookFolders = new Set([join(context.place.commonDir, 'hooks')]);
  for (const { scope, key, value } of config) {
    if (key === 'core.hookspath' && value !== '') hookFolders.add(placeOf(context, value));
    if (scope !== 'local' && scope !== 'worktree') continue;
    if (runsSomething.test(key)) found[`config ${key}`] = digest(`${found[`config ${key}`] ?? ''}\0${value}`);
  }
  for (const folder of hookFolders) Object.assign(found, readHooks(folder));
  const attributes = readBytes(join(context.place.commonDir, 'info', 'attributes'));
  if (attributes !== null) found['file info/attributes'] = digest(attributes);
  return found;
}

function placeOf(context: GitContext, path: string): string {
  if (path.startsWith('~/')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(context.home, path);
}

function readHooks(folder: string): Record<string, string> {
  const hooks: Record<string, string> = {};
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return hooks;
  }
  for (const name of names) {
    const file = join(folder, name);
    const content = name.endsWith('.sample') ? null : readBytes(file);
    if (content === null) continue;
    const runs = ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o111) !== 0;
    hooks[`hook ${file}`] = digest(Buffer.concat([Buffer.from(runs ? 'x' : '-'), content]));
  }
  return hooks;
}

function readBytes(file: string): Buffer | null {
  try {
    return readRegular(file, { followLinks: true });
  } catch {
    return null;
  }
}

/** A short name for a value, to tell whether it changes. */
export function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}
