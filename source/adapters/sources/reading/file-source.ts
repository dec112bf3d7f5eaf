/** A source of files of one form: found by patterns, each read and parsed again only when it changed. */
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { messageOf } from '../../../domain/errors.ts';
import type { SourceProblem } from '../../../domain/item.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { SourceContent, SourceType, WorkSource } from '../../../ports/sources.ts';
import { decodeText, type FileState, readTextSync, sameState, stateOf } from '../../files/text-file.ts';
import { OddFileError, readRegularWithStats, type StatsReadOptions } from '../../regular-file.ts';
import { expandPattern, type FoundPath } from './expand.ts';
import { FolderWatch } from './folder-watch.ts';
import type { FileContent, FileFormat } from './format.ts';

export interface FileSourceOptions {
  /** The repository's main folder, absolute. */
  readonly root: string;
  readonly type: SourceType;
  readonly patterns: readonly string[];
  /** Named in the settings: then it is a problem if there is none. */
  readonly isNamed: boolean;
  readonly load: () => Promise<FileFormat>;
  /** Sets a status by a program, null: nothing is written; absent: into the file. */
  readonly write?: WorkSource['writeStatus'];
  /** The shortest form that works, for a file in which nothing was found. */
  readonly example: string;
}

interface KnownFile {
  readonly state: FileState;
  readonly content: FileContent;
  /** Files that say more of its items, as they were. */
  readonly beside: ReadonlyMap<string, FileState | null>;
}

/** Nobody keeps a list of work that is larger. */
const sizeLimit = 16 * 1024 * 1024;
const besideBytes = 512 * 1024;
/** Files are looked at for so long before others get their turn; in ms. */
const turn = 25;
/** Room for one file as most are, so that thousands of them do not each take memory of their own. */
const usualSize = 64 * 1024;

