/** What earlier changes tell: which files went with which words, and which files change together. Pure. */
import { wordsOf } from './words.ts';

/** An earlier commit of the target, or a landed item: what it said, and the files that it changed. */
export interface PastChange {
  readonly text: string;
  readonly files: readonly string[];
}

/** A change of more files than this is a sweep through the repository: it says nothing about where work of one kind is done. */
const sweep = 40;
/** Earlier changes with the most alike words that are listened to. */
const listenedTo = 12;
/** Changes of two files together below this number are chance. */
const fewest = 3;
/** So few changes say next to nothing: the first one brings all files. */
const few = 25;

interface Known {
  readonly words: readonly string[];
  readonly files: readonly string[];
  /** Length of the vector of its words. */
  readonly norm: number;
}

/**
 * Looked up by words and by files; newest first, as git gives them. `from`: as if the changes before that place had not been made yet.
 */
export class History {
  readonly #changes: readonly Known[];
  readonly #count: number;
  /** What it was made from, without sweeps. */
  readonly changes: readonly PastChange[];
  readonly #byWord = new Map<string, number[]>();
  readonly #byFile = new Map<string, number[]>();

  constructor(changes: readonly PastChange[]) {
    const useful = changes.filter(({ files }) => files.length > 0 && files.length <= sweep);
    this.changes = useful;
    this.#count = useful.length;
    const known = useful.map(({ text, files }) => ({ words: wordsOf(text), files }));
    known.forEach(({ words, files }, place) => {
      for (const word of words) push(this.#byWord, word, place);
      for (const file of files) push(this.#byFile, file, place);
    });
    this.#changes = known.map(({ words, files }) => ({
      words,
      files,
      norm: Math.hypot(...words.map(word => this.weight(word))),
    }));
  }

  get size(): number {
    return this.#count;
  }

  /** How much a word tells: rare ones tell more. */
  weight(word: string): number {
    return Math.log(1 + (this.#count + 1) / ((this.#byWord.get(word)?.length ?? 0) + 0.5));
  }

  /**
   * For each file how strongly earlier changes with like words speak for it, 0 to 1, and how alike the best of those was, 0 to 1.
   */
  votes(words: readonly string[], from = 0): { readonly votes: ReadonlyMap<string, number>; readonly best: number } {
    const scores = new Map<number, number>();
    for (const word of words) {
      const weight = this.weight(word) ** 2;
      for (const place of this.#byWord.get(word) ?? [])
        if (place >= from) scores.set(place, (scores.get(place) ?? 0) + weight);
    }
    const own = Math.hypot(...words.map(word => this.weight(word))) || 1;
    const alike = [...scores]
      .map(([place, score]) => ({
        place,
        score: (score / (own * (this.#changes[place]?.norm || 1))) * fading(place - from),
      }))
      .sort((a, b) => b.score - a.score || a.place - b.place)
      .slice(0, listenedTo);
    const total = alike.reduce((sum, { score }) => sum + score ** 2, 0);
    const trust = Math.max(0, this.#count - from) / (Math.max(0, this.#count - from) + few);
    const votes = new Map<string, number>();
    for (const { place, score } of alike) {
      for (const file of this.#changes[place]?.files ?? [])
        votes.set(file, (votes.get(file) ?? 0) + (trust * score ** 2) / (total || 1));
    }
    return { votes, best: alike[0]?.score ?? 0 };
  }

  /** Files that changed together with this one in some of its changes, with the share of those changes, 0 to 1. */
  companions(file: string, from = 0): ReadonlyMap<string, number> {
    const places = (this.#byFile.get(file) ?? []).filter(place => place >= from).slice(0, 60);
    const counts = new Map<string, number>();
    for (const place of places)
      for (const other of this.#changes[place]?.files ?? [])
        if (other !== file) counts.set(other, (counts.get(other) ?? 0) + 1);
    const shares = new Map<string, number>();
    for (const [other, count] of counts) if (count >= fewest) shares.set(other, count / places.length);
    return shares;
  }

  /** Share of the latest changes that touched the file, 0 to 1: some files change with everything. */
  heat(file: string, from = 0): number {
    const latest = Math.min(this.#count - from, 200);
    if (latest <= 0) return 0;
    const places = this.#byFile.get(file) ?? [];
    return places.filter(place => place >= from && place < from + latest).length / (latest + few);
  }
}

/** What is long ago counts less. */
function fading(place: number): number {
  return 1 / (1 + place / 1500);
}

function push(map: Map<string, number[]>, key: string, place: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [place]);
  else list.push(place);
}
