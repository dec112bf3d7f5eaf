/** A file that is read again only when it changed. */
import { createHash } from 'node:crypto';
import { isAbsolute, join, posix } from 'node:path';
import type { SourceProblem } from '../../domain/item.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import { decodeText, type FileState, fileState, locateFile, readTextSync, readWhole, sameState } from './text-file.ts';

/** Spec files are read up to this many bytes, and this many per reading of the roadmap. */
const specBytes = 512 * 1024;
const specFiles = 300;

export interface FileReading<T> {
  readonly value: T | null;
  readonly problems: readonly SourceProblem[];
  readonly stamp: string;
}

type Parse<T> = (text: string, path: string, specs: (path: string) => string | null) => T;

/** One source file: found, read and parsed when its identity, size or time of change differ from the last look. */
export class CachedFile<T> {
  readonly #root: string;
  readonly #wanted: string | null;
  readonly #places: readonly string[];
  readonly #what: string;
  readonly #parse: Parse<T>;
  #state: FileState | null = null;
  #digest = '';
  #specs: ReadonlyMap<string, FileState | null> = new Map();
  #reading: FileReading<T> | null = null;
  #pending: Promise<FileReading<T>> | null = null;
  #changes = 0;

  constructor(root: string, wanted: string | null, places: readonly string[], what: string, parse: Parse<T>) {
    this.#root = root;
    this.#wanted = wanted;
    this.#places = places;
    this.#what = what;
    this.#parse = parse;
  }

  read(): Promise<FileReading<T>> {
    this.#pending ??= this.#look().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  /** The file's text as it is now, null when there is none. */
  async text(): Promise<string | null> {
    const found = await this.#find();
    if (found.kind !== 'file') return null;
    const whole = await readWhole(found.real);
    return typeof whole === 'string' ? null : decodeText(whole.bytes).text;
  }

  async #find() {
    if (this.#wanted !== null) return { ...(await locateFile(this.#root, this.#wanted, true)), place: this.#wanted };
    for (const place of this.#places) {
      const found = await locateFile(this.#root, place);
      if (found.kind !== 'absent') return { ...found, place };
    }
    return { kind: 'absent' as const, place: null };
  }

  async #look(): Promise<FileReading<T>> {
    const found = await this.#find();
    if (found.kind === 'absent') {
      return this.#without(
        this.#wanted === null ? null : `does not exist; name an existing file, or none to look in the usual places`,
      );
    }
    if (found.kind === 'refused') return this.#without(found.why, found.place);
    const state = await fileState(found.real);
    const reading = this.#reading;
    const fresh = state === null || !sameState(state, this.#state);
    const specsFresh = reading === null || !(await this.#specsUnchanged());
    if (reading !== null && !fresh && !specsFresh) return reading;
    const whole = await readWhole(found.real);
    if (typeof whole === 'string') return this.#without(whole, found.place);
    const digest = createHash('sha256').update(found.path).update('\0').update(whole.bytes).digest('hex');
    const same = reading !== null && this.#state !== null && digest === this.#digest && !specsFresh;
    this.#state = whole.state;
    this.#digest = digest;
    return same ? reading : this.#take(whole.bytes, found.path);
  }

  #take(bytes: Buffer, path: string): FileReading<T> {
    const decoded = decodeText(bytes);
    const specs = new Map<string, FileState | null>();
    const problems: SourceProblem[] = [];
    if (decoded.badLine !== null) {
      const message = `${shown(path)} is not valid UTF-8 on ${decoded.badLines} ${decoded.badLines === 1 ? 'line' : 'lines'}, first on line ${decoded.badLine}; the bad bytes are shown as \uFFFD: save it as UTF-8.`;
      problems.push({ line: decoded.badLine, code: 'encoding', message });
    }
    const value = this.#parse(decoded.text, path, wanted => this.#readSpec(wanted, path, specs));
    this.#specs = specs;
    this.#reading = { value, problems, stamp: `${path}:${++this.#changes}` };
    return this.#reading;
  }

  /** No usable file: nothing is known, and `why` (a clause that follows the file's name) says what a person should fix. */
  #without(why: string | null, place: string | null = this.#wanted): FileReading<T> {
    const name = place === null ? this.#what : `${this.#what} ${shown(place)}`;
    const message = why === null ? '' : `The ${name} ${why}.`;
    if (
      this.#reading !== null &&
      this.#state === null &&
      this.#reading.problems[0]?.message === (why === null ? undefined : message)
    ) {
      return this.#reading;
    }
    this.#state = null;
    const problems = why === null ? [] : [{ line: 1, code: 'file', message }];
    this.#reading = { value: null, problems, stamp: `none:${++this.#changes}` };
    return this.#reading;
  }

  /** A spec file by the path an item names: relative to the repository, else to the roadmap's folder. */
  #readSpec(wanted: string, roadmap: string, specs: Map<string, FileState | null>): string | null {
    if (isAbsolute(wanted)) return null;
    for (const path of new Set([posix.normalize(wanted), posix.join(posix.dirname(roadmap), wanted)])) {
      if (path.startsWith('../') || specs.size >= specFiles) continue;
      const found = readTextSync(this.#root, join(this.#root, path), specBytes);
      specs.set(path, found?.state ?? null);
      if (found !== null) return found.text;
    }
    return null;
  }

  async #specsUnchanged(): Promise<boolean> {
    const states = await Promise.all(
      Array.from(this.#specs, async ([path, state]) => [state, await fileState(join(this.#root, path))] as const),
    );
    return states.every(([before, now]) => (before === null || now === null ? before === now : sameState(now, before)));
  }
}

function shown(path: string): string {
  return escapePath(path);
}
