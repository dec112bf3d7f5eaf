import { expect, it } from 'vitest';
import { makeItem } from '../../helpers/core/planning.ts';
import { base, goodBranch, oid, Scene } from '../../helpers/core/scene.ts';

const item = makeItem('US-001', { scope: { kind: 'known', paths: ['source/US-001/**'] } });

it('what a run left uncommitted is committed when a person asks, and judged and reviewed like any other work', () => {
  const scene = new Scene([item]);
  scene.ready();
  const { runId } = scene.judged(goodBranch({ head: base, commits: 0, files: [], dirty: ['source/US-001/a.ts'] }));
  expect(scene.run(runId)).toMatchObject({ state: 'needs-attention' });
  expect(scene.command({ type: 'commit-left', id: 'US-001' }).effects).toMatchObject([
    { type: 'git.commitLeft', runId, head: base },
  ]);
  expect(scene.command({ type: 'commit-left', id: 'US-001' }).answer?.ok).toBe(false);
  // No agent begins to write there meanwhile.
  expect(scene.command({ type: 'resume', id: 'US-001', message: 'Go on.' }).answer).toMatchObject({
    ok: false,
    message: 'What US-001 left is being committed right now. Try again.',
  });
  const result = { outcome: 'committed', head: oid('d'), paths: ['source/US-001/a.ts'] } as const;
  scene.answer('git.commitLeft', { type: 'left-committed', runId, result });
  scene.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
  expect(scene.run(runId)).toMatchObject({ state: 'awaiting-approval', commits: 1 });
  expect(scene.run(runId).merge.approvedHead).toBeNull();
});

it('is refused where nothing is left, and says why where git refuses', () => {
  const scene = new Scene([item]);
  scene.ready();
  const { runId } = scene.judged(goodBranch({ dirty: ['b.txt'] }));
  scene.command({ type: 'commit-left', id: runId });
  const result = { outcome: 'failed', message: 'a hook failed.' } as const;
  const { facts } = scene.answer('git.commitLeft', { type: 'left-committed', runId, result });
  expect(facts).toMatchObject([{ type: 'notice-raised', text: 'US-001: not committed: a hook failed' }]);
  scene.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
  expect(scene.command({ type: 'commit-left', id: runId }).answer).toMatchObject({
    ok: false,
    message: expect.stringContaining('left nothing uncommitted'),
  });
});
