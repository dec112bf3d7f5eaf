import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSources, type SourcesOptions } from '../../adapters/sources/index.ts';
import { createBareSources } from '../../adapters/sources/joining/bare-sources.ts';
import type { Oid } from '../../domain/ids.ts';
import type { AskProgram, SourcesPort } from '../../ports/sources.ts';
import type { Context } from './context.ts';

type Place = Pick<Context, 'root' | 'bare' | 'stateDir' | 'settings' | 'git' | 'target'>;

/** A program that asks a forge is not started twice by one command. */
const known = new WeakMap<object, SourcesPort>();

/**
 * Everything that says what is to be done, from the work tree or, if there is none, from the target. It follows the settings in force.
 * `wait`: false for a screen, which shows what is known; a forge that is slow adds to it later.
 */
export function sourcesOf(context: Place, wait = true): SourcesPort {
  const before = known.get(context.git);
  if (before !== undefined) return before;
  const sources = followingSettings(context, wait);
  known.set(context.git, sources);
  return sources;
}

/** Other sources from the next reading on, once the settings name others. */
function followingSettings(context: Place, wait: boolean): SourcesPort {
  const named = () => {
    const { roadmap, ownership, readOnlyTypes, sources } = context.settings;
    return { roadmap, ownership, readOnlyTypes, sources };
  };
  let words = JSON.stringify(named());
  let made = makeSources(context, { ...named(), wait });
  let watching: { readonly onChange: () => void; stop: () => void } | null = null;
  const current = (): SourcesPort => {
    const now = JSON.stringify(named());
    if (now === words) return made;
    words = now;
    made = makeSources(context, { ...named(), wait });
    watching?.stop();
    if (watching !== null) watching.stop = made.watch?.(watching.onChange) ?? (() => undefined);
    return made;
  };
  return {
    // Other sources are other work, whatever their files are called.
    async read() {
      const reading = await current().read();
      return { ...reading, stamp: `${words} ${reading.stamp}` };
    },
    sectionText: item => current().sectionText(item),
    watch(onChange) {
      const mine = { onChange, stop: current().watch?.(onChange) ?? (() => undefined) };
      watching = mine;
      return () => {
        mine.stop();
        if (watching === mine) watching = null;
      };
    },
    writeStatus: async (item, to) => (await current().writeStatus?.(item, to)) ?? false,
  };
}

function makeSources(
  context: Place,
  named: Pick<SourcesOptions, 'roadmap' | 'ownership' | 'readOnlyTypes' | 'sources' | 'wait'>,
): SourcesPort {
  const { root, bare, stateDir, git, target } = context;
  const ask: AskProgram = async (...request) => {
    const { createAskProgram } = await import('../../adapters/processes/ask-program.ts');
    return createAskProgram(root)(...request);
  };
  const options = { ...named, ask };
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
