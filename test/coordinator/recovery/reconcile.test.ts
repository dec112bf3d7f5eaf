import { describe, expect, it } from 'vitest';
import type { ReconcileAction } from '../../../source/coordinator/recovery/actions.ts';
import { reconcile } from '../../../source/coordinator/recovery/reconcile.ts';
import type { Observation } from '../../../source/coordinator/state/messages.ts';
import type { Instance, InstanceState } from '../../../source/domain/instance.ts';
import type { WorktreeObservation } from '../../../source/ports/git.ts';
import type { RunStatus } from '../../../source/ports/processes.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { agent, base, goodBranch, head, look, oid, Scene } from '../../helpers/core/scene.ts';

const item = makeItem('US-001');
const candidate = oid('c');
const moved = oid('e');
const alive: RunStatus = { status: 'alive', process: agent };
const exited: RunStatus = { status: 'exited', exitCode: 0, endTime: 900 };
const path = '/home/user/shop-wt001';

/** A coordinator that was killed where `play` has brought it, and has just begun again. */
function restarted(play: (one: Scene) => void, settings: ConstructorParameters<typeof Scene>[1] = {}): Scene {
  const before = new Scene([item, makeItem('US-002')], settings);
  before.ready();
  play(before);
  const { state } = before;
  return new Scene([item, makeItem('US-002')], settings, { durable: state });
}

/** Carries out what the look demands, and proves that the same look demands nothing more. */
function settle(one: Scene, observation: Observation): readonly ReconcileAction[] {
  const actions = reconcile(one.state, observation);
  one.ready(observation);
  expect(reconcile(one.state, observation)).toEqual([]);
  return actions;
}

function withStatus(one: Scene, status: RunStatus, rest: Parameters<typeof look>[0] = {}): Observation {
  return look({ runs: { [one.run().runId]: status }, ...rest });
}

function worktree(changes: Partial<WorktreeObservation> = {}): WorktreeObservation {
  return { path, branchName: 'roadmap-001', head, lockedReason: null, prunable: false, exists: true, ...changes };
}

const ours = { main: base, 'roadmap-001': head };

