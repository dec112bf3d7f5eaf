import { mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { readRegularText, writeDurably } from '../regular-file.ts';

/** Numbers that are on disk before any of them is used: so many at once. */
const block = 1000;
/** Reports that may arrive behind later ones. */
const window = 5000;

/** Numbers that only grow, also over restarts, without asking a clock. */
export function createSequence(file: string): () => number {
  let last = Number(readRegularText(file) ?? 0) || 0;
  let reserved = last;
  return () => {
    last += 1;
    if (last > reserved) {
      reserved = last + block;
      keep(file, `${reserved}`);
    }
    return last;
  };
}

/** What was heard, by the key that signed it. */
export interface ReplayGuard {
  /** False: this one, or a later one, was heard before. For signs of life, of which only the newest counts. */
  isNewest(key: string, sequence: number): boolean;
  /** False: this very one was heard before. For reports, which come in any order. */
  isFirst(key: string, sequence: number): boolean;
  /** It has had its effect. */
  take(key: string, sequence: number): void;
}

/** The newest sign of each key is kept in the file, so that old ones mean nothing after a restart either. */
export function createReplayGuard(file: string): ReplayGuard {
  const newest = new Map<string, number>(readNewest(file));
  const taken = new Map<string, Set<number>>();
  let kept = [...newest.values()].reduce((sum, one) => sum + one, 0);
  return {
    isNewest(key, sequence) {
      if (sequence <= (newest.get(key) ?? 0)) return false;
      newest.set(key, sequence);
      const sum = [...newest.values()].reduce((all, one) => all + one, 0);
      if (sum - kept >= savedEach) {
        kept = sum;
        keep(file, JSON.stringify([...newest]));
      }
      return true;
    },
    isFirst: (key, sequence) => taken.get(key)?.has(sequence) !== true,
    take(key, sequence) {
      const own = taken.get(key) ?? new Set();
      taken.set(key, own.add(sequence));
      for (const one of own) {
        if (own.size <= window) break;
        own.delete(one);
      }
    },
  };
}

/** Signs between two writes: what an attacker can play again after a crash. */
const savedEach = 12;

function readNewest(file: string): [string, number][] {
  try {
    const read: unknown = JSON.parse(readRegularText(file) ?? '[]');
    return Array.isArray(read) ? read.filter(one => Array.isArray(one) && Number.isSafeInteger(one[1])) : [];
  } catch {
    return [];
  }
}

function keep(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeDurably(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
