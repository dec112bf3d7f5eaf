import { describe, expect, it } from 'vitest';
import type { OutsideReport } from '../../source/coordinator/state/messages.ts';
import type { UserChange } from '../../source/domain/user-work/changes.ts';
import { makeItem } from '../helpers/core/planning.ts';
import { base, file, goodBranch, head, look, oid, Scene } from '../helpers/core/scene.ts';

const items = [makeItem('US-001'), makeItem('US-002')];
const entry = { what: 'stash-lost', oid: oid('1'), message: 'On main: mine' } as const;
const lost: UserChange = { ...entry, foundIn: [], alsoIn: [], appliedIn: null, ofRun: false };
const deleted: UserChange = { what: 'deleted', ref: 'refs/heads/feature', oid: oid('2'), elsewhere: false };
const created: UserChange = { what: 'created', ref: 'refs/heads/fresh', oid: oid('3'), pushed: false };

function scene(settings: ConstructorParameters<typeof Scene>[1] = {}): Scene {
  const one = new Scene(items, settings);
  one.ready();
  return one;
}

/** A run comes to its end, and this is what was seen beside it. */
function ends(one: Scene, id: string, report: Partial<OutsideReport>): ReturnType<Scene['answer']> {
  const { runId, slug } = one.state.instances.findLast(({ key }) => key === id) ?? one.running(id);
  one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: one.at } });
  const facts = goodBranch({ files: [file(`source/${id}/a`)], checkedOut: `roadmap-${slug}` });
  const outside = { changes: [], work: [], onTarget: false, unknown: null, ...report };
  return one.answer('git.judge', { type: 'judged', runId, facts, result: null, outside });
}

const run = (one: Scene, id: string) => one.state.instances.findLast(({ key }) => key === id);

describe('what changed outside of the worktree of a run', () => {
  it('is named as it is in the checkout of the user, by its worktree in another one, and alone where it is a setting', () => {
    const one = scene();
    one.running();
    const changes = [
      { tree: '/home/user/shop', path: 'a.txt', stamp: '1' },
      { tree: '/home/user/other', path: 'b.txt', stamp: '2' },
      { tree: null, path: 'config core.hooksPath', stamp: '3' },
    ];
    ends(one, 'US-001', { changes });
    expect(run(one, 'US-001')?.outside).toEqual(['a.txt', '/home/user/other/b.txt', 'config core.hooksPath']);
  });
});

describe('work of the user that was lost while a run was at work', () => {
  it('pauses landing, and says how it comes back, on every surface', () => {
    const one = scene();
    one.running();
    ends(one, 'US-001', { work: [deleted, created] });
    const told = `the branch feature was deleted (to restore: git branch feature ${oid('2')})`;
    expect(one.state.queuePaused).toBe(`while US-001 ran, ${told}; nothing lands until you accept that`);
    expect(one.state.notices.at(-1)).toMatchObject({ level: 'error', text: `while US-001 ran, ${told}` });
    expect(run(one, 'US-001')?.outside).toEqual([
      told,
      'the branch fresh was created (to restore: git branch -D fresh)',
    ]);
    expect(run(one, 'US-001')?.state).toBe('awaiting-approval');
  });

  it('that is none stops nothing', () => {
    const one = scene({ approve: 'clean' });
    one.running();
    ends(one, 'US-001', { work: [created] });
    expect(one.state.queuePaused).toBeNull();
    expect(run(one, 'US-001')?.state).toBe('awaiting-approval');
  });

  it('is told once by runs that were at work together', () => {
    const one = scene();
    one.running();
    one.running('US-002');
    one.at += 10;
    ends(one, 'US-001', { work: [deleted] });
    const first = one.state.queuePaused;
    ends(one, 'US-002', { work: [deleted] });
    expect(one.state.queuePaused).toBe(first);
    expect(run(one, 'US-002')?.outside).toHaveLength(1);
  });

  it('is told again by a run that began after it was told', () => {
    const one = scene();
    one.running();
    ends(one, 'US-001', { work: [deleted] });
    one.command({ type: 'resume-queue' });
    one.at += 10;
    one.running('US-002');
    ends(one, 'US-002', { work: [deleted] });
    expect(one.state.queuePaused).toContain('while US-002 ran, the branch feature was deleted');
  });

  it('is not laid to a run that ended long before anybody looked', () => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: one.at } });
    one.at += 3_600_000;
    const outside = { changes: [], work: [deleted], onTarget: false, unknown: null };
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null, outside });
    expect(one.state.queuePaused).toContain('since US-001 was started, the branch feature');
  });
});