describe('processes', () => {
  it('1: running and alive is adopted, and watched again', () => {
    const one = restarted(scene => scene.running());
    const { runId } = one.run();
    expect(settle(one, withStatus(one, alive))).toEqual([{ type: 'adopt', runId, process: agent }]);
    expect(one.run()).toMatchObject({ state: 'running', process: agent, startTime: 1000 });
    expect(one.state.watched).toEqual([runId]);
  });

  it('2: running, ended with an exit code meanwhile, ends with that code', () => {
    const one = restarted(scene => scene.running());
    const { runId } = one.run();
    expect(settle(one, withStatus(one, exited))).toEqual([{ type: 'end', runId, status: exited }]);
    expect(one.run()).toMatchObject({ state: 'completed', exitCode: 0, endTime: 900 });
    expect(one.underWay).toEqual(['git.judge']);
  });

  it.each([
    [3, 'killed'],
    [4, 'reboot'],
    [5, 'pid-reused'],
  ] as const)('%d: running, but lost (%s), is interrupted', (_, why) => {
    const one = restarted(scene => scene.running());
    const { runId } = one.run();
    settle(one, withStatus(one, { status: 'lost', why }));
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run()).toMatchObject({ state: 'interrupted', lost: why, head });
  });

  it('3: lost after we were told to end it, is cancelled', () => {
    const one = restarted(scene => {
      scene.running();
      scene.command({ type: 'cancel', id: 'US-001' });
    });
    const { runId } = one.run();
    settle(one, withStatus(one, { status: 'lost', why: 'killed' }));
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run()).toMatchObject({ state: 'cancelled', reason: 'cancelled by the user' });
  });

  it('3: still alive after we were told to end it, is ended again', () => {
    const one = restarted(scene => {
      scene.running();
      scene.command({ type: 'cancel', id: 'US-001' });
    });
    expect(settle(one, withStatus(one, alive))).toEqual([{ type: 'kill-again', runId: one.run().runId }]);
    expect(one.underWay).toEqual(['process.kill']);
  });

  it('6: wanted, but never started, goes on at the step that is missing', () => {
    const without = restarted(scene => scene.command({ type: 'spawn', id: 'US-001' }));
    settle(without, withStatus(without, { status: 'not-started' }));
    expect(without.underWay).toEqual(['git.createWorktree']);

    const made = restarted(scene => {
      scene.command({ type: 'spawn', id: 'US-001' });
      const { runId } = scene.run();
      scene.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    });
    settle(made, withStatus(made, { status: 'not-started' }));
    expect(made.underWay).toEqual(['process.start']);
  });

  it('6: cancelled before it was started, is cancelled', () => {
    const one = restarted(scene => {
      scene.command({ type: 'spawn', id: 'US-001' });
      scene.command({ type: 'cancel', id: 'US-001' });
    });
    const { runId } = one.run();
    expect(settle(one, withStatus(one, { status: 'not-started' }))).toEqual([{ type: 'judge', runId }]);
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ head: null, commits: 0 }), result: null });
    expect(one.run().state).toBe('cancelled');
  });

  it('7: wanted, and started after all, is adopted, or ends as it ended', () => {
    const play = (scene: Scene) => {
      scene.command({ type: 'spawn', id: 'US-001' });
      const { runId } = scene.run();
      scene.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    };
    const one = restarted(play);
    expect(settle(one, withStatus(one, alive))).toEqual([{ type: 'adopt', runId: one.run().runId, process: agent }]);
    expect(one.run()).toMatchObject({ state: 'running', process: agent });
    const other = restarted(play);
    settle(other, withStatus(other, exited));
    expect(other.run().state).toBe('completed');
  });

  it('7: answered with an error, and started after all, is ended', () => {
    const one = restarted(scene => {
      scene.command({ type: 'spawn', id: 'US-001' });
      const { runId } = scene.run();
      scene.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
      scene.fails('process.start');
    });
    expect(settle(one, withStatus(one, alive))).toEqual([{ type: 'kill-again', runId: one.run().runId }]);
    expect(one.underWay).toEqual(['process.kill']);
  });

  it('8: ended, with processes left, is told once', () => {
    const one = restarted(scene => scene.predicted());
    const { runId } = one.run();
    const observation = look({ leftovers: { [runId]: 2 }, git: { branches: ours } });
    const text = 'US-001 ended but left running 2 processes; stop them with "cm-tui cancel US-001"';
    expect(settle(one, observation)).toEqual([{ type: 'tell', runId, text }]);
    expect(one.state.notices.at(-1)).toMatchObject({ level: 'warning', text });
    expect(one.underWay).toEqual(['git.predict']);
  });

  it('9: a run folder that belongs to no run is told once', () => {
    const one = restarted(() => undefined);
    const text = 'found the run folder old\\x07, which belongs to no run; it is kept';
    expect(settle(one, look({ unknownRuns: ['old\u0007'] }))).toEqual([{ type: 'tell', runId: null, text }]);
  });

  it('a judgement that was cut off is made again', () => {
    const one = restarted(scene => {
      const { runId } = scene.running();
      scene.send({ type: 'process-ended', runId, status: exited });
    });
    expect(settle(one, look())).toEqual([{ type: 'judge', runId: one.run().runId }]);
  });
});

