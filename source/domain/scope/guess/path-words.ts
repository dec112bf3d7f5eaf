/** Words of paths, looked up by the words of a text. Pure. */
import { wordsOf } from './words.ts';

/** What paths look like, worked out once for all pieces of work. */
export class PathWords {
  readonly #files: readonly {
    readonly path: string;
    readonly name: readonly string[];
    readonly folders: readonly string[];
  }[];
  readonly #spread = new Map<string, number>();
  readonly #count: number;

  constructor(files: readonly string[]) {
    this.#count = files.length;
    this.#files = files.map(path => {
      const slash = path.lastIndexOf('/');
      const name = wordsOf(path.slice(slash + 1).replace(/\.[^.]*$/, ''));
      const folders = slash < 0 ? [] : wordsOf(path.slice(0, slash));
      for (const word of new Set([...name, ...folders])) this.#spread.set(word, (this.#spread.get(word) ?? 0) + 1);
      return { path, name, folders };
    });
  }

  weight(word: string): number {
    return Math.log(1 + this.#count / (this.#spread.get(word) ?? this.#count));
  }

  /** For each file that shares a word with the text: how much of its name the title spells, and how much of the text its path does. */
  *matches(
    title: ReadonlySet<string>,
    all: ReadonlySet<string>,
  ): Iterable<{ path: string; title: number; words: number }> {
    const most = Math.log(1 + this.#count);
    for (const { path, name, folders } of this.#files) {
      const inTitle = share(name, title, word => this.weight(word));
      const inAll = share(name, all, word => this.weight(word));
      const inFolders = share(folders, all, word => this.weight(word));
      if (inAll.sum === 0 && inFolders.sum === 0) continue;
      yield {
        path,
        title: inTitle.part * Math.min(1, inTitle.sum / most),
        words: 0.7 * inAll.part * Math.min(1, inAll.sum / most) + 0.3 * Math.min(1, inFolders.sum / most),
      };
    }
  }
}

function share(words: readonly string[], wanted: ReadonlySet<string>, weight: (word: string) => number) {
  let [sum, total] = [0, 0];
  for (const word of words) {
    const own = weight(word);
    total += own;
    if (wanted.has(word)) sum += own;
  }
  return { sum, part: total === 0 ? 0 : sum / total };
}
