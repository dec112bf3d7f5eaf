import { describe, expect, it } from 'vitest';
import { initialState } from '../../source/coordinator/update.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import { Checks } from '../../source/runtime/checks.ts';
import type { RuntimeDeps } from '../../source/runtime/deps.ts';
import { makeInstance, makeItem } from '../helpers/core/planning.ts';

const candidate = 'c'.repeat(40);

/** Checks that have ended with this exit code, in a tree that git then finds as it was, or not. */
async function judged(exitCode: number, intact: () => Promise<boolean>) {
  const settings = { ...defaultSettings, checks: [['true']] };
  const deps = {
    settings,
    processes: {
      probe: () => Promise.resolve({ status: 'exited', exitCode }),
      killTree: () => Promise.resolve(0),
    },
    logs: { track: () => undefined, drain: () => Promise.resolve(), tail: () => [] },
    git: {
      candidateIntact: (oid: string, slot: number) => {
        expect([oid, slot]).toEqual([candidate, 1]);
        return intact();
      },
    },
  } as unknown as RuntimeDeps;
  const checks = new Checks(deps, { state: () => initialState(settings), post: () => undefined });
  const instance = makeInstance(makeItem('US-1'), { state: 'checking' });
  const check = { candidate, commandHash: 'h', number: 1, slot: 1, process: null, startedUp: null, ended: false };
  return checks.run({ ...instance, merge: { ...instance.merge, check } });
}

describe('checks that ended well', () => {
  it('have passed only where the tree is still the candidate', async () => {
    expect(await judged(0, () => Promise.resolve(true))).toMatchObject({ candidate, outcome: 'passed' });
    const changed = await judged(0, () => Promise.resolve(false));
    expect(changed).toMatchObject({ outcome: 'error', detail: expect.stringContaining('changed the tree') });
  });

  it('have not passed where git cannot tell whether it is', async () => {
    await expect(judged(0, () => Promise.reject(new Error('git was ended by a signal')))).rejects.toThrow('signal');
  });

  it('that failed stay failed, whatever the tree is', async () => {
    expect(await judged(1, () => Promise.resolve(true))).toMatchObject({ outcome: 'failed' });
  });
});
