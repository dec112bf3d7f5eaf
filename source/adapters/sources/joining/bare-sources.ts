import { isAbsolute } from 'node:path';
import type { SourcesPort } from '../../../ports/sources.ts';
import { filePlaces } from '../formats.ts';
import { createSources, ownershipPlaces, type SourcesOptions } from '../index.ts';
import { roadmapPlaces } from '../roadmap.ts';

export interface BareSourcesOptions extends SourcesOptions {
  /** Brings these files, relative to the repository, below `root` as they stand on the target now. */
  readonly refresh: (paths: readonly string[]) => Promise<void>;
}

/** The sources of a repository without a work tree: what stands on the target, written below `root` before it is read. */
export function createBareSources({ refresh, ...options }: BareSourcesOptions): SourcesPort {
  const sources = createSources(options);
  const wanted = (named: string | null, places: readonly string[]) => (named === null ? places : [named]);
  // Patterns name files that only a work tree can list.
  const lists = options.roadmap === null ? Object.values(filePlaces).flat() : [];
  const paths = [
    ...wanted(options.roadmap, roadmapPlaces),
    ...lists.filter(path => !path.includes('*')),
    ...wanted(options.ownership, ownershipPlaces),
  ].filter(path => !isAbsolute(path));
  return {
    ...sources,
    async read() {
      await refresh(paths);
      return sources.read();
    },
    async sectionText(item) {
      await refresh(paths);
      return sources.sectionText(item);
    },
  };
}
