import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createBareSources } from '../../adapters/sources/bare-sources.ts';
import { createSources } from '../../adapters/sources/index.ts';
import type { Oid } from '../../domain/ids.ts';
import type { SourcesPort } from '../../ports/sources.ts';
import type { Context } from './context.ts';

/** ROADMAP and ownership file of the repository: from its work tree or, if it is bare, from the target. */
export function sourcesOf(
  context: Pick<Context, 'root' | 'bare' | 'stateDir' | 'settings' | 'git' | 'target'>,
): SourcesPort {
  const { root, bare, stateDir, git, target } = context;
  const { roadmap, ownership, readOnlyTypes, sources } = context.settings;
  if (!bare || target === null) return createSources({ root, roadmap, ownership, readOnlyTypes, sources });
  const folder = join(stateDir, 'target');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let last: Oid | null = null;
  return createBareSources({
    root: folder,
    roadmap,
    ownership,
    readOnlyTypes,
    sources,
    refresh: async paths => {
      last = await git.exportFiles({ target, paths, folder, last });
    },
  });
}
