/** Everything that says what is to be done: sources of work, and the ownership file. Read again only where they changed. */

import { dirname, join } from 'node:path';
import { CmError } from '../../domain/errors.ts';
import type { Item, Roadmap, SourceProblem, SourceSummary } from '../../domain/item.ts';
import { noOwnership, type Ownership } from '../../domain/ownership/ownership.ts';
import { parseOwnership } from '../../domain/ownership/ownership-table.ts';
import type { SourceSetting } from '../../domain/settings.ts';
import type { AskProgram, SourceContent, SourcesPort, SourcesReading, WorkSource } from '../../ports/sources.ts';
import { CachedFile, type FileReading } from '../files/cached-file.ts';
import { fileSources, outsideSources } from './joining/detect.ts';
import { type LinkedItems, linkSources } from './joining/link.ts';
import { FolderWatch } from './reading/folder-watch.ts';
import { type RoadmapContent, RoadmapSource, roadmapPlaces } from './roadmap.ts';
import { unnamedList } from './unnamed.ts';

export interface SourcesOptions {
  /** The repository's main folder, absolute. */
  readonly root: string;
  /** File named by the user, relative to the root or absolute; null: the usual places are tried. */
  readonly roadmap: string | null;
  readonly ownership: string | null;
  /** Agent types that may change nothing, beside those the ownership file names. */
  readonly readOnlyTypes: readonly string[];
  /** Sources that the settings name; null or absent: what is detected counts. */
  readonly sources?: readonly SourceSetting[] | null;
  /** Asks forges and programs for items; absent: such sources are left out. */
  readonly ask?: AskProgram;
  /** False: slow sources are not waited for; they come with a later reading. */
  readonly wait?: boolean;
}

export const ownershipPlaces = ['docs/AGENT_OWNERSHIP.md'];

/** Reads all of them below `root`. Whatever is wrong with one becomes a problem of the reading; `read` does not reject. */
export function createSources(options: SourcesOptions): SourcesPort {
  const { root } = options;
  const named = options.sources ?? null;
  // A file named for this start is what the user wants to work on, and nothing else.
  const isAlone = options.roadmap !== null && named === null;
  const roadmaps =
    named === null || named.includes('roadmap') || options.roadmap !== null
      ? new RoadmapSource(root, options.roadmap)
      : null;
  const files = isAlone ? [] : fileSources(root, named, options.ask ?? null);
  let outside: Promise<readonly WorkSource[]> | null = null;
  const allSources = async (): Promise<readonly WorkSource[]> => {
    outside ??= outsideSources(isAlone ? null : named, options.ask ?? null);
    return [...files, ...(await outside)];
  };
  const owners = new CachedFile(root, options.ownership, ownershipPlaces, 'ownership file', text =>
    parseOwnership(text),
  );
  let last: SourcesReading | null = null;
  let linked: LinkedItems = { items: [], problems: [], texts: new Map() };

  async function read(): Promise<SourcesReading> {
    const [roadmap, ownership, contents] = await Promise.all([
      roadmaps?.read() ?? null,
      owners.read(),
      allSources().then(all => Promise.all(all.map(one => readSource(one, named !== null, options.wait ?? true)))),
    ]);
    const found = contents.filter(content => content !== null);
    const isNothing =
      named === null && options.roadmap === null && roadmap?.roadmap.path === null && found.length === 0;
    const unnamed = isNothing ? unnamedList(root) : null;
    const stamps = [roadmap?.stamp ?? '-', ownership.stamp, ...found.map(one => one.stamp), unnamed?.message ?? ''];
    const stamp = stamps.join(' ').trimEnd();
    if (last !== null && last.stamp === stamp) return last;
    const others = roadmap?.other === null || roadmap === null ? found : [roadmap.other, ...found];
    linked = linkSources(others, roadmap?.roadmap.items ?? []);
    last = {
      roadmap: withProblem(joined(roadmap, others, linked), unnamed),
      ...ownershipOf(ownership, options.readOnlyTypes),
      stamp,
    };
    return last;
  }

  async function sectionText(item: Item): Promise<string> {
    if (item.prompt !== null) return item.prompt;
    if (item.line === 0 && item.source === undefined) return '';
    const text =
      item.source === undefined || item.source === 'roadmap' ? await roadmaps?.section(item) : await textOf(item);
    if (text === undefined || text === null) {
      const place = item.path ?? 'the ROADMAP';
      throw new CmError(`${item.key} is no longer in ${place} as it was read; check the file and try again.`);
    }
    return text;
  }

  async function textOf(item: Item): Promise<string | null> {
    await read();
    return linked.texts.get(item.id) ?? null;
  }

  function watch(onChange: () => void): () => void {
    const folders = new FolderWatch();
    const wanted = options.roadmap === null ? roadmapPlaces : [options.roadmap];
    const stops = [folders.start(onChange), ...files.map(source => source.watch(onChange))];
    let isOver = false;
    // Not one of them rejects.
    void allSources().then(all => {
      if (!isOver) stops.push(...all.slice(files.length).map(source => source.watch(onChange)));
    });
    folders.set([...new Set([...wanted, ...ownershipPlaces].map(path => dirname(join(root, path))))]);
    return () => {
      isOver = true;
      for (const stop of stops) stop();
    };
  }

  async function writeStatus(item: Item, to: 'complete' | 'planned'): Promise<boolean> {
    const all = await allSources();
    const writers = all.filter(({ type, writeStatus: write }) => type === item.source && write !== null);
    const [writer, another] = writers.length < 2 ? writers : await holdersOf(item, writers);
    return another === undefined && ((await writer?.writeStatus?.(item, to)) ?? false);
  }

  return { read, sectionText, watch, writeStatus };
}

