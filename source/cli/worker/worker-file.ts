import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Join, parseJoin } from '../../adapters/fleet/names.ts';
import { loadSigner, type Signer } from '../../adapters/fleet/sign.ts';
import type { Word } from '../../adapters/fleet/wire.ts';
import { readRegularText, writeDurably } from '../../adapters/regular-file.ts';
import { CmError, messageOf } from '../../domain/errors.ts';
import type { WorkerSettings } from './worker-runtime.ts';

/** What a worker keeps in its own file: whom it obeys, which depot it uses, its agents and its place. */
export interface WorkerFile {
  readonly folder: string;
  readonly name: string;
  readonly join: Join;
  readonly signer: Signer;
  readonly pools: readonly string[];
  readonly slots: number;
  readonly settings: WorkerSettings;
  readonly isWelcome: boolean;
  /** False: this word about the worker itself, or a later one, was heard before. */
  isNewest(word: Word): boolean;
  /** Its coordinator's person has accepted it, or not any more. */
  welcome(accepted: boolean): void;
}

interface Kept {
  readonly name?: string;
  readonly join?: string;
  readonly pools?: readonly string[];
  readonly slots?: number;
  readonly agents?: WorkerSettings['agents'];
  readonly welcome?: string;
  /** Number of the last word about the worker itself, by the key of its coordinator. */
  readonly heard?: Readonly<Record<string, number>>;
}

export interface WorkerWishes {
  readonly dir: string;
  readonly join?: string;
  readonly name?: string;
  readonly pools?: readonly string[];
  readonly slots?: number;
}

/** Reads the worker's file, with what the command line says instead, and writes it. Throws where it does not know whom to join. */
export function openWorkerFile({ dir, ...wishes }: WorkerWishes): WorkerFile {
  const path = join(dir, 'worker.json');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let kept: Kept = {
    ...readKept(path),
    ...Object.fromEntries(Object.entries(wishes).filter(([, one]) => one !== undefined)),
  };
  const line = kept.join;
  if (line === undefined)
    throw new CmError('Name the coordinator with "cm-tui worker --join URL", as "cm-tui fleet init" prints it.', 2);
  const parsed = parseJoin(line);
  const name = kept.name ?? nameOf(hostname());
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name))
    throw new CmError('The name of a worker has small letters, digits and "-". Give another one with --name.', 2);
  const save = () => {
    writeDurably(`${path}.new`, `${JSON.stringify(kept, null, 2)}\n`);
    renameSync(`${path}.new`, path);
  };
  kept = { ...kept, name };
  save();
  return {
    folder: dir,
    name,
    join: parsed,
    signer: loadSigner(join(dir, 'worker.pem')),
    pools: kept.pools ?? ['default'],
    slots: kept.slots ?? 2,
    settings: { agents: kept.agents ?? {} },
    // Another coordinator's word does not count.
    get isWelcome() {
      return kept.welcome === parsed.key;
    },
    isNewest({ word, seq }) {
      // A word about a run names its dispatch, and says the same however often it comes.
      if (word === 'cancel' || word === 'forget') return true;
      if (seq <= (kept.heard?.[parsed.key] ?? 0)) return false;
      kept = { ...kept, heard: { [parsed.key]: seq } };
      save();
      return true;
    },
    welcome(accepted) {
      const { welcome: _, ...rest } = kept;
      kept = accepted ? { ...rest, welcome: parsed.key } : rest;
      save();
    },
  };
}

function readKept(path: string): Kept {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readRegularText(path) ?? '{}');
  } catch (error) {
    throw new CmError(`${path} cannot be read: ${messageOf(error)} Fix or remove it.`, 2);
  }
}

function nameOf(host: string): string {
  const plain = host
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32);
  return plain === '' ? 'worker' : plain;
}
