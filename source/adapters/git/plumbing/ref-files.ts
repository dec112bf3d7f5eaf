import { existsSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { readRegularText } from '../../regular-file.ts';
import { isOid } from './refs.ts';

/** A million refs. */
const mostPacked = 128 * 1024 * 1024;

/**
 * Reads refs from the files that git keeps them in, which costs no start of git. Undefined wherever something is not as plain as
 * that (another way of storing refs, a symbolic ref, a broken file): then git has to be asked. What is decided on these answers is
 * always decided again by git's own compare-and-swap.
 */
export interface RefFiles {
  /** Git keeps its refs and their logs in files; false: in another way. */
  readonly isPlain: boolean;
  /** The commit a ref names, null when it does not exist. */
  read(ref: string): Oid | null | undefined;
  /** The ref that a ref is a symbolic ref to; null when it is none, or does not exist. */
  link(ref: string): string | null | undefined;
  /** The short name of the branch that a HEAD file in a git folder stands for, links between branches followed; null when it is detached. */
  head(gitDir: string): string | null | undefined;
  /** False: there is no ref in this folder of refs (`refs/remotes`). True: there may be one, and git knows. */
  mayHave(folder: string): boolean;
}

export function createRefFiles(commonDir: string): RefFiles {
  const packedFile = join(commonDir, 'packed-refs');
  const plain = !existsSync(join(commonDir, 'reftable'));
  let packed = { stamp: '', text: '' };

  /** Undefined: they cannot be read, which is not that there are none. */
  function packedRefs(): string | undefined {
    const stats = statSync(packedFile, { throwIfNoEntry: false, bigint: true });
    if (stats === undefined) return '';
    const stamp = `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
    if (packed.stamp === stamp) return packed.text;
    const text = readRegularText(packedFile, { most: mostPacked });
    if (text === null) return undefined;
    packed = { stamp, text };
    return text;
  }

  function link(ref: string): string | null | undefined {
    const loose = plain ? readText(join(commonDir, ref)) : undefined;
    if (loose === undefined || loose === null) return loose;
    return linkIn(loose);
  }

  return {
    isPlain: plain,
    link,
    read(ref) {
      if (!plain) return undefined;
      const loose = readText(join(commonDir, ref));
      if (loose === undefined) return undefined;
      if (loose !== null) return isOid(loose.trim()) ? loose.trim() : undefined;
      // Git packs a ref before it removes the loose file, so looking in this order never misses it.
      const text = packedRefs();
      if (text === undefined) return undefined;
      const at = text.indexOf(` ${ref}\n`);
      if (at < 0) return null;
      const oid = text.slice(text.lastIndexOf('\n', at) + 1, at);
      return isOid(oid) ? oid : undefined;
    },
    head(gitDir) {
      const text = plain ? readText(join(gitDir, 'HEAD')) : undefined;
      if (text === undefined || text === null) return undefined;
      if (isOid(text.trim())) return null;
      let ref = linkIn(text);
      for (let steps = 0; ref !== null && steps < longestChain; steps++) {
        const next = link(ref);
        if (next === undefined) return undefined;
        if (next === null) return /^refs\/heads\/(.+)$/.exec(ref)?.[1];
        ref = next;
      }
      return undefined;
    },
    mayHave(folder) {
      try {
        if (!plain || lstatSync(join(commonDir, folder), { throwIfNoEntry: false }) !== undefined) return true;
        return packedRefs()?.includes(` ${folder}/`) ?? true;
      } catch {
        return true;
      }
    },
  };
}

/** Longest chain of symbolic refs that is followed, as git does. */
export const longestChain = 5;

function linkIn(text: string): string | null {
  return /^ref:\s*(refs\/\S+)\s*$/.exec(text)?.[1] ?? null;
}

/** Null: no such file. Undefined: no plain file, or it cannot be read. */
function readText(path: string): string | null | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined || stats.isDirectory()) return null;
    return stats.isFile() ? (readRegularText(path) ?? undefined) : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? null : undefined;
  }
}
