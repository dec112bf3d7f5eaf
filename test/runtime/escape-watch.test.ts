import { describe, expect, it } from 'vitest';
import { initialState } from '../../source/coordinator/update.ts';
import type { InstanceState } from '../../source/domain/instance.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import type { OutsideLook, OutsidePort } from '../../source/ports/outside.ts';
import { EscapeWatch } from '../../source/runtime/watch/escape-watch.ts';
import { makeInstance, makeItem } from '../helpers/planning.ts';

const nothing: OutsideLook = { trees: {}, executables: {} };

/** A watch over two runs whose looks are given by hand, and what it keeps. */
function watching() {
  const kept = new Set<string>();
  const looks: ((look: OutsideLook) => void)[] = [];
  const runs = [
    makeInstance(makeItem('US-1'), { state: 'preparing' }),
    makeInstance(makeItem('US-2'), { state: 'running' }),
  ];
  const outside: OutsidePort = {
    readOutside: () => new Promise(resolve => looks.push(resolve)),
    keepOutside: (runId, look) => void (look === null ? kept.delete(runId) : kept.add(runId)),
    keptOutside: () => null,
    forgetOutside: except => {
      for (const runId of kept) if (!except.has(runId)) kept.delete(runId);
    },
  };
  const git = { targetTip: () => Promise.resolve(null), isAncestor: () => Promise.resolve(false) };
  const watch = new EscapeWatch(outside, git, () => ({ ...initialState(defaultSettings), instances: runs }));
  const [one, two] = runs.map(({ runId }) => runId);
  return {
    watch,
    kept,
    ids: [one ?? '', two ?? ''] as const,
    begin: (at: number) => {
      const instance = runs[at];
      if (instance !== undefined)
        watch.before({ type: 'git.createWorktree', runId: instance.runId, effectId: 1 }, instance);
    },
    look: async () => {
      for (const resolve of looks.splice(0)) resolve(nothing);
      await new Promise(resolve => setImmediate(resolve));
    },
    becomes: (at: number, state: InstanceState) => {
      const instance = runs[at];
      if (instance !== undefined) runs[at] = { ...instance, state };
      watch.stateChanged();
    },
  };
}

describe('looks from before a run', () => {
  it('are kept while it is at work and until it has been judged', async () => {
    const { begin, look, becomes, kept, ids } = watching();
    begin(1);
    await look();
    becomes(1, 'completed');
    expect([...kept]).toEqual([ids[1]]);
  });

  it('go when it never begins, also where it is told so before the look is over', async () => {
    const { begin, look, becomes, kept, ids } = watching();
    begin(0);
    begin(1);
    becomes(0, 'failed');
    await look();
    expect([...kept]).toEqual([ids[1]]);
    becomes(1, 'cancelled');
    expect([...kept]).toEqual([]);
  });

  it('of runs that an earlier coordinator watched go when those are over', async () => {
    const { watch, begin, look, kept, ids } = watching();
    begin(1);
    await look();
    kept.add('0123456789abcdef');
    watch.tidy();
    expect([...kept]).toEqual([ids[1]]);
  });
});
