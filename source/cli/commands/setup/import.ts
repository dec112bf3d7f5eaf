import { isUtf8 } from 'node:buffer';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { locateFile } from '../../../adapters/files/text-file.ts';
import { readRegular } from '../../../adapters/regular-file.ts';
import { createSources } from '../../../adapters/sources/index.ts';
import { asRoadmap } from '../../../adapters/sources/joining/as-roadmap.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Item } from '../../../domain/item.ts';
import { parseRoadmap } from '../../../domain/roadmap/parse.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { openContext } from '../../session/context.ts';
import { sourcesOf } from '../../session/sources.ts';

/** Bytes; no list that people keep is longer. */
const most = 50 * 1024 * 1024;

const firstPlace = 'docs/roadmap/ROADMAP.md';

/** `cm-tui import FILE [--yes]`: adds the items of any readable list to the ROADMAP, once, after showing what that adds. */
export async function importCommand(
  file: string,
  options: GlobalOptions & { readonly yes?: boolean },
): Promise<ExitCode> {
  const context = await openContext(options);
  const { root } = context;
  const path = existsSync(resolve(file)) ? resolve(file) : resolve(root, file);
  if (!existsSync(path)) throw new CmError(`${escapePath(file)} does not exist. Name an existing file.`, 2);
  const sources = createSources({ root, roadmap: path, ownership: null, readOnlyTypes: [] });
  const { roadmap: read } = await sources.read();
  const [problem] = read.problems;
  if (read.items.length === 0)
    throw new CmError(problem?.message ?? `${escapePath(file)} has no item that can be read.`, 2);
  const own = (await sourcesOf(context).read()).roadmap;
  const place = own.sources?.find(({ type }) => type === 'roadmap')?.places[0] ?? firstPlace;
  const found = await locateFile(root, place, true);
  if (found.kind === 'refused') throw new CmError(`${escapePath(place)} ${found.why}.`, 2);
  // Through a link inside the repository, so that the link stays one.
  const target = found.kind === 'file' ? found.real : resolve(root, place);
  if (target === realpathSync(path))
    throw new CmError(`${escapePath(place)} is the ROADMAP itself. Name another file.`, 2);
  const bytes = readRegular(target, { most });
  if (bytes !== null && !isUtf8(bytes))
    throw new CmError(`${escapePath(place)} is not valid UTF-8. Save it as UTF-8.`, 2);
  const before = bytes?.toString('utf8') ?? '# Roadmap\n';
  const added = await sectionsOf(read.items, item => sources.sectionText(item), before);
  const after = joined(before, added);
  checkResult(before, after, read.items.length);
  writeLine(`--- ${bytes !== null ? escapePath(place) : '/dev/null'}`);
  writeLine(`+++ ${escapePath(place)}`);
  for (const line of after.slice(before.length).split('\n').slice(0, -1)) writeLine(`+${sanitizeLine(line, 1000)}`);
  for (const { line, message } of read.problems) writeLine(`! line ${line}: ${sanitizeLine(message, 400)}`);
  const count = `${read.items.length} ${read.items.length === 1 ? 'item' : 'items'}`;
  if (options.yes !== true && !canAsk()) {
    writeLine(
      `Nothing changed. Run "cm-tui import ${escapePath(relative(process.cwd(), path))} --yes" to add ${count}.`,
    );
    return 0;
  }
  if (options.yes !== true && !(await askYes(`Add ${count} to ${escapePath(place)}?`))) {
    writeLine('Cancelled. Nothing changed.');
    return 1;
  }
  await write(target, after, bytes);
  writeLine(`Added ${count} to ${escapePath(place)}. Commit it: agents start from committed files.`);
  return 0;
}

async function sectionsOf(
  items: readonly Item[],
  textOf: (item: Item) => Promise<string>,
  before: string,
): Promise<string> {
  const texts = new Map<string, string>();
  for (const item of items) texts.set(item.id, await textOf(item));
  const names = parseRoadmap(before, { path: null }).items.flatMap(({ key, aliases }) => [key, ...aliases]);
  const taken = new Set(names.flatMap(name => /^US-(\d+)$/.exec(name)?.slice(1).map(Number) ?? []));
  return asRoadmap(items, item => texts.get(item.id) ?? '', taken);
}

/** With the line ends of the file. */
function joined(before: string, added: string): string {
  const end = before.includes('\r\n') ? '\r\n' : '\n';
  const gap = before.endsWith('\n') ? end : `${end}${end}`;
  return before + gap + added.replaceAll('\n', end);
}

/** What is written has to be read again as what it is, and what was there has to stay as it was. */
function checkResult(before: string, after: string, count: number): void {
  const [old, now] = [before, after].map(text => parseRoadmap(text, { path: null }).items);
  const kept = (old ?? []).every((item, at) => now?.[at]?.id === item.id && now[at]?.status === item.status);
  if (!kept || now?.length !== (old?.length ?? 0) + count)
    throw new CmError('The items cannot be written in a form that is read again as the same. Nothing changed.', 1);
}

/** Only if the file is still as it was shown. */
async function write(target: string, text: string, before: Buffer | null): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const changed = new CmError('The ROADMAP has changed meanwhile. Nothing was written; run it again.', 1);
  if (before === null) {
    await writeFile(target, text, { flag: 'wx' }).catch(() => Promise.reject(changed));
    return;
  }
  const next = join(dirname(target), `.${process.pid}.ROADMAP.tmp`);
  await writeFile(next, text, { flag: 'wx' });
  try {
    await chmod(next, (await stat(target)).mode);
    if (readRegular(target, { most })?.equals(before) !== true) throw changed;
    await rename(next, target);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
