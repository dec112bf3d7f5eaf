/** Joins the items of several sources into one list: names that are unique, dependencies that lead to items, problems for what does not. */
import type { Item, SourceProblem } from '../../../domain/item.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { FoundItem, SourceContent, SourceType } from '../../../ports/sources.ts';

export interface LinkedItems {
  readonly items: readonly Item[];
  readonly problems: readonly SourceProblem[];
  /** What an agent is asked to do, by the item's id. */
  readonly texts: ReadonlyMap<string, string>;
}

interface Candidate {
  readonly source: SourceType;
  readonly found: FoundItem;
  readonly writes: 'program' | 'none' | undefined;
}

const defaultAgentType = 'code_developer';
/** So many dependencies that lead nowhere are named one by one. */
const mostUnknown = 50;

/** `taken`: ids and other names of items that keep theirs, those of our ROADMAP. */
export function linkSources(contents: readonly SourceContent[], taken: readonly Item[]): LinkedItems {
  const all = contents.flatMap(({ type, items: found, writes }) =>
    found.map((one): Candidate => ({ source: type, found: one, writes })),
  );
  const names = namesInUse(all, taken);
  const ids = new Map<FoundItem, string>();
  const problems: SourceProblem[] = [];
  const first = new Map<string, FoundItem>();
  for (const one of all) ids.set(one.found, idOf(one, names, first, problems));
  const find = finder(all);
  const items: Item[] = [];
  const texts = new Map<string, string>();
  let unknown = 0;
  for (const { source, found, writes } of all) {
    const id = ids.get(found) ?? found.name;
    const dependsOn = new Set<string>();
    const strangers: string[] = [];
    for (const want of found.wants) {
      const target = find(source, found, want);
      if (target !== null) dependsOn.add(ids.get(target) ?? target.name);
      else strangers.push(sanitizeLine(want, 100));
    }
    for (const stranger of strangers) {
      if (++unknown > mostUnknown) break;
      const message = `${id} depends on unknown item ${stranger} (ignored).`;
      problems.push({ line: Math.max(1, found.line), code: 'dependency', message });
    }
    const item = itemOf(source, found, id, [...dependsOn], strangers);
    items.push(writes === undefined ? item : { ...item, writes });
    texts.set(id, found.text);
  }
  return { items, problems, texts };
}

function itemOf(
  source: SourceType,
  found: FoundItem,
  id: string,
  dependsOn: readonly string[],
  strangers: readonly string[],
): Item {
  const full = `${source}:${found.name}`;
  const aliases = new Set([found.short, found.name, full, ...found.names]);
  aliases.delete(id);
  return {
    id,
    key: id,
    aliases: [...aliases].map(alias => sanitizeLine(alias, 200)),
    title: found.title,
    status: found.status,
    heading: found.heading,
    line: found.line,
    endLine: found.endLine,
    dependsOn,
    notes: [...new Set([...found.notes, ...strangers])],
    scope: found.scope,
    agentType: found.agentType ?? defaultAgentType,
    agentProgram: found.agentProgram,
    estimateHours: found.estimateHours,
    duplicate: id.includes('@') && id === `${full}@${found.line}`,
    prompt: null,
    source,
    group: found.group,
    parallel: found.parallel,
    priority: found.priority,
    name: found.name,
    ...(found.path === null ? {} : { path: found.path }),
  };
}

/** How many items each possible id would name. */
function namesInUse(all: readonly Candidate[], taken: readonly Item[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const item of taken) for (const name of new Set([item.id, item.key, ...item.aliases])) count(name.toLowerCase());
  for (const { source, found } of all)
    for (const name of new Set([found.short, found.name, `${source}:${found.name}`])) count(name.toLowerCase());
  return counts;
}

/** The shortest of its names that only it has; with its line where even the longest is there twice. */
function idOf(
  { source, found }: Candidate,
  names: ReadonlyMap<string, number>,
  first: Map<string, FoundItem>,
  problems: SourceProblem[],
): string {
  const full = `${source}:${found.name}`;
  for (const name of [found.short, found.name, full])
    if (names.get(name.toLowerCase()) === 1) return sanitizeLine(name, 200);
  const before = first.get(full.toLowerCase());
  if (before === undefined) first.set(full.toLowerCase(), found);
  else {
    const where = found.path ?? source;
    const message = `${found.short} is there twice (line ${before.line} of ${before.path ?? where} and line ${found.line} of ${where}). Give each item its own id, or name one by its line (${full}@${found.line}).`;
    problems.push({ line: Math.max(1, found.line), code: 'duplicate', message: sanitizeLine(message, 400) });
  }
  return sanitizeLine(`${full}@${found.line}`, 200);
}

/** Finds what an item waits for: by its whole name, else by a short one in the same file, else by one that is unique in the source. */
function finder(all: readonly Candidate[]): (source: SourceType, from: FoundItem, want: string) => FoundItem | null {
  // Built for the first item that waits for another: most of thousands wait for none.
  let index: ReadonlyMap<SourceType, ReadonlyMap<string, readonly FoundItem[]>> | null = null;
  return (source, from, want) => {
    index ??= byNames(all);
    const wanted = want.trim().toLowerCase();
    const named = index.get(source)?.get(wanted) ?? [];
    const whole = named.find(found => found.name.toLowerCase() === wanted);
    if (whole !== undefined) return whole;
    const near = named.filter(found => found.path === from.path);
    return near.length === 1 ? (near[0] ?? null) : named.length === 1 ? (named[0] ?? null) : null;
  };
}

function byNames(all: readonly Candidate[]): ReadonlyMap<SourceType, ReadonlyMap<string, readonly FoundItem[]>> {
  const index = new Map<SourceType, Map<string, FoundItem[]>>();
  for (const { source, found } of all) {
    const names = index.get(source) ?? new Map<string, FoundItem[]>();
    index.set(source, names);
    for (const name of [found.name, found.short, ...found.names]) {
      const key = name.toLowerCase();
      const list = names.get(key);
      if (list === undefined) names.set(key, [found]);
      else if (list.at(-1) !== found) list.push(found);
    }
  }
  return index;
}
