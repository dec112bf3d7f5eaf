import fs from 'node:fs';
import path from 'node:path';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { askProgram } from '../../processes/ask-program.ts';
import type { Occupant, OpenFiles } from '../port.ts';

/** A process as `lsof` shows it. */
interface Shown {
  readonly pid: number;
  readonly name: string;
  readonly files: { readonly descriptor: string; readonly access: string; readonly path: string }[];
}

/** What `lsof` shows of open files. */
export const lsofFiles: OpenFiles = { occupants, openFiles, writerOf };

/** Null where there is no `lsof`, or where it does not show ourselves among the rest. */
async function occupants(folder: string, files: boolean): Promise<readonly Occupant[] | null> {
  const which = files ? [] : ['-a', '-d', 'cwd'];
  const shown = await lsof([...which, '-u', String(process.getuid?.() ?? 0)]);
  if (!shown?.some(({ pid }) => pid === process.pid)) return null;
  const isIn = (place: string) => place === folder || place.startsWith(`${folder}${path.sep}`);
  return shown
    .filter(({ pid, files: open }) => pid !== process.pid && open.some(file => isIn(file.path)))
    .map(({ pid, name }) => ({ pid, name: sanitizeLine(name, 40) }));
}

async function openFiles(pid: number): Promise<readonly string[] | null> {
  const one = (await lsof(['-p', String(pid)]))?.find(shown => shown.pid === pid);
  return one?.files.map(file => file.path) ?? null;
}

async function writerOf(file: string, hint: number): Promise<number | null> {
  if (!fs.existsSync(file)) return null;
  const shown = await lsof(['--', file]);
  if (shown === null) throw new Error('lsof, which shows who has a file open, gives no answer: install it');
  const writers = shown.filter(({ files }) => files.some(({ access }) => access === 'w' || access === 'u'));
  const pids = writers.map(({ pid }) => pid);
  return pids.includes(hint) ? hint : (pids.find(pid => pid !== process.pid) ?? null);
}

/** Null where it is missing or gives no answer. It ends with 1 where nothing was found, or not everything could be looked at. */
async function lsof(args: readonly string[]): Promise<readonly Shown[] | null> {
  try {
    return parseLsof(await askProgram('lsof', ['-nPwl', '+c', '0', '-F', 'pcfan', ...args], [0, 1]));
  } catch {
    return null;
  }
}

/** One field a line, the first letter says which: a process, its name, then each file with its access and path. */
export function parseLsof(text: string): readonly Shown[] {
  const found: Shown[] = [];
  let file = { descriptor: '', access: '', path: '' };
  for (const line of text.split('\n')) {
    const value = line.slice(1);
    const last = found.at(-1);
    if (line.startsWith('p')) found.push({ pid: Number(value), name: '', files: [] });
    else if (line.startsWith('c') && last !== undefined)
      found[found.length - 1] = { ...last, name: unescapeName(value) };
    else if (line.startsWith('f')) file = { descriptor: value, access: '', path: '' };
    else if (line.startsWith('a')) file = { ...file, access: value };
    else if (line.startsWith('n'))
      last?.files.push({ ...file, path: unescapeName(value).replace(/ \(deleted\)$/, '') });
  }
  return found;
}

const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** It writes every byte that is not plain as `\xHH` or a letter, and a backslash twice. */
function unescapeName(text: string): string {
  const bytes: Buffer[] = [];
  for (const [part, hex, letter] of text.matchAll(/\\x([0-9a-f]{2})|\\(.)|[^\\]+|\\/g)) {
    if (hex !== undefined) bytes.push(Buffer.from(hex, 'hex'));
    else bytes.push(Buffer.from(letter === undefined ? part : (letters[letter] ?? letter)));
  }
  return Buffer.concat(bytes).toString('utf8');
}
