import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Oid } from '../../../domain/ids.ts';
import { readRegularText, writeDurably } from '../../regular-file.ts';
import type { GitContext } from '../context.ts';
import { isOid } from '../plumbing/refs.ts';
import type { FilePrint } from './user-files.ts';

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
  /** Folder of ours that holds the files of this landing; missing where the tree does not move. */
  readonly folder?: string | undefined;
  /** Git folder of the checkout that moves; missing in notes of older versions, which moved the main one alone. */
  readonly gitDir?: string | undefined;
}

/** One path of the user's tree that a landing changes. */
export interface Step {
  readonly path: string;
  /** What stands there and is to be moved aside; null: nothing. */
  readonly before: FilePrint | null;
  /** What is to stand there; null: nothing. */
  readonly after: FilePrint | null;
  /** The folder of a submodule comes or goes. */
  readonly submodule: 'added' | 'removed' | null;
}

const oid = z.string().check(z.refine(isOid));
/** What becomes a path below the git folder has to be a ref. */
const ref = z.string().check(z.refine(name => /^refs\/[^\0]+$/.test(name) && !name.split('/').includes('..')));

const noteSchema: z.ZodMiniType<LandingNote> = z.object({
  target: z.string(),
  from: oid,
  to: oid,
  inTree: z.boolean(),
  refs: z.array(ref),
  startedAt: z.number(),
  folder: z.optional(z.string()),
  gitDir: z.optional(z.string()),
});

const stepSchema: z.ZodMiniType<Step> = z.object({
  path: z.string(),
  before: z.nullable(z.string()),
  after: z.nullable(z.string()),
  submodule: z.nullable(z.enum(['added', 'removed'])),
});

export function landingNote(context: GitContext): {
  read(): LandingNote | null;
  write(note: LandingNote): void;
  forget(): void;
} {
  const file = join(context.runtimeDir, context.checkout.note);
  return {
    read: () => readJson(file, noteSchema),
    write: note => writeDurably(file, JSON.stringify(note)),
    forget: () => rmSync(file, { force: true }),
  };
}

/** Names of the notes of moves that are under way, or were cut short, in linked worktrees of the user's. */
export function linkedNotes(context: GitContext): readonly string[] {
  return readdirSync(context.runtimeDir).filter(name => /^landing-[0-9a-f]{16}\.json$/.test(name));
}

/** Folders of moves that are under way, or were cut short, in whichever checkout. */
export function foldersInUse(context: GitContext): ReadonlySet<string> {
  const names = readdirSync(context.runtimeDir).filter(name =>
    /^(landing|(landing|replay)-[a-z0-9-]+)\.json$/.test(name),
  );
  const notes = names.map(note => landingNote({ ...context, checkout: { ...context.checkout, note } }).read());
  return new Set(notes.flatMap(note => note?.folder ?? []));
}

/** What a landing sets out to do in the user's tree, kept in its folder. */
export function stepsFile(folder: string): { read(): readonly Step[] | null; write(steps: readonly Step[]): void } {
  const file = join(folder, 'steps.json');
  return { read: () => readJson(file, z.array(stepSchema)), write: steps => writeDurably(file, JSON.stringify(steps)) };
}

/** Null: there is none, or it was cut off by a crash, before anything that it tells of had begun. */
function readJson<T>(file: string, schema: z.ZodMiniType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readRegularText(file, { most: Number.MAX_SAFE_INTEGER }) ?? 'null'));
  } catch {
    return null;
  }
}
