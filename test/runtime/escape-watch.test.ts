import { describe, expect, it } from 'vitest';
import { initialState } from '../../source/coordinator/update.ts';
import type { OutsideChange } from '../../source/domain/escape.ts';
import type { Instance, InstanceState } from '../../source/domain/instance.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import type { UserWork } from '../../source/domain/user-work/look.ts';
import type { OutsidePort, SettingsLook, TreesLook } from '../../source/ports/outside.ts';
import { EscapeWatch } from '../../source/runtime/watch/escape-watch.ts';
import { makeInstance, makeItem } from '../helpers/core/planning.ts';

const noSettings: SettingsLook = { executables: {}, settings: {} };
const noWork: UserWork = { refs: {}, stash: [], trees: {} };

/** A watch over two runs whose looks are given by hand, and what it keeps. */
function watching() {
  const kept = new Set<string>();
  const looks: ((look: TreesLook) => void)[] = [];
  const runs = [
    makeInstance(makeItem('US-1'), { state: 'preparing' }),
    makeInstance(makeItem('US-2'), { state: 'running' }),
  ];
  const released: (readonly string[])[] = [];
  const outside: OutsidePort = {
    writeDownWork: () => Promise.resolve(noWork),
    workChanges: () => Promise.resolve([]),
    watchStash: () => () => undefined,
    keepEntries: () => Promise.resolve(),
    saveTrees: () => Promise.resolve({}),
    releaseWork: async except => void released.push([...except]),
    readSettings: () => Promise.resolve(noSettings),
    readTrees: () => new Promise(resolve => looks.push(resolve)),
    keepOutside: (runId, look) => void (look === null ? kept.delete(runId) : kept.add(runId)),
    keptOutside: () => null,
    forgetOutside: except => {
      for (const runId of kept) if (!except.has(runId)) kept.delete(runId);
    },
  };
  const git = { targetTip: () => Promise.resolve(null), isAncestor: () => Promise.resolve(false) };
  const world = { outside, git };
  const told: [string, readonly OutsideChange[]][] = [];
  let known: Readonly<Record<string, string>> = {};
  const watch = new EscapeWatch(
    world,
    () => ({ ...initialState(defaultSettings), instances: runs, outside: known }),
    (runId, { changes }) => void told.push([runId, changes]),
  );
  const [one, two] = runs.map(({ runId }) => runId);
  return {
    watch,
    kept,
    released,
    told,
    accept: (changes: Readonly<Record<string, string>>) => {
      known = changes;
    },
    outside,
    run: (at: number): Instance => runs[at] ?? makeInstance(makeItem('none')),
    ids: [one ?? '', two ?? ''] as const,
    begin: (at: number) => {
      const instance = runs[at];
      if (instance !== undefined)
        void watch.before({ type: 'git.createWorktree', runId: instance.runId, effectId: 1 }, instance);
    },
    look: async () => {
      await new Promise(resolve => setImmediate(resolve));
      for (const resolve of looks.splice(0)) resolve({});
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

  it('let go of what was pinned for a run once it is over', async () => {
    const { begin, look, becomes, released, ids } = watching();
    begin(0);
    begin(1);
    await look();
    becomes(1, 'awaiting-approval');
    expect(released.at(-1)).toEqual([ids[0]]);
  });
});

/** Its agent does not start before `release` has been called, and does then. */
async function startsAfter(
  { watch, run }: Pick<ReturnType<typeof watching>, 'watch' | 'run'>,
  release: () => void | Promise<void>,
): Promise<void> {
  const start = { type: 'process.start', runId: run(0).runId, effectId: 1 } as const;
  let mayStart = false;
  const before = watch.before(start, run(0)).then(() => {
    mayStart = true;
  });
  await new Promise(resolve => setImmediate(resolve));
  expect(mayStart).toBe(false);
  await release();
  await before;
  expect(mayStart).toBe(true);
}

describe('an agent', () => {
  it('does not start before what names the work of the user is written down', async () => {
    const { watch, outside, run } = watching();
    let written: (work: UserWork) => void = () => undefined;
    outside.writeDownWork = () =>
      new Promise(resolve => {
        written = resolve;
      });
    outside.readTrees = () => Promise.resolve({});
    await startsAfter({ watch, run }, () => written(noWork));
  });

  it('does not start before the settings are read, however long that takes', async () => {
    const { watch, outside, run } = watching();
    let read: (look: SettingsLook) => void = () => undefined;
    outside.readSettings = () =>
      new Promise(resolve => {
        read = resolve;
      });
    outside.readTrees = () => Promise.resolve({});
    await startsAfter({ watch, run }, () => read(noSettings));
  });

  it('does not start before the uncommitted files are read, however long that takes', async () => {
    const { watch, run, look } = watching();
    await startsAfter({ watch, run }, look);
  });

  it('reads again what an earlier coordinator had read in part only, since nothing was started beside that', async () => {
    const { watch, outside, run } = watching();
    let read = 0;
    outside.readTrees = () => {
      read++;
      return Promise.resolve({});
    };
    const start = { type: 'process.start', runId: run(0).runId, effectId: 1 } as const;
    outside.keptOutside = () => ({ work: noWork, outside: { ...noSettings, trees: {} } });
    await watch.before(start, run(0));
    expect(read).toBe(0);
    outside.keptOutside = () => ({ work: noWork, outside: { ...noSettings, trees: null } });
    await watch.before(start, run(0));
    expect(read).toBe(1);
  });

  it('does not start where git cannot tell the settings', async () => {
    const { watch, outside, run } = watching();
    outside.readSettings = () => Promise.reject(new Error('git config was ended by signal 9'));
    const start = { type: 'process.start', runId: run(0).runId, effectId: 1 } as const;
    await expect(watch.before(start, run(0))).rejects.toThrow('ended by signal 9');
  });

  it('does not start where that cannot be, tried three times', async () => {
    const { watch, outside, run } = watching();
    let tried = 0;
    outside.writeDownWork = () => {
      tried++;
      return Promise.reject(new Error('no space left'));
    };
    const start = { type: 'process.start', runId: run(0).runId, effectId: 1 } as const;
    await expect(watch.before(start, run(0))).rejects.toThrow('no space left');
    expect(tried).toBe(3);
  });
});

describe('a landing while another run is at work', () => {
  it('waits where settings changed since that began, until a person was told and has accepted it', async () => {
    const { watch, outside, run, begin, look, told, accept, ids } = watching();
    begin(1);
    await look();
    const land = { type: 'git.land', runId: run(0).runId, effectId: 1, base: 'a', candidate: 'b' } as const;
    await watch.before(land, run(0));
    outside.readSettings = () => Promise.resolve({ ...noSettings, settings: { 'config core.autocrlf': 'new' } });
    await expect(watch.before(land, run(0))).rejects.toThrow('changed while an agent was running');
    expect(told).toEqual([[ids[1], [{ tree: null, path: 'config core.autocrlf', stamp: 'new' }]]]);
    accept({ 'config core.autocrlf': 'new' });
    await watch.before(land, run(0));
    outside.readSettings = () => Promise.reject(new Error('git config was ended by signal 9'));
    await expect(watch.before(land, run(0))).rejects.toThrow('ended by signal 9');
  });
});

describe('the end of a run', () => {
  it('is unknown, not clean, where nobody knows how it was before or git cannot tell how it is now', async () => {
    const { watch, outside, run, begin, look, becomes } = watching();
    becomes(0, 'completed');
    expect(await watch.report(run(0), null)).toMatchObject({ unknown: expect.stringContaining('is unknown') });
    begin(1);
    await look();
    becomes(1, 'completed');
    outside.workChanges = () => Promise.reject(new Error('git was ended by a signal'));
    outside.readTrees = () => Promise.resolve({});
    expect(await watch.report(run(1), null)).toMatchObject({ unknown: 'git was ended by a signal', work: [] });
  });

  it('is unknown where a part was not read before it, and the rest is compared', async () => {
    const { watch, outside, run, begin, look, becomes } = watching();
    outside.readTrees = () => Promise.reject(new Error('git status was ended by signal 9'));
    begin(1);
    await look();
    becomes(1, 'completed');
    outside.readSettings = () => Promise.resolve({ ...noSettings, executables: { 'hook x': 'new' } });
    expect(await watch.report(run(1), null)).toMatchObject({
      changes: [{ tree: null, path: 'hook x', stamp: 'new' }],
      unknown: 'your uncommitted files were not read before it started',
    });
    becomes(0, 'completed');
    outside.keptOutside = () => ({ work: noWork, outside: null });
    expect(await watch.report(run(0), null)).toMatchObject({
      unknown: 'your git settings and hooks and your uncommitted files were not read before it started',
    });
  });

  it.each([
    ['one worktree', () => Promise.resolve({ '/elsewhere': 'c0', '/shop': null })],
    ['all of them', () => Promise.reject(new Error('no space left'))],
  ])('is unknown where the uncommitted files of %s could not be copied before it', async (_what, saveTrees) => {
    const { watch, outside, run, begin, look, becomes } = watching();
    const tree = { branch: 'main', head: null, there: true };
    outside.writeDownWork = () => Promise.resolve({ ...noWork, trees: { '/shop': tree } });
    outside.readTrees = () => Promise.resolve({ '/shop': { 'a.txt': 'edited' } });
    outside.saveTrees = saveTrees;
    begin(1);
    await look();
    becomes(1, 'completed');
    expect(await watch.report(run(1), null)).toMatchObject({
      unknown: 'your uncommitted files could not be copied before it started',
    });
  });

  it('is not reported again when its branch is only judged once more', async () => {
    const { watch, run, becomes } = watching();
    becomes(0, 'completed');
    const approved = { ...run(0), merge: { ...run(0).merge, approvedAt: 1 } };
    expect(await watch.report(approved, null)).toBeNull();
    becomes(0, 'running');
    expect(await watch.report(run(0), null)).toBeNull();
  });
});
