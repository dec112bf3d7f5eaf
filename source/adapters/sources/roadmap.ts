/** Our own ROADMAP, or a file in another form that stands in its place. */
import type { Item, Roadmap, SourceProblem } from '../../domain/item.ts';
import { splitLines } from '../../domain/roadmap/document/outline.ts';
import { parseRoadmap } from '../../domain/roadmap/parse.ts';
import { findSection } from '../../domain/roadmap/status-line.ts';
import type { SourceContent } from '../../ports/sources.ts';
import { CachedFile, type FileReading } from '../files/cached-file.ts';
import { formOf } from './formats.ts';

/** Where a ROADMAP is looked for, in this order. */
export const roadmapPlaces = ['docs/roadmap/ROADMAP.md', 'docs/ROADMAP.md', 'ROADMAP.md'];

interface Parsed {
  readonly roadmap: Roadmap;
  /** The file's text where it holds no item of ours. */
  readonly text: string | null;
}

export interface RoadmapContent {
  /** Items in our form, and every problem of the file. */
  readonly roadmap: Roadmap;
  /** The same file, read as what it looks like; null: it is in our form, or in none. */
  readonly other: SourceContent | null;
  readonly stamp: string;
}

export class RoadmapSource {
  readonly #file: CachedFile<Parsed>;
  #last: RoadmapContent | null = null;

  constructor(root: string, wanted: string | null) {
    this.#file = new CachedFile(root, wanted, roadmapPlaces, 'ROADMAP', (text, path, specs) => {
      const roadmap = parseRoadmap(text, { path, readSpec: specs });
      return { roadmap, text: roadmap.items.length === 0 ? text : null };
    });
  }

  async read(): Promise<RoadmapContent> {
    const reading = await this.#file.read();
    if (this.#last?.stamp !== reading.stamp) this.#last = await this.#take(reading);
    return this.#last;
  }

  /** The text of an item's section as it stands now; null: it is not there any more. */
  async section(item: Item): Promise<string | null> {
    const text = await this.#file.text();
    const place = text === null ? null : findSection(text, item);
    if (text === null || place === null) return null;
    const lines = splitLines(text).slice(place.line - 1, place.endLine);
    return `${lines.join('\n').trimEnd()}\n`;
  }

  async #take({ value, problems, stamp }: FileReading<Parsed>): Promise<RoadmapContent> {
    const parsed = value?.roadmap ?? { path: null, items: [], problems: [] };
    const { path } = parsed;
    const text = value?.text ?? null;
    const format = text === null || path === null ? null : await formOf(text, path);
    if (format === null || text === null || path === null)
      return { roadmap: { ...parsed, problems: [...problems, ...parsed.problems] }, other: null, stamp };
    const content = format.read({ path, text, beside: () => null });
    // Where another form fits, what is said of our headings does not matter.
    if (content.items.length === 0)
      return {
        roadmap: { ...parsed, problems: [...problems, ...content.problems, ...parsed.problems] },
        other: null,
        stamp,
      };
    const other = { type: format.type, places: [path], items: content.items, problems: content.problems, stamp };
    const encoding: readonly SourceProblem[] = problems;
    return { roadmap: { path, items: [], problems: encoding }, other, stamp };
  }
}