/** Null: the repository does not have it, and nobody says that it should. */
async function readSource(source: WorkSource, isNamed: boolean, wait: boolean): Promise<SourceContent | null> {
  return isNamed || (await source.detect()) ? source.read(wait) : null;
}

/** An item names the type of its source alone, and two trackers may use the same id. None where one of them is not known whole. */
async function holdersOf({ name }: Item, sources: readonly WorkSource[]): Promise<readonly WorkSource[]> {
  const contents = await Promise.all(sources.map(source => source.read(true)));
  if (contents.some(({ problems }) => problems.some(({ code }) => code === 'source'))) return [];
  return sources.filter((_, at) => contents[at]?.items.some(one => one.name === name));
}

function joined(own: RoadmapContent | null, others: readonly SourceContent[], linked: LinkedItems): Roadmap {
  const roadmap = own?.roadmap ?? { path: null, items: [], problems: [] };
  const path = roadmap.path ?? linked.items.find(item => item.path !== undefined)?.path ?? null;
  const summary = (
    type: string,
    places: readonly string[],
    items: readonly { readonly status: string }[],
  ): SourceSummary => ({
    type,
    places,
    items: items.length,
    planned: items.filter(({ status }) => status === 'planned').length,
  });
  const sources = [
    ...(roadmap.path === null || own?.other !== null ? [] : [summary('roadmap', [roadmap.path], roadmap.items)]),
    ...others.map(content => summary(content.type, content.places, content.items)),
  ];
  return {
    path,
    items: linked.items.length === 0 ? roadmap.items : [...roadmap.items, ...linked.items],
    problems: [...roadmap.problems, ...others.flatMap(content => content.problems), ...linked.problems],
    ...(sources.length === 0 ? {} : { sources }),
  };
}

function withProblem(roadmap: Roadmap, problem: SourceProblem | null): Roadmap {
  return problem === null ? roadmap : { ...roadmap, problems: [...roadmap.problems, problem] };
}

function ownershipOf(
  { value, problems }: FileReading<ReturnType<typeof parseOwnership>>,
  readOnlyTypes: readonly string[],
): Pick<SourcesReading, 'ownership' | 'ownershipProblems'> {
  const table: Ownership = value?.ownership ?? noOwnership;
  return {
    ownership: { ...table, readOnly: [...new Set([...readOnlyTypes, ...table.readOnly])] },
    ownershipProblems: [...problems, ...(value?.problems ?? [])],
  };
}