describe('an entry of the stash that is gone', () => {
  it('holds the branch, so that no policy approves it, until a person accepts that', () => {
    const one = scene({ approve: 'clean' });
    one.running();
    ends(one, 'US-001', { work: [{ ...lost, foundIn: ['src/a.ts'] }] });
    const held = run(one, 'US-001');
    expect(held).toMatchObject({
      state: 'blocked',
      reason: `the user's stash entry "On main: mine" was taken and is on the branch: src/a.ts`,
      merge: { violations: [{ code: 'stash', path: oid('1') }], approvedHead: null },
    });
    one.command({ type: 'resume-queue' });
    expect(run(one, 'US-001')?.state).toBe('blocked');
    expect(one.command({ type: 'approve', id: 'US-001' }).answer?.ok).toBe(false);
    expect(one.command({ type: 'approve', id: 'US-001', accept: [`stash ${oid('1')}`] }).answer?.ok).toBe(true);
  });

  it('holds it after its branch has moved and was judged again', () => {
    const one = scene();
    one.running();
    ends(one, 'US-001', { work: [{ ...lost, alsoIn: ['source/US-001/a'] }] });
    const runId = run(one, 'US-001')?.runId ?? '';
    const result = { outcome: 'clean', base, head, tree: oid('e') } as const;
    one.answer('git.predict', { type: 'predicted', runId, head, result });
    const branches = { main: base, 'roadmap-001': oid('9') };
    one.send({ type: 'observed', observation: look({ git: { branches } }) });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ head: oid('9') }), result: null });
    expect(run(one, 'US-001')).toMatchObject({ state: 'blocked', head: oid('9') });
  });

  it('of another run holds the branch that has its content, and does not stop the others', () => {
    const one = scene();
    one.running();
    ends(one, 'US-001', { work: [{ ...lost, ofRun: true, message: 'WIP on roadmap-002: x', foundIn: ['a'] }] });
    expect(one.state.queuePaused).toBeNull();
    expect(run(one, 'US-001')?.reason).toBe(
      'the stash entry "WIP on roadmap-002: x" of another run was taken and is on the branch: a',
    );
  });

  it('and was popped in a worktree of the user is told, and nothing more', () => {
    const one = scene();
    one.running();
    ends(one, 'US-001', { work: [{ ...lost, appliedIn: '/home/user/shop' }] });
    expect(one.state.queuePaused).toBeNull();
    expect(run(one, 'US-001')).toMatchObject({
      state: 'awaiting-approval',
      head,
      outside: ['the stash entry "On main: mine" was applied in /home/user/shop'],
    });
  });
});

describe('what nobody could look at', () => {
  it('is not taken for unchanged', () => {
    const one = scene();
    one.running();
    ends(one, 'US-001', { unknown: 'git for-each-ref failed: ended by a signal.' });
    expect(one.state.queuePaused).toBe(
      'while US-001 ran, what changed outside its worktree is unknown: git for-each-ref failed: ended by a signal; nothing lands until you accept that',
    );
  });

  it('is told too where git could not tell what the run left', () => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: one.at } });
    const outside = { changes: [], work: [lost], onTarget: false, unknown: null };
    one.answer('git.judge', { type: 'failed', runId, kind: 'git.judge', message: 'git was ended.', outside });
    expect(run(one, 'US-001')?.state).toBe('needs-attention');
    expect(one.state.queuePaused).toContain('the stash entry "On main: mine" is gone');
  });
});
