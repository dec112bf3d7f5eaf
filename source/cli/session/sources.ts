import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSources } from '../../adapters/sources/index.ts';
import { createBareSources } from '../../adapters/sources/joining/bare-sources.ts';
import type { Oid } from '../../domain/ids.ts';
import type { AskProgram, SourcesPort } from '../../ports/sources.ts';
import type { Context } from './context.ts';

type Place = Pick<Context, 'root' | 'bare' | 'stateDir' | 'settings' | 'git' | 'target'>;

/** A program that asks a forge is not started twice by one command. */
const known = new WeakMap<object, SourcesPort>();

/**
 * Everything that says what is to be done, from the work tree or, if there is none, from the target. `wait`: false for a screen, which shows
 * what is known; a forge that is slow adds to it later.
 */
export function sourcesOf(context: Place, wait = true): SourcesPort {
  const before = known.get(context.git);
  if (before !== undefined) return before;
  const sources = makeSources(context, wait);
  known.set(context.git, sources);
  return sources;
}

function makeSources(context: Place, wait: boolean): SourcesPort {
  const { root, bare, stateDir, git, target } = context;
  const { roadmap, ownership, readOnlyTypes, sources } = context.settings;
  const ask: AskProgram = async (...request) => {
    const { createAskProgram } = await import('../../adapters/processes/ask-program.ts');
    return createAskProgram(root)(...request);
  };
  const options = { roadmap, ownership, readOnlyTypes, sources, ask, wait };
  if (!bare || target === null) return createSources({ root, ...options });
  const folder = join(stateDir, 'target');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let last: Oid | null = null;
  return createBareSources({
    root: folder,
    ...options,
    refresh: async paths => {
      last = await git.exportFiles({ target, paths, folder, last });
    },
  });
}
