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
  /** The commit a ref names, null when it does not exist. */
  read(ref: string): Oid | null | undefined;
  /** The short name of the branch that a HEAD file in a git folder names, null when it is detached. */
  head(gitDir: string): string | null | undefined;
}

export function createRefFiles(commonDir: string): RefFiles {
  const packedFile = join(commonDir, 'packed-refs');
  const plain = !existsSync(join(commonDir, 'reftable'));
  let packed = { stamp: '', text: '' };

  function packedRefs(): string {
    const stats = statSync(packedFile, { throwIfNoEntry: false, bigint: true });
    if (stats === undefined) return '';
    const stamp = `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
    if (packed.stamp !== stamp) packed = { stamp, text: readRegularText(packedFile, { most: mostPacked }) ?? '' };
    return packed.text;
  }

  return {
    read(ref) {
      if (!plain) return undefined;
      const loose = readText(join(commonDir, ref));
      if (loose === undefined) return undefined;
      if (loose !== null) return isOid(loose.trim()) ? loose.trim() : undefined;
      // Git packs a ref before it removes the loose file, so looking in this order never misses it.
      const text = packedRefs();
      const at = text.indexOf(` ${ref}\n`);
      if (at < 0) return null;
      const oid = text.slice(text.lastIndexOf('\n', at) + 1, at);
      return isOid(oid) ? oid : undefined;
    },
    head(gitDir) {
      const text = plain ? readText(join(gitDir, 'HEAD')) : undefined;
      if (text === undefined || text === null) return undefined;
      const branch = /^ref: refs\/heads\/(.+)\n?$/.exec(text)?.[1];
      if (branch !== undefined) return branch;
      return isOid(text.trim()) ? null : undefined;
    },
  };
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
