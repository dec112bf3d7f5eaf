import { readdir, readFile, readlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { sanitizeLine } from '../domain/text/sanitize.ts';

/** A process that is at work in a folder. */
export interface Occupant {
  readonly pid: number;
  /** Name of the program, harmless for a terminal. */
  readonly name: string;
}

/**
 * Processes (other than ourselves) whose current folder is `folder` or lies in it, and with `files` those too whose program lies there or
 * that hold a file there open. Null where the system cannot be asked (no /proc): then nothing may be concluded. Processes of other users
 * are not seen.
 */
export async function occupantsOf(
  folder: string,
  { files = false }: { readonly files?: boolean } = {},
): Promise<Occupant[] | null> {
  const names = await readdir('/proc').catch(() => null);
  if (names === null || !names.includes('self')) return null;
  const found: Occupant[] = [];
  for (const name of names.filter(one => /^\d+$/.test(one) && Number(one) !== process.pid)) {
    if (!(await isIn(folder, name, files))) continue;
    const program = await readFile(`/proc/${name}/comm`, 'utf8').catch(() => '');
    found.push({ pid: Number(name), name: sanitizeLine(program.trim(), 40) });
  }
  return found;
}

async function isIn(folder: string, pid: string, files: boolean): Promise<boolean> {
  if (await leadsInto(folder, `/proc/${pid}/cwd`)) return true;
  if (!files) return false;
  if (await leadsInto(folder, `/proc/${pid}/exe`)) return true;
  for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    if (await leadsInto(folder, `/proc/${pid}/fd/${descriptor}`)) return true;
  }
  return false;
}

/** What was removed since has a note of that behind its name. */
async function leadsInto(folder: string, link: string): Promise<boolean> {
  const place = (await readlink(link).catch(() => null))?.replace(/ \(deleted\)$/, '');
  return place !== undefined && (place === folder || place.startsWith(`${folder}${sep}`));
}
