import { isAbsolute } from 'node:path';
import type { SourcesPort } from '../../ports/files.ts';
import { createSources, ownershipPlaces, roadmapPlaces, type SourcesOptions } from './sources.ts';

export interface BareSourcesOptions extends SourcesOptions {
  /** Brings these files, relative to the repository, below `root` as they stand on the target now. */
  readonly refresh: (paths: readonly string[]) => Promise<void>;
}

/** The sources of a repository without a work tree: what stands on the target, written below `root` before it is read. */
export function createBareSources({ refresh, ...options }: BareSourcesOptions): SourcesPort {
  const sources = createSources(options);
  const wanted = (named: string | null, places: readonly string[]) => (named === null ? places : [named]);
  const paths = [...wanted(options.roadmap, roadmapPlaces), ...wanted(options.ownership, ownershipPlaces)].filter(
    path => !isAbsolute(path),
  );
  return {
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
