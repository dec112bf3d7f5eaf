import type { SourceProblem } from '../../../domain/item.ts';
import { itemLimit, sizeProblem, unreadNote } from '../../../domain/roadmap/document/size.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
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

/** Dependencies of all items of one file: where thousands each wait for thousands, there are millions. */
const wantLimit = 100_000;

/**
 * The items that `make` reads from `candidates`, which may add to `problems`; null: it is none. Ends with a problem that says so where there
 * are more than anybody works on, before the rest is looked at: the screen has to stay quick whatever a file holds. `unread` lines at the end
 * of the file were not looked at.
 */
export function gather<T>(
  path: string,
  candidates: Iterable<T>,
  make: (one: T) => FoundItem | null,
  problems: SourceProblem[],
  unread = 0,
): FileContent {
  const items: FoundItem[] = [];
  let wants = 0;
  let isCut = unread > 0;
  for (const one of candidates) {
    const item = make(one);
    if (item === null) continue;
    if (items.length >= itemLimit || wants > wantLimit) {
      isCut = true;
      break;
    }
    wants += item.wants.length;
    items.push(item);
  }
  if (!isCut) return { items, problems };
  problems.push(sizeProblem(path, items.length));
  return { items: heldByUnread(items), problems };
}

/** Where not all was read, what an item waits for may be among the rest: such an item must not start. */
function heldByUnread(items: readonly FoundItem[]): readonly FoundItem[] {
  const known = new Set(items.flatMap(item => [item.name, item.short, ...item.names].map(name => name.toLowerCase())));
  return items.map(item => {
    const isKnown = (want: string): boolean => known.has(want.trim().toLowerCase());
    const first = item.wants.find(want => !isKnown(want));
    if (first === undefined) return item;
    const wants = item.wants.filter(isKnown);
    const notes = [...item.notes, unreadNote(sanitizeLine(first, 100))];
    return { ...item, wants, notes, status: item.status === 'planned' ? 'blocked' : item.status };
  });
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