describe('worktrees and branches', () => {
  const told = (text: string, one: Scene) => [{ type: 'tell', runId: one.run().runId, text: `US-001: ${text}` }];

  it('10: a worktree that git has forgotten is told, and how to bring it back', () => {
    const one = restarted(scene => scene.predicted());
    const text = `git no longer lists its worktree ${path} ("git worktree repair" where it is); roadmap-001 is kept`;
    expect(settle(one, look({ git: { worktrees: [], branches: ours } }))).toEqual(told(text, one));
  });

  it('11, 14: a worktree whose folder is gone or was moved is told; its branch is kept', () => {
    const one = restarted(scene => scene.predicted());
    const text = `its worktree ${path} is gone (if it was moved, "git worktree repair" there); roadmap-001 is kept`;
    const gone = [worktree({ exists: false, prunable: true })];
    expect(settle(one, look({ git: { worktrees: gone, branches: ours } }))).toEqual(told(text, one));
    expect(one.run().state).toBe('awaiting-approval');
  });

  it('12: a worktree on a branch of our kind that belongs to no run is told, never touched', () => {
    const one = restarted(() => undefined);
    const strange = worktree({ path: '/home/user/shop-wt077', branchName: 'roadmap-077' });
    const text = 'found the worktree /home/user/shop-wt077 on roadmap-077, which belongs to no run; it is kept';
    expect(settle(one, look({ git: { worktrees: [strange] } }))).toEqual([{ type: 'tell', runId: null, text }]);
  });

  it('15: a branch that was deleted is judged: how to bring it back, and its last commit, stay known', () => {
    const one = restarted(scene => scene.predicted());
    const { runId } = one.run();
    expect(settle(one, look({ git: { branches: { main: base } } }))).toEqual([{ type: 'judge', runId }]);
    const facts = goodBranch({ head: null, commits: 0, files: [] });
    one.answer('git.judge', { type: 'judged', runId, facts, result: null });
    expect(one.run()).toMatchObject({ state: 'needs-attention', head, commits: 1 });
    expect(reconcile(one.state, look({ git: { branches: { main: base } } }))).toEqual([]);
    expect(one.ready(look({ git: { branches: ours } })).effects).toEqual([{ type: 'git.judge', runId, effectId: 3 }]);
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run().state).toBe('awaiting-approval');
  });

  it.each([
    ['moved', { ...ours, 'roadmap-001': moved }],
    ['was deleted', { main: base }],
  ])('16: an approved branch that %s is no longer approved', (what, branches) => {
    const one = restarted(scene => {
      scene.predicted();
      scene.command({ type: 'approve', id: 'US-001' });
    });
    const { runId } = one.run();
    const reason = `its branch ${what} after it was approved`;
    const observation = look({ git: { branches } });
    expect(settle(one, observation)).toEqual([{ type: 'void-approval', runId, reason }]);
    expect(one.run()).toMatchObject({ state: 'completed', merge: { approvedHead: null } });
    expect(one.underWay).toEqual(['git.judge']);
  });

  it('16: a branch that moved while it waited is judged anew', () => {
    const one = restarted(scene => scene.predicted());
    const observation = look({ git: { branches: { ...ours, 'roadmap-001': moved } } });
    expect(settle(one, observation)).toEqual([{ type: 'judge', runId: one.run().runId }]);
  });

  it.each([
    [17, 'a detached HEAD', { branchName: null }, { checkedOut: null }],
    [17, 'another branch', { branchName: 'mine' }, { checkedOut: 'mine' }],
  ] as const)('%d: a worktree with %s is not ready to land', (_, __, seen, facts) => {
    const one = restarted(scene => scene.predicted());
    const { runId } = one.run();
    const observation = look({ git: { worktrees: [worktree(seen)], branches: ours } });
    expect(settle(one, observation)).toEqual([{ type: 'judge', runId }]);
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(facts), result: null });
    expect(one.run().state).toBe('needs-attention');
    expect(reconcile(one.state, observation)).toEqual([]);
  });

  it('18: a run with a merge under way is looked at again until it is over', () => {
    const one = restarted(scene => scene.judged(goodBranch({ operation: 'merge' })));
    const { runId } = one.run();
    expect(one.run().reason).toBe('a merge is in progress in its worktree');
    expect(one.ready(look({ git: { branches: ours } })).effects).toEqual([{ type: 'git.judge', runId, effectId: 1 }]);
    const before = one.state.instances;
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ operation: 'merge' }), result: null });
    expect(one.state.instances).toBe(before);
    one.ready(look({ git: { branches: ours } }));
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run().state).toBe('awaiting-approval');
  });

  it('19: a branch that somebody has checked out elsewhere is told', () => {
    const one = restarted(scene => scene.predicted());
    const worktrees = [worktree(), worktree({ path: '/home/user/mine' })];
    const text = 'its branch roadmap-001 is checked out in /home/user/mine';
    expect(settle(one, look({ git: { worktrees, branches: ours } }))).toEqual(told(text, one));
  });

  it('a worktree that stands behind a link is known by the lock that names its run', () => {
    const one = restarted(scene => scene.predicted());
    const own = worktree({ path: '/real/shop-wt001', lockedReason: `cm-tui ${one.run().runId}` });
    expect(settle(one, look({ git: { worktrees: [own], branches: ours } }))).toEqual([]);
  });

  it('29: without the target the queue is paused, once', () => {
    const one = restarted(scene => scene.predicted());
    const reason =
      'the target branch main no longer exists; restore it, or land on another with "cm-tui retarget BRANCH"';
    const observation = look({
      git: { worktrees: [worktree()], branches: { 'roadmap-001': ours['roadmap-001'] ?? '' }, targetTip: null },
    });
    expect(settle(one, observation)).toEqual([{ type: 'pause-queue', reason }]);
    expect(one.state.queuePaused).toBe(reason);
  });

  it('29: a target that nothing was to land on yet pauses nothing', () => {
    const one = restarted(() => undefined);
    expect(settle(one, look({ git: { branches: {}, targetTip: null } }))).toEqual([]);
    expect(one.state.queuePaused).toBe(null);
  });

  it.each([
    ['its record left', { worktrees: [worktree({ exists: false })] }],
    ['its record removed too', { worktrees: [], missing: [worktree().path] }],
  ])('32: an agent whose worktree was removed is stopped, %s', (_how, seen) => {
    const one = restarted(scene => scene.running());
    const { runId } = one.run();
    const reason = 'its worktree was removed while it ran';
    const git = { ...seen, branches: ours };
    expect(settle(one, withStatus(one, alive, { git }))).toEqual([{ type: 'stop-astray', runId, reason }]);
    expect(one.run()).toMatchObject({ state: 'stopping', reason });
    expect(one.underWay).toEqual(['process.kill']);
  });
});

