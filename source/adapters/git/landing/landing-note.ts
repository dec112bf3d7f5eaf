import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { readRegularText, writeDurably, writeFresh } from '../../regular-file.ts';
import type { GitContext } from '../context.ts';
import { isOid } from '../plumbing/refs.ts';

/** Written before anything moves and removed when tree and ref agree again: what is left of it tells of a killed landing. */
export interface LandingNote {
  readonly target: string;
  readonly from: Oid;
  readonly to: Oid;
  /** The user's tree moves too. */
  readonly inTree: boolean;
  /** Every ref of the transaction: a killed git leaves their lock files. */
  readonly refs: readonly string[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export function landingNote(context: GitContext): {
  read(): LandingNote | null;
  write(note: LandingNote): void;
  forget(): void;
} {
  const file = join(context.runtimeDir, 'landing.json');
  return {
    read() {
      try {
        return asNote(JSON.parse(readRegularText(file) ?? 'null'));
      } catch {
        return null;
      }
    },
    write(note) {
      if (note.inTree) writeDurably(file, JSON.stringify(note));
      else writeFresh(file, JSON.stringify(note));
    },
    forget() {
      rmSync(file, { force: true });
    },
  };
}

function asNote(value: unknown): LandingNote | null {
  if (typeof value !== 'object' || value === null) return null;
  const { target, from, to, inTree, refs, startedAt } = value as Partial<Record<keyof LandingNote, unknown>>;
  if (typeof target !== 'string' || typeof from !== 'string' || typeof to !== 'string') return null;
  if (!Array.isArray(refs) || typeof inTree !== 'boolean' || !isOid(from) || !isOid(to)) return null;
  // What becomes a path below the git folder has to be a ref.
  const names = refs.filter(
    ref => typeof ref === 'string' && /^refs\/[^\0]+$/.test(ref) && !ref.split('/').includes('..'),
  );
  return { target, from, to, inTree, refs: names, startedAt: Number(startedAt) };
}
