import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { settingsName } from '../../domain/escape.ts';
import { harmlessSettings } from '../../domain/settings/live-settings.ts';
import { readSettingsFile, settingsPlaces } from './places.ts';
import { hasCommand, hashOf } from './trust.ts';

const harmless: ReadonlySet<string> = new Set(['$schema', ...harmlessSettings]);

/** Where the files are that are sealed. `root`: the work tree; null in a bare repository. */
export interface SealedPlaces {
  readonly root: string | null;
  readonly commonDir: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A settings file as it is now. */
export interface SealedFile {
  readonly name: string;
  readonly file: string;
  /** What it says of programs, approval and gates, as JSON with sorted keys; null: it cannot be read. */
  readonly text: string | null;
  /** SHA-256 of `text`. */
  readonly digest: string;
}

/**
 * What the settings files outside of the tracked tree say of programs, approval and gates, by name, as digests: taken when a person is
 * known to have written them, and compared later, it tells what somebody else has changed. Layout and order do not count.
 */
export function sealsOf(places: SealedPlaces): Readonly<Record<string, string>> {
  return Object.fromEntries(sealedFiles(places).map(({ name, digest }) => [name, digest]));
}

/**
 * When a sealed file may last have become what it is, by its name, in milliseconds since 1970: when it was changed, and, since it may be a
 * link or have been moved into place with its folder, when that was. No program can set these times. Empty: they cannot be read.
 */
export function changeTimesOf(places: SealedPlaces): (name: string) => readonly number[] {
  const files = new Map(sealedFiles(places).map(({ name, file }) => [name, file]));
  const { user } = settingsPlaces(places);
  return name => {
    const file = files.get(name) ?? '';
    // The repository's own folder changes all the time.
    const folders = file === user ? [path.dirname(file)] : [];
    try {
      const target = statSync(file, { throwIfNoEntry: false });
      const others = [file, ...folders].map(one => lstatSync(one, { throwIfNoEntry: false }));
      return target === undefined ? [] : [target, ...others].flatMap(stats => stats?.ctimeMs ?? []);
    } catch {
      return [];
    }
  };
}

/** The files that are sealed, read now. */
export function sealedFiles(places: SealedPlaces): readonly SealedFile[] {
  const { repo, user } = settingsPlaces(places);
  const trust = path.join(path.dirname(repo), 'trust.json');
  return [sealedFile(repo, false), sealedFile(user, true), sealedFile(trust, false)];
}

function sealedFile(file: string, followLinks: boolean): SealedFile {
  const text = guardedText(file, followLinks);
  return { name: settingsName(file), file, text, digest: text === null ? 'unreadable' : hashOf(Buffer.from(text)) };
}

function guardedText(file: string, followLinks: boolean): string | null {
  try {
    const values = Object.entries(readSettingsFile(file, followLinks)?.values ?? {});
    const guarded = values.filter(([key, value]) => !harmless.has(key) || (key === 'notify' && hasCommand(value)));
    return JSON.stringify(ordered(Object.fromEntries(guarded)));
  } catch {
    return null;
  }
}

/** Keys sorted at every depth. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, ordered(one)]));
}