describe('the merge queue', () => {
  const checks = { checks: [['test']] };

  it('20: checks that were cut off are run again on the same candidate', () => {
    const one = restarted(scene => scene.prepared(), checks);
    expect(one.run().state).toBe('checking');
    expect(settle(one, look({ git: { branches: ours } }))).toEqual([]);
    expect(Object.values(one.state.inFlight)).toEqual([{ kind: 'checks.run', runId: one.run().runId }]);
  });

  it('21: checks of a target that has moved since give way to a new candidate', () => {
    const one = restarted(scene => scene.prepared(), checks);
    settle(one, look({ git: { branches: { ...ours, main: moved }, targetTip: moved } }));
    expect(one.underWay).toEqual(['git.prepare']);
  });

  it('22: a landing that happened is recorded, wherever the target is by now', () => {
    const one = restarted(scene => scene.prepared());
    const { runId } = one.run();
    const git = { branches: { ...ours, main: moved }, targetTip: moved };
    const observation = look({ landed: { [runId]: true }, git });
    expect(settle(one, observation)).toEqual([{ type: 'landed', runId, commit: candidate }]);
    expect(one.run()).toMatchObject({ state: 'merged', merge: { landed: candidate } });
    expect(one.state.targetTip).toBe(moved);
  });

  it('22: a landing that happened although it was answered with an error is known by its own commit, also once it was rejected', () => {
    const one = restarted(scene => {
      scene.prepared();
      scene.fails('git.land');
      scene.command({ type: 'reject', id: 'US-001', reason: 'no' });
    });
    const { runId, state } = one.run();
    expect(state).toBe('rejected');
    const git = { branches: { ...ours, main: candidate }, targetTip: candidate };
    const merged = { [runId]: { oid: head, style: 'merge' } } as const;
    const actions = settle(one, look({ landed: { [runId]: true }, merged, git }));
    expect(actions).toEqual([{ type: 'landed', runId, commit: candidate }]);
    expect(one.run()).toMatchObject({ state: 'merged', merge: { landed: candidate } });
  });

  it('23: a landing that did not happen is done again', () => {
    const one = restarted(scene => scene.prepared());
    const { runId } = one.run();
    expect(settle(one, look({ landed: { [runId]: false }, git: { branches: ours } }))).toEqual([]);
    expect(one.underWay).toEqual(['git.land']);
  });

  it('a run whose worktree is there and of whose process nothing is known is ended before it is called cancelled', () => {
    const one = restarted(scene => {
      scene.command({ type: 'spawn', id: 'US-001' });
      const { runId } = scene.run();
      scene.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    });
    one.command({ type: 'cancel', id: one.run().runId });
    expect(one.run().state).not.toBe('cancelled');
  });

  it('23: where the target cannot be read, a landing that did not happen is asked for again, never built anew', () => {
    const one = restarted(scene => scene.prepared());
    const { runId } = one.run();
    const git = { branches: ours, targetTip: null };
    expect(settle(one, look({ landed: { [runId]: false }, git }))).toEqual([]);
    expect(one.underWay).not.toContain('git.prepare');
    expect(one.run().state).toBe('landing');
  });

  it('24: a landing that the target has left behind is built anew', () => {
    const one = restarted(scene => scene.prepared());
    const { runId } = one.run();
    const git = { branches: { ...ours, main: moved }, targetTip: moved };
    const actions = settle(one, look({ landed: { [runId]: false }, git }));
    expect(actions).toEqual([{ type: 'rebuild', runId, reason: 'main moved while it was landing' }]);
    expect(one.underWay).toEqual(['git.prepare']);
  });

  it('24: a landing that the target has left behind, of a branch that has moved too, is no longer approved', () => {
    const one = restarted(scene => scene.prepared());
    const { runId } = one.run();
    const git = { branches: { main: moved, 'roadmap-001': moved }, targetTip: moved };
    const actions = settle(one, look({ landed: { [runId]: false }, git }));
    expect(actions).toEqual([{ type: 'void-approval', runId, reason: 'its branch moved after it was approved' }]);
  });

  it('24: a landing of which nothing is known is asked for again, never built anew', () => {
    const one = restarted(scene => scene.prepared());
    const { runId } = one.run();
    const git = { branches: { ...ours, main: moved }, targetTip: moved };
    expect(settle(one, look({ landed: { [runId]: null }, git }))).toEqual([]);
    expect(one.underWay).toEqual(['git.land']);
  });

  it('25: what landed and was taken back pauses the queue, and lands again only when it is approved again', () => {
    const one = restarted(scene => scene.landed(), { approve: 'clean' });
    const { runId } = one.run();
    const observation = look({ landed: { [runId]: false }, git: { branches: ours } });
    expect(settle(one, observation)).toEqual([{ type: 'unlanded', runId }]);
    expect(one.state.queuePaused).toBe('main was reset to an earlier commit; nothing lands until you resume the queue');
    expect(one.run()).toMatchObject({
      state: 'blocked',
      reason: 'it had landed, but main was reset to an earlier commit; approve it to land it again',
      merge: { landed: null, landedAt: null, approvedHead: null, candidate: null },
    });
    one.command({ type: 'resume-queue' });
    one.ready(observation);
    expect(one.state.queuePaused).toBeNull();
    expect(one.run().state).toBe('blocked');
    expect(one.command({ type: 'approve', id: 'US-001' }).answer?.ok).toBe(true);
  });

  it('26: a clean-up that was cut off goes on, and loses nothing that was not agreed to just now', () => {
    const one = restarted(scene => {
      const { runId } = scene.landed();
      scene.command({ type: 'clean', ids: [], confirmedLoss: { [runId]: ['.env'] } });
    });
    const { runId } = one.run();
    const git = { branches: { ...ours, main: candidate }, targetTip: candidate };
    expect(settle(one, look({ landed: { [runId]: true }, git }))).toEqual([{ type: 'resume-cleanup', runId }]);
    expect(one.underWay).toEqual(['git.clean']);
  });

  it('a branch that somebody merged by hand has landed', () => {
    const one = restarted(scene => {
      scene.judged();
      const result = { outcome: 'empty', base: moved, head } as const;
      scene.answer('git.predict', { type: 'predicted', runId: scene.run().runId, head, result });
    });
    const { runId } = one.run();
    const git = { branches: { ...ours, main: moved }, targetTip: moved };
    const found = { oid: moved, style: 'squash' } as const;
    const merged = { [runId]: found };
    expect(settle(one, look({ merged, git }))).toEqual([{ type: 'landed', runId, commit: moved, found }]);
    expect(one.run()).toMatchObject({
      state: 'merged',
      reason: `landed as ${moved.slice(0, 10)} by somebody else`,
      landedAs: { ...found, by: 'other' },
      merge: { landed: moved },
    });
    // Nothing is committed on the target that nobody asked for.
    expect(one.state.pendingStatus).toEqual([]);
  });
});

