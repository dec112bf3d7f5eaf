import os from 'node:os';
import path from 'node:path';
import { CmError } from '../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { readRegular } from '../regular-file.ts';

/** Name of the settings file that a repository may track. */
export const trackedName = '.cm-tui.json';
const sizeLimit = 1024 * 1024;

/** Where settings are kept. */
export interface Places {
  /** `<git-common-dir>/cm-tui/config.json`. */
  readonly repo: string;
  /** The user's own file, for every repository. */
  readonly user: string;
  /** Null: a bare repository has no files. */
  readonly tracked: string | null;
}

/** Paths of the settings files. `userDir` overrides the user's configuration folder. */
export function settingsPlaces(options: {
  readonly root: string | null;
  readonly commonDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly userDir?: string;
}): Places {
  const { root, commonDir, env } = options;
  const xdg = env.XDG_CONFIG_HOME;
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(env.HOME || os.homedir(), '.config');
  return {
    repo: path.join(commonDir, 'cm-tui', 'config.json'),
    user: path.join(options.userDir ?? path.join(base, 'cm-tui'), 'config.json'),
    tracked: root === null ? null : path.join(root, trackedName),
  };
}

/** A settings file as read: its bytes and the object in it. */
export interface SettingsFile {
  readonly bytes: Buffer;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Reads a settings file; null if there is none. Throws a `CmError` (exit 2) if it is not a JSON object, is too large, or is a symbolic
 * link while `followLinks` is false: a repository could point it anywhere.
 */
export function readSettingsFile(file: string, followLinks: boolean): SettingsFile | null {
  const bytes = readBytes(file, followLinks);
  if (bytes === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '') || '{}');
  } catch (error) {
    const reason = sanitizeLine(error instanceof Error ? error.message : '', 120);
    throw new CmError(
      `Invalid JSON in ${escapePath(file)} (${reason}). Fix it with "cm-tui config edit", or remove the file.`,
      2,
      { cause: error },
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CmError(
      `${escapePath(file)} must contain one JSON object. Fix it with "cm-tui config edit", or remove the file.`,
      2,
    );
  }
  return { bytes, values: Object.fromEntries(Object.entries(value)) };
}

function readBytes(file: string, followLinks: boolean): Buffer | null {
  try {
    return readRegular(file, { most: sizeLimit, followLinks });
  } catch (error) {
    if (error instanceof CmError) throw new CmError(error.message, 2, { cause: error });
    throw error;
  }
}
