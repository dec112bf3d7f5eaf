import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { GitContext } from '../context.ts';
import { splitNul } from './parse.ts';
import { gitReason } from './run.ts';

/** Who commits here, as git writes it: `Name <address>`. */
export interface Identity {
  readonly author: string;
  readonly committer: string;
}

/** An identity, or git's reason why there is none, with what it was read from. */
export interface KnownIdentity {
  readonly identity: Identity | string;
  readonly files: readonly string[];
  readonly stamp: string;
}

/**
 * The user's identity for commits, or git's reason why there is none. Asked anew only when one of the configuration files that git
 * reads has changed, or one has come to be where it would look.
 */
export async function identityOf(context: GitContext): Promise<Identity | string> {
  const known = await context.identity;
  if (known !== null && stampOf(known.files) === known.stamp) return known.identity;
  const reading = read(context);
  context.identity = reading.catch(() => null);
  return (await reading).identity;
}

async function read(context: GitContext): Promise<KnownIdentity> {
  const ask = (name: string) => context.git.run({ cwd: context.home, args: ['var', name] });
  const listing = ['config', '--list', '--show-origin', '--name-only', '-z'];
  // Stamped before it is read: what changes meanwhile makes the answer an old one.
  const usual = usualFiles(context);
  const before = stampOf(usual);
  const [author, committer, origins] = await Promise.all([
    ask('GIT_AUTHOR_IDENT'),
    ask('GIT_COMMITTER_IDENT'),
    context.git.run({ cwd: context.home, args: listing }),
  ]);
  const named = splitNul(origins.stdout).flatMap(field => /^file:(.+)$/s.exec(field)?.[1] ?? []);
  const files = [...new Set([...usual, ...named.map(file => absolute(context, file))])].sort();
  const settled = origins.code === 0 && stampOf(usual) === before;
  const stamp = settled ? stampOf(files) : '';
  for (const output of [author, committer]) {
    if (output.code !== 0) return { identity: gitReason(output), files, stamp: '' };
  }
  const identity = { author: undated(author.stdout), committer: undated(committer.stdout) };
  return { identity, files, stamp };
}

function absolute(context: GitContext, file: string): string {
  return isAbsolute(file) ? file : join(context.home, file);
}

/** `git var` tells the present time behind the address. */
function undated(output: Buffer): string {
  return output.toString('utf8').replace(/ \d+ [+-]\d{4}\n?$/, '');
}

/** Where git looks for configuration, whether or not there is any now. */
function usualFiles({ place, environment }: GitContext): readonly string[] {
  const home = environment.HOME ?? homedir();
  const xdg = environment.XDG_CONFIG_HOME ?? join(home, '.config');
  return [
    join(place.commonDir, 'config'),
    join(place.commonDir, 'config.worktree'),
    environment.GIT_CONFIG_GLOBAL ?? join(home, '.gitconfig'),
    join(xdg, 'git', 'config'),
    environment.GIT_CONFIG_SYSTEM ?? '/etc/gitconfig',
  ];
}

function stampOf(files: readonly string[]): string {
  return files
    .map(file => {
      try {
        const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
        return stats === undefined ? 'none' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
      } catch {
        return 'closed';
      }
    })
    .join('\n');
}

/** The time of a commit made now: seconds since 1970 and the distance from Greenwich. */
export function commitTime(now: Date): string {
  const minutes = -now.getTimezoneOffset();
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(now.getTime() / 1000)} ${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}