describe('33: what is not known', () => {
  const unknown: RunStatus = { status: 'unknown', message: 'no /proc' };
  const blind = { worktrees: null, branches: null, pins: null, targetTip: null };

  it.each<[string, (one: Scene) => void]>([
    ['preparing', scene => scene.command({ type: 'spawn', id: 'US-001' })],
    ['running', scene => scene.running()],
    [
      'stopping',
      scene => {
        scene.running();
        scene.command({ type: 'cancel', id: 'US-001' });
      },
    ],
    ['awaiting-approval', scene => scene.predicted()],
    ['landing', scene => scene.prepared()],
    ['merged', scene => scene.landed()],
  ])('changes nothing of a run that is %s', (state, play) => {
    const one = restarted(play);
    const { runId } = one.run();
    const asked: Observation = { runs: { [runId]: unknown }, landed: { [runId]: null }, git: blind };
    expect(reconcile(one.state, asked)).toEqual([]);
    expect(reconcile(one.state, { runs: {}, landed: {}, git: blind })).toEqual([]);
    one.ready(asked);
    expect(one.run().state).toBe(state);
  });

  it('never ends an agent that a look says was not started, when its start is known', () => {
    const one = restarted(scene => scene.running());
    expect(reconcile(one.state, withStatus(one, { status: 'not-started' }))).toEqual([]);
  });
});

