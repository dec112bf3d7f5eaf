/** What an item depends on, as its words say. Pure. */
import type { Item } from '../../item.ts';
import type { Proposal, ProposedDependency, ProposedFile } from './proposal.ts';

const needing =
  /\b(?:after|needs?|requires?|builds? (?:up)?on|based on|once|depends? on|blocked by|follows|on top of|relies on|using the \w+ (?:of|from))\b[^.\n]{0,60}$/i;

export interface Described {
  readonly item: Item;
  readonly text: string;
  /** Files that do not exist yet and that its text names. */
  readonly created: readonly ProposedFile[];
}

/**
 * Dependencies to propose for each item: items that its text says it needs, and earlier items that create a file it names. None that are
 * there already, and none that would close a circle. `all`: every item, with its dependencies.
 */
export function proposeDependencies(
  described: readonly Described[],
  all: readonly Item[],
): ReadonlyMap<string, readonly ProposedDependency[]> {
  const needs = new Map(all.map(item => [item.id, new Set(item.dependsOn)]));
  const proposed = new Map<string, readonly ProposedDependency[]>();
  const creators = new Map<string, Item>();
  for (const { item, text, created } of described) {
    const own: ProposedDependency[] = [];
    const add = (other: Item, reason: string) => {
      const known = needs.get(item.id);
      if (other.id === item.id || other.duplicate || known?.has(other.id) === true) return;
      if (other.status === 'complete' || reaches(needs, other.id, item.id)) return;
      known?.add(other.id);
      own.push({ id: other.id, reason });
    };
    for (const other of all)
      if ([other.key, ...other.aliases].some(name => isNeeded(text, name))) add(other, 'the text says so');
    for (const { path } of created) {
      const creator = creators.get(path);
      if (creator === undefined) creators.set(path, item);
      else add(creator, `it creates ${path}`);
    }
    if (own.length > 0) proposed.set(item.id, own);
  }
  return proposed;
}

/** Proposals without the dependencies that would close a circle, one after the other. */
export function withoutCircles(proposals: readonly Proposal[], all: readonly Item[]): readonly Proposal[] {
  const needs = new Map(all.map(item => [item.id, new Set(item.dependsOn)]));
  return proposals.map(proposal => {
    const dependencies = proposal.dependencies.filter(({ id }) => {
      if (reaches(needs, id, proposal.id)) return false;
      needs.get(proposal.id)?.add(id);
      return true;
    });
    return dependencies.length === proposal.dependencies.length ? proposal : { ...proposal, dependencies };
  });
}

/** Does the text say, right before the name, that it needs it? */
function isNeeded(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    const isWhole = !/[\w.-]/.test(text[at - 1] ?? '') && !/^(?:\w|[.-]\w)/.test(text.slice(at + name.length));
    if (isWhole && needing.test(text.slice(Math.max(0, at - 90), at))) return true;
  }
  return false;
}

/** Does `from` depend on `to`, directly or not? `needs`: by id, what each item depends on. */
export function reaches(needs: ReadonlyMap<string, Iterable<string>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(needs.get(id) ?? []));
  }
  return false;
}
