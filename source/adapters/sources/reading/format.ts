import type { SourceProblem } from '../../../domain/item.ts';
import type { FoundItem, SourceType } from '../../../ports/sources.ts';

/** A file of a source. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Another file of the repository that says more of an item, relative to it; null: there is none. */
  readonly beside: (path: string) => string | null;
}

export interface FileContent {
  readonly items: readonly FoundItem[];
  readonly problems: readonly SourceProblem[];
}

/** A form of file that holds items. Pure: it neither reads nor writes. */
export interface FileFormat {
  readonly type: SourceType;
  /** True where a file that somebody named looks like this form. */
  looksLike(text: string, path: string): boolean;
  read(file: SourceFile): FileContent;
  /** Files that {@link setStatus} may ask for, by the path of the file that it changes; absent: none. */
  besides?(path: string): readonly string[];
  /** The text with the item's status set; null: it is not found for sure, or cannot be set. */
  setStatus(file: SourceFile, name: string, to: 'complete' | 'planned'): Edit | null;
}

/** One stretch of a text to be replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Items of one file that are read; nobody plans more, and the screen has to stay quick. */
const itemLimit = 20_000;

/** The first items of a file that holds more than anybody works on, and a problem that says so. */
export function limited({ items, problems }: FileContent, path: string): FileContent {
  if (items.length <= itemLimit) return { items, problems };
  const message = `${path} holds ${items.length} items; only the first ${itemLimit} are read. Split it.`;
  return { items: items.slice(0, itemLimit), problems: [...problems, { line: 1, code: 'size', message }] };
}

/** What most items have nothing to say of. */
export const plainItem = {
  names: [],
  wants: [],
  notes: [],
  scope: { kind: 'unknown', paths: [] },
  group: null,
  parallel: null,
  priority: null,
  agentType: null,
  agentProgram: null,
  estimateHours: null,
} as const satisfies Partial<FoundItem>;