describe('a look that took its time', () => {
  const play = (one: Scene) => {
    one.command({ type: 'spawn', id: 'US-001' });
    const { runId } = one.run();
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
  };

  it('says nothing of a run that has changed since', () => {
    const one = new Scene([item]);
    one.ready();
    play(one);
    const { instances, targetTip } = one.state;
    const old = withStatus(one, { status: 'lost', why: 'killed' }, { asOf: { instances, targetTip } });
    expect(reconcile({ ...one.state, inFlight: {} }, old)).toHaveLength(1);
    one.answer('process.start', { type: 'started', runId: one.run().runId, process: agent, sessionId: null });
    expect(reconcile(one.state, old)).toEqual([]);
    one.ready(old);
    expect(one.run().state).toBe('running');
  });

  it('says nothing of a landing that has happened since', () => {
    const one = new Scene([item]);
    one.ready();
    one.prepared();
    const { instances, targetTip } = one.state;
    const { runId } = one.run();
    one.answer('git.land', { type: 'landed', runId, result: { outcome: 'landed' } });
    one.ready(look({ landed: { [runId]: false }, asOf: { instances, targetTip }, git: { branches: ours } }));
    expect(one.run().state).toBe('merged');
    expect(one.state.queuePaused).toBeNull();
    expect(one.state.targetTip).toBe(candidate);
  });

  it('leaves a run alone that has an effect under way', () => {
    const one = new Scene([item]);
    one.ready();
    play(one);
    expect(one.underWay).toEqual(['process.start']);
    expect(reconcile(one.state, withStatus(one, alive))).toEqual([]);
  });
});

describe('runs that are over', () => {
  const over: readonly InstanceState[] = ['failed', 'cancelled', 'interrupted', 'rejected', 'cleaned'];

  it.each(over)('%s: nothing is done, whatever is seen', state => {
    const one = new Scene([item]);
    one.ready();
    one.landed();
    const ended: Instance = { ...one.run(), state };
    const { runId } = ended;
    const seen = look({
      runs: { [runId]: alive },
      landed: { [runId]: false },
      git: { branches: { main: moved, 'roadmap-001': moved }, targetTip: moved },
    });
    expect(reconcile({ ...one.state, instances: [ended] }, seen)).toEqual([]);
  });
});
