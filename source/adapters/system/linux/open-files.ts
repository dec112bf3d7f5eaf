import fs from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Occupant, OpenFiles } from '../port.ts';

/** Processes looked at before the event loop gets a turn. */
const batch = 32;

/** What `/proc` shows of open files. */
export const procFiles: OpenFiles = { occupants, openFiles, writerOf };

/** Null where there is no `/proc`: then nothing may be concluded. */
async function occupants(folder: string, files: boolean): Promise<readonly Occupant[] | null> {
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
  return place !== undefined && (place === folder || place.startsWith(`${folder}${path.sep}`));
}

async function openFiles(pid: number): Promise<readonly string[] | null> {
  const folder = `/proc/${pid}/fd`;
  let fds: readonly string[];
  try {
    fds = fs.readdirSync(folder);
  } catch {
    return null;
  }
  return fds.map(fd => linkOf(`${folder}/${fd}`));
}

/** Empty for a file that was closed meanwhile. */
function linkOf(link: string): string {
  try {
    return fs.readlinkSync(link);
  } catch {
    return '';
  }
}

async function writerOf(file: string, hint: number): Promise<number | null> {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (holds(hint, file, stats)) return hint;
  // In a namespace of its own the process has another number than we know it by.
  const pids = fs.readdirSync('/proc').filter(name => /^\d+$/.test(name));
  for (const [index, name] of pids.entries()) {
    if (index % batch === batch - 1) await breathe();
    if (Number(name) !== process.pid && holds(Number(name), file, stats)) return Number(name);
  }
  return null;
}

function holds(pid: number, file: string, { dev, ino }: fs.Stats): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return fs.readdirSync(folder).some(fd => {
      // Only a link with that name is followed: another file may be on a disk that hangs.
      if (path.basename(fs.readlinkSync(`${folder}/${fd}`)) !== path.basename(file)) return false;
      const open = fs.statSync(`${folder}/${fd}`);
      return open.dev === dev && open.ino === ino && isForWriting(pid, fd);
    });
  } catch {
    // It has ended, or may not be looked into: then it has proven nothing.
    return false;
  }
}

function isForWriting(pid: number, fd: string): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;
}
