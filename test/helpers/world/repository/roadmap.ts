import type { Oid } from '../../../../source/domain/ids.ts';
import type { Item, Scope } from '../../../../source/domain/item.ts';
import { noOwnership } from '../../../../source/domain/ownership/ownership.ts';
import type { SourcesReading } from '../../../../source/ports/sources.ts';
import { makeItem } from '../../core/planning.ts';
import type { Random } from '../random.ts';
import type { Tree } from './history.ts';

export const roadmapPath = 'ROADMAP.md';

/** Some items with dependencies on earlier ones; their scopes are apart, shared, or not known. */
export function randomItems(random: Random): readonly Item[] {
  const keys = Array.from({ length: 2 + random.int(6) }, (_, index) => `US-${String(index + 1).padStart(3, '0')}`);
  return keys.map((key, index) =>
    makeItem(key, {
      line: 10 * (index + 1),
      dependsOn: keys.slice(0, index).filter(() => random.chance(0.2)),
      scope: randomScope(random, key),
    }),
  );
}

function randomScope(random: Random, key: string): Scope {
  const draw = random.next();
  if (draw < 0.6) return { kind: 'known', paths: [`src/${key}/`] };
  if (draw < 0.8) return { kind: 'known', paths: [`src/${key}/`, 'shared/'] };
  return draw < 0.9 ? { kind: 'inferred', paths: [`src/${key}/`] } : { kind: 'unknown', paths: [] };
}

/** What the ROADMAP says at a commit. Readings of one commit are one object, as a reader with a cache gives them. */
export class RoadmapReader {
  readonly #items: readonly Item[];
  readonly #known = new Map<Oid, SourcesReading>();

  constructor(items: readonly Item[]) {
    this.#items = items;
  }

  read(oid: Oid, tree: Tree): SourcesReading {
    const known = this.#known.get(oid);
    if (known !== undefined) return known;
    const items = this.#items.map(item =>
      tree.get(`${roadmapPath}#${item.key}`) === 'complete' ? { ...item, status: 'complete' as const } : item,
    );
    const roadmap = { path: roadmapPath, items, problems: [] };
    const reading = { roadmap, ownership: noOwnership, ownershipProblems: [], stamp: oid };
    this.#known.set(oid, reading);
    return reading;
  }
}