export class FileSource implements WorkSource {
  readonly type: SourceType;
  readonly writeStatus: WorkSource['writeStatus'];
  readonly #options: FileSourceOptions;
  readonly #known = new Map<string, KnownFile>();
  readonly #watch = new FolderWatch();
  #content: SourceContent | null = null;
  #pending: Promise<SourceContent> | null = null;
  #changes = 0;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    this.type = options.type;
    this.writeStatus = options.write ?? null;
  }

  async detect(): Promise<boolean> {
    const { root, patterns } = this.#options;
    const exists = (path: string): boolean => existsSync(join(root, path));
    // What was there is there still: the folder need not be listed for that.
    if (this.#content?.places.some(exists) === true) return true;
    return patterns.some(pattern => {
      const { paths, problems } = expandPattern(root, pattern, { sorted: false });
      return problems.length > 0 || paths.some(({ path }) => exists(path));
    });
  }

  read(): Promise<SourceContent> {
    this.#pending ??= this.#look().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  watch(onChange: () => void): () => void {
    const stop = this.#watch.start(onChange);
    this.#watch.set(this.#folders(this.#expanded().paths));
    return stop;
  }

  /** Each file once, by its path. */
  #expanded(): { readonly paths: ReadonlyMap<string, FoundPath>; readonly problems: readonly string[] } {
    const all = this.#options.patterns.map(pattern => expandPattern(this.#options.root, pattern));
    const paths = new Map(all.flatMap(one => one.paths.map(found => [found.path, found])));
    return { paths, problems: all.flatMap(one => one.problems) };
  }

  async #look(): Promise<SourceContent> {
    const { root, load } = this.#options;
    const format = await load();
    const { paths, problems: unlisted } = this.#expanded();
    const folders = new Map<string, boolean>();
    const read: { readonly path: string; readonly content: FileContent }[] = [];
    const problems = unlisted.map((message): SourceProblem => ({ line: 1, code: 'file', message }));
    const room = Buffer.allocUnsafe(usualSize);
    let changed = this.#content === null;
    let since = performance.now();
    for (const { path, isFile } of paths.values()) {
      if (performance.now() - since > turn) {
        await new Promise<void>(resolve => setImmediate(resolve));
        since = performance.now();
      }
      const folder = dirname(path);
      if (!folders.has(folder)) folders.set(folder, isInside(root, join(root, folder)));
      const outcome =
        folders.get(folder) === true ? this.#file(format, path, { most: sizeLimit, isFile, into: room }) : 'outside';
      if (outcome === 'absent') continue;
      if (typeof outcome === 'string') {
        const why = outcome === 'outside' ? 'is outside the repository, so it is not read' : outcome;
        problems.push({ line: 1, code: 'file', message: `${escapePath(path)} ${why}.` });
        continue;
      }
      changed ||= outcome.isNew;
      read.push({ path, content: outcome.content });
    }
    const present = new Set(read.map(({ path }) => path));
    for (const path of this.#known.keys()) {
      if (present.has(path)) continue;
      this.#known.delete(path);
      changed = true;
    }
    this.#watch.set(this.#folders(paths));
    if (!changed && this.#content !== null && sameProblems(problems, this.#lastProblems)) return this.#content;
    this.#lastProblems = problems;
    this.#content = this.#assemble(read, problems);
    return this.#content;
  }

  #lastProblems: readonly SourceProblem[] = [];

  /** One file's content, `absent`, or a clause that says why it cannot be read. */
  #file(
    format: FileFormat,
    path: string,
    options: StatsReadOptions,
  ): { readonly content: FileContent; readonly isNew: boolean } | string {
    const { root } = this.#options;
    const full = join(root, path);
    try {
      const known = this.#known.get(path);
      const found = known === undefined ? null : lstatSync(full, { bigint: true, throwIfNoEntry: false });
      if (found === undefined) return 'absent';
      if (
        known !== undefined &&
        found !== null &&
        sameState(stateOf(found), known.state) &&
        this.#besideUnchanged(known)
      ) {
        return { content: known.content, isNew: false };
      }
      const read = readRegularWithStats(full, options);
      if (read === null) return 'absent';
      if (read.bytes === null) {
        this.#known.delete(path);
        return `is larger than ${sizeLimit / 1024 / 1024} MiB, so it is not read; split it`;
      }
      const state = stateOf(read.stats);
      const beside = new Map<string, FileState | null>();
      const content = this.#parse(format, path, read.bytes, beside);
      this.#known.set(path, { state, content, beside });
      return { content, isNew: true };
    } catch (error) {
      this.#known.delete(path);
      if (error instanceof OddFileError) return error.why;
      return `cannot be read: ${sanitizeLine(messageOf(error), 200)}`;
    }
  }

  #parse(format: FileFormat, path: string, bytes: Buffer, beside: Map<string, FileState | null>): FileContent {
    const { text, badLine, badLines } = decodeText(bytes);
    const content = format.read({
      path,
      text,
      beside: wanted => {
        const found = readTextSync(this.#options.root, join(this.#options.root, wanted), besideBytes);
        beside.set(wanted, found?.state ?? null);
        return found?.text ?? null;
      },
    });
    if (badLine === null) return content;
    const message = `${escapePath(path)} is not valid UTF-8 on ${badLines} ${badLines === 1 ? 'line' : 'lines'}, first on line ${badLine}. Save it as UTF-8.`;
    return { ...content, problems: [{ line: badLine, code: 'encoding', message }, ...content.problems] };
  }

  #besideUnchanged({ beside }: KnownFile): boolean {
    return [...beside].every(([path, before]) => {
      const found = lstatSync(join(this.#options.root, path), { bigint: true, throwIfNoEntry: false });
      return found === undefined ? before === null : before !== null && sameState(stateOf(found), before);
    });
  }

  #assemble(
    read: readonly { readonly path: string; readonly content: FileContent }[],
    problems: readonly SourceProblem[],
  ): SourceContent {
    const { type, isNamed, example, patterns, write } = this.#options;
    const writes = write === undefined ? {} : { writes: write === null ? ('none' as const) : ('program' as const) };
    const several = read.length > 1;
    const items = read.flatMap(({ content }) => content.items);
    const found = read.flatMap(({ path, content }) =>
      content.problems.map(one =>
        several && !one.message.includes(path) ? { ...one, message: `${escapePath(path)}: ${one.message}` } : one,
      ),
    );
    const all = [...problems, ...found];
    const [first] = read;
    if (first === undefined && isNamed && problems.length === 0) {
      const message = `The source "${type}" has no file: ${patterns.map(escapePath).join(' or ')} does not exist. Correct the setting "sources".`;
      all.push({ line: 1, code: 'file', message });
    } else if (first !== undefined && items.length === 0) {
      const more = read.length === 1 ? '' : ` and ${read.length - 1} more`;
      const message = `${escapePath(first.path)}${more} looks like ${type}, but has no item that can be read. The shortest form is ${example}.`;
      all.push({ line: 1, code: 'empty', message });
    }
    return {
      type,
      places: read.map(({ path }) => path),
      items,
      problems: all,
      ...writes,
      stamp: `${type}:${++this.#changes}`,
    };
  }

  /** Folders in which something can appear or change. */
  #folders(paths: ReadonlyMap<string, FoundPath>): readonly string[] {
    const { root, patterns } = this.#options;
    const fixed = patterns
      .map(pattern => pattern.split('*')[0] ?? '')
      .map(start => start.slice(0, start.lastIndexOf('/') + 1));
    return [...new Set([...fixed, ...Array.from(paths.keys(), path => dirname(path))])].map(path => join(root, path));
  }
}

function sameProblems(some: readonly SourceProblem[], others: readonly SourceProblem[]): boolean {
  return some.length === others.length && some.every(({ message }, at) => others[at]?.message === message);
}

/** True where a folder is one of the repository, wherever links lead. */
function isInside(root: string, folder: string): boolean {
  try {
    const real = realpathSync.native(folder);
    const base = realpathSync.native(root);
    return real === base || real.startsWith(base + sep);
  } catch {
    // It does not exist, and neither does what is in it.
    return true;
  }
}
