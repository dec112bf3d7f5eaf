import { describe, expect, it } from 'vitest';
import { reconcile } from '../../source/coordinator/recovery/reconcile.ts';
import type { Instance } from '../../source/domain/instance.ts';
import { emptyMergeEntry } from '../../source/domain/queue/merge-entry.ts';
import type { BranchFacts } from '../../source/ports/git.ts';
import type { RunStatus } from '../../source/ports/processes.ts';
import { knownScope, makeItem } from '../helpers/core/planning.ts';
import { agent, base, file, goodBranch, head, look, oid, Scene } from '../helpers/core/scene.ts';

const item = makeItem('US-001');

function scene(...settings: ConstructorParameters<typeof Scene>[1][]): Scene {
  const made = new Scene([item], settings[0]);
  made.ready();
  return made;
}

const runId = 'run6'.padEnd(16, '0');

describe('a run from its intent to its landing', () => {
  it('is announced, then its worktree is asked for', () => {
    const one = scene();
    expect(one.command({ type: 'spawn', id: 'US-001' })).toEqual({
      facts: [
        {
          type: 'instance-requested',
          runId,
          priorityId: 'US-001',
          key: 'US-001',
          title: 'Title of US-001',
          slug: '001',
          attempt: 1,
          agent: 'demo',
          agentType: 'code_developer',
          scope: knownScope('source/US-001/'),
          branchName: 'roadmap-001',
          worktreePath: '/home/user/shop-wt001',
          target: 'main',
          slot: 1,
        },
      ],
      effects: [{ type: 'git.createWorktree', runId, effectId: 1 }],
      answer: { ok: true, message: 'Spawned US-001 in /home/user/shop-wt001 on roadmap-001.', runIds: [runId] },
    });
  });

  it('goes on step by step, each by the answer to the last', () => {
    const one = scene({ checks: [['test']] });
    one.command({ type: 'spawn', id: 'US-001' });
    const created = { type: 'worktree', runId, result: { outcome: 'created', base } } as const;
    expect(one.answer('git.createWorktree', created)).toEqual({
      facts: [{ type: 'worktree-created', runId, base }],
      effects: [{ type: 'process.start', runId, effectId: 2 }],
      answer: null,
    });
    const started = { type: 'started', runId, process: agent, sessionId: 's-1' } as const;
    expect(one.answer('process.start', started)).toEqual({
      facts: [
        { type: 'instance-started', runId, priorityId: 'US-001', process: agent },
        { type: 'session-known', runId, sessionId: 's-1' },
      ],
      effects: [{ type: 'process.watch', runId, process: agent }],
      answer: null,
    });
    const status: RunStatus = { status: 'exited', exitCode: 0, endTime: 900 };
    expect(one.send({ type: 'process-ended', runId, status })).toEqual({
      facts: [{ type: 'instance-exited', runId, priorityId: 'US-001', exitCode: 0, endTime: 900, lost: null }],
      effects: [{ type: 'git.judge', runId, effectId: 3 }],
      answer: null,
    });
    expect(one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null })).toEqual({
      facts: [
        {
          type: 'instance-judged',
          runId,
          priorityId: 'US-001',
          state: 'awaiting-approval',
          reason: null,
          head,
          commits: 1,
          files: [file('source/US-001/a.ts')],
          violations: [],
        },
      ],
      effects: [{ type: 'git.predict', runId, head, effectId: 4 }],
      answer: null,
    });
    const clean = { outcome: 'clean', base, head, tree: oid('e') } as const;
    expect(one.answer('git.predict', { type: 'predicted', runId, head, result: clean })).toEqual({
      facts: [{ type: 'merge-predicted', runId, prediction: 'clean', head, paths: [], base }],
      effects: [],
      answer: null,
    });
    expect(one.command({ type: 'approve', id: 'US-001' })).toEqual({
      facts: [{ type: 'merge-approved', runId, priorityId: 'US-001', head, by: 'user', accepted: [] }],
      effects: [{ type: 'git.prepare', runId, head, effectId: 5 }],
      answer: { ok: true, message: 'US-001 is queued to land on main.', runIds: [runId] },
    });
    const candidate = { oid: oid('c'), base, head, statusWritten: false, style: 'merge' as const };
    expect(one.prepare()).toEqual({
      facts: [
        { type: 'candidate-prepared', runId, candidate },
        {
          type: 'checks-started',
          runId,
          candidate: candidate.oid,
          check: { commandHash: '15e26971', number: 1, slot: 0 },
        },
      ],
      effects: [{ type: 'checks.run', runId, candidate: candidate.oid, effectId: 6 }],
      answer: null,
    });
    const passed = {
      candidate: candidate.oid,
      commandHash: '15e26971',
      outcome: 'passed',
      detail: '1 passed',
    } as const;
    expect(one.answer('checks.run', { type: 'checked', runId, result: passed })).toEqual({
      facts: [
        { type: 'checks-finished', runId, result: passed },
        { type: 'landing-started', runId, base, candidate: candidate.oid },
      ],
      effects: [{ type: 'git.land', runId, base, candidate: candidate.oid, effectId: 7 }],
      answer: null,
    });
    expect(one.answer('git.land', { type: 'landed', runId, result: { outcome: 'landed' } })).toEqual({
      facts: [{ type: 'landed', runId, priorityId: 'US-001', candidate: candidate.oid, statusWritten: true }],
      effects: [{ type: 'sources.read' }],
      answer: null,
    });
    const whole: Instance = {
      runId,
      priorityId: 'US-001',
      key: 'US-001',
      title: 'Title of US-001',
      slug: '001',
      attempt: 1,
      agent: 'demo',
      agentType: 'code_developer',
      scope: knownScope('source/US-001/'),
      branchName: 'roadmap-001',
      worktreePath: '/home/user/shop-wt001',
      target: 'main',
      slot: 1,
      base,
      state: 'merged',
      reason: null,
      process: agent,
      requestedAt: 1000,
      startTime: 1000,
      endTime: 900,
      exitCode: 0,
      lost: null,
      head,
      commits: 1,
      files: [file('source/US-001/a.ts')],
      sessionId: 's-1',
      landedAs: { oid: candidate.oid, style: 'merge', by: 'us' },
      merge: {
        ...emptyMergeEntry,
        prediction: 'clean',
        approvedHead: head,
        approvedAt: 1000,
        candidate,
        checks: passed,
        checkSpan: { from: 1000, to: 1000 },
        landed: candidate.oid,
        landedAt: 1000,
        place: { queuedAt: 1000, jumpedAt: null, held: false, class: null, retries: 0 },
        check: {
          candidate: candidate.oid,
          commandHash: '15e26971',
          number: 1,
          slot: 0,
          process: null,
          startedUp: null,
          ended: true,
        },
      },
    };
    expect(one.state.instances).toEqual([whole]);
    expect(one.state.targetTip).toBe(candidate.oid);
    expect(one.underWay).toEqual([]);
  });

  it('sets up the worktree before the agent starts, and says what could not be copied', () => {
    const one = scene({ setup: ['npm ci'] });
    one.command({ type: 'spawn', id: 'US-001' });
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    expect(one.underWay).toEqual(['worktree.setup']);
    const told = one.answer('worktree.setup', { type: 'setup', runId, ok: true, message: '.env is missing' });
    expect(told).toEqual({
      facts: [{ type: 'notice-raised', level: 'warning', text: 'US-001: .env is missing', runId }],
      effects: [{ type: 'process.start', runId, effectId: 3 }],
      answer: null,
    });
  });

  it('spawns by itself what is ready while the work loop is on', () => {
    const one = new Scene(
      [item, makeItem('US-002'), makeItem('US-003', { dependsOn: ['US-001'] })],
      {},
      { mode: 'auto' },
    );
    const { facts } = one.ready();
    expect(facts.map(fact => fact.type === 'instance-requested' && fact.key)).toEqual(['US-001', 'US-002']);
    expect(new Set(one.state.instances.map(run => run.runId)).size).toBe(2);
  });
});

describe('what can go wrong before the agent runs', () => {
  it('goes on under the next name where one is taken', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    const result = { outcome: 'taken', what: 'branch', message: 'The branch roadmap-001 already exists.' } as const;
    expect(one.answer('git.createWorktree', { type: 'worktree', runId, result })).toEqual({
      facts: [
        {
          type: 'instance-renamed',
          runId,
          slug: '001-2',
          attempt: 2,
          reason: 'The branch roadmap-001 already exists.',
          branchName: 'roadmap-001-2',
          worktreePath: '/home/user/shop-wt001-2',
        },
      ],
      effects: [{ type: 'git.createWorktree', runId, effectId: 2 }],
      answer: null,
    });
  });

  it('gives up when fifty names are taken', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    const result = { outcome: 'taken', what: 'path', message: 'It already exists.' } as const;
    for (let tries = 1; tries <= 50; tries++) one.answer('git.createWorktree', { type: 'worktree', runId, result });
    expect(one.run()).toMatchObject({ state: 'failed', reason: 'It already exists.', attempt: 50 });
    expect(one.underWay).toEqual([]);
  });

  it('fails with the sentence of what could not be made', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    const result = { outcome: 'failed', message: 'Could not create the worktree: no space.' } as const;
    const { facts } = one.answer('git.createWorktree', { type: 'worktree', runId, result });
    expect(facts).toEqual([{ type: 'instance-failed', runId, priorityId: 'US-001', reason: result.message }]);
  });

  it.each(['git.createWorktree', 'worktree.setup'] as const)('fails where %s cannot be performed', kind => {
    const one = scene({ setup: ['npm ci'] });
    one.command({ type: 'spawn', id: 'US-001' });
    if (kind === 'worktree.setup')
      one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    one.fails(kind);
    expect(one.run()).toMatchObject({ state: 'failed', reason: 'the disk is full' });
    expect(one.underWay).toEqual([]);
  });

  it('fails where setup does', () => {
    const one = scene({ setup: ['npm ci'] });
    one.command({ type: 'spawn', id: 'US-001' });
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    one.answer('worktree.setup', { type: 'setup', runId, ok: false, message: 'setup "npm ci": exit code 1' });
    expect(one.run()).toMatchObject({ state: 'failed', reason: 'setup "npm ci": exit code 1' });
  });

  it('ends whatever a failed start may have left running', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    const told = one.fails('process.start', 'it was started but cannot be found');
    expect(told.facts.map(fact => fact.type)).toEqual(['instance-failed']);
    expect(told.effects).toEqual([{ type: 'process.kill', runId, effectId: 3 }]);
    one.answer('process.kill', { type: 'kill-finished', runId, survivors: 0 });
    expect(one.run().state).toBe('failed');
    expect(one.underWay).toEqual([]);
  });
});

describe('cancelling', () => {
  it('while the worktree is made: no agent is started, and the worktree stays', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    const { facts, answer } = one.command({ type: 'cancel', id: 'US-001' });
    expect(facts).toEqual([{ type: 'cancel-requested', runId, reason: 'cancelled by the user' }]);
    expect(answer?.message).toBe('Cancelling US-001. Its work so far stays on roadmap-001.');
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    expect(one.run()).toMatchObject({ state: 'cancelled', reason: 'cancelled by the user', base });
    expect(one.underWay).toEqual([]);
  });

  it.each(['taken', 'failed'] as const)('while the worktree is made, which then is %s', outcome => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    one.command({ type: 'cancel', id: 'US-001' });
    const result = outcome === 'taken' ? { outcome, what: 'path' as const, message: 'no' } : { outcome, message: 'no' };
    one.answer('git.createWorktree', { type: 'worktree', runId, result });
    expect(one.run()).toMatchObject({ state: 'cancelled', reason: 'cancelled by the user' });
    expect(one.underWay).toEqual([]);
  });

  it.each([true, false])('during setup, which ends well: %s', ok => {
    const one = scene({ setup: ['npm ci'] });
    one.command({ type: 'spawn', id: 'US-001' });
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    one.command({ type: 'cancel', id: 'US-001' });
    one.answer('worktree.setup', { type: 'setup', runId, ok, message: 'no' });
    expect(one.run().state).toBe('cancelled');
    expect(one.underWay).toEqual([]);
  });

  it('during the start: what has started is ended', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    one.command({ type: 'cancel', id: 'US-001' });
    const told = one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    expect(told.effects).toEqual([
      { type: 'process.watch', runId, process: agent },
      { type: 'process.kill', runId, effectId: 3 },
    ]);
    expect(one.run().state).toBe('stopping');
  });

  it('during the start, which fails: whatever may run is ended first', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    one.command({ type: 'cancel', id: 'US-001' });
    one.fails('process.start');
    expect(one.underWay).toEqual(['process.kill']);
    one.answer('process.kill', { type: 'kill-finished', runId, survivors: 0 });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ commits: 0, head: base }), result: null });
    expect(one.run()).toMatchObject({ state: 'cancelled', head: base });
  });

  it('of a running agent: its tree is ended, its work is kept and known', () => {
    const one = scene();
    one.running();
    expect(one.command({ type: 'cancel', id: 'US-001' }).effects).toEqual([
      { type: 'process.kill', runId, effectId: 3 },
    ]);
    one.answer('process.kill', { type: 'kill-finished', runId, survivors: 0 });
    expect(one.run().state).toBe('stopping');
    one.send({ type: 'process-ended', runId, status: { status: 'lost', why: 'killed' } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ dirty: ['x'] }), result: null });
    expect(one.run()).toMatchObject({ state: 'cancelled', reason: 'cancelled by the user', head, commits: 1 });
  });

  it('tells of what survives, and can be asked again', () => {
    const one = scene();
    one.running();
    one.command({ type: 'cancel', id: 'US-001' });
    expect(one.command({ type: 'cancel', id: 'US-001' }).effects).toEqual([]);
    const { facts } = one.answer('process.kill', { type: 'kill-finished', runId, survivors: 2 });
    const text = '2 processes of US-001 could not be stopped';
    expect(facts).toEqual([{ type: 'notice-raised', level: 'warning', text, runId }]);
    expect(one.command({ type: 'cancel', id: 'US-001' }).effects).toEqual([
      { type: 'process.kill', runId, effectId: 4 },
    ]);
  });

  it('never takes a run for ended by an answer that was asked for before', () => {
    const one = scene();
    one.running();
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 1 } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ dirty: ['x'] }), result: null });
    one.send({
      type: 'observed',
      observation: { runs: {}, landed: {}, git: { worktrees: null, branches: null, pins: null, targetTip: null } },
    });
    const old = one.effectId('git.judge');
    one.command({ type: 'resume', id: 'US-001', message: 'go on' });
    one.command({ type: 'cancel', id: 'US-001' });
    one.fails('process.start');
    one.fails('process.kill');
    one.send({ type: 'outcome', effectId: old, outcome: { type: 'judged', runId, facts: goodBranch(), result: null } });
    expect(one.run().state).toBe('stopping');
  });

  it('of everything, when it is left so', () => {
    const one = new Scene([item, makeItem('US-002')], {}, { mode: 'auto' });
    one.ready();
    const { facts, answer } = one.command({ type: 'stop-all' });
    expect(facts.map(fact => fact.type === 'cancel-requested' && fact.reason)).toEqual(
      Array.from({ length: 2 }, () => 'stopped when cm-tui quit'),
    );
    expect(answer?.message).toBe('Stopping 2 runs.');
  });
});

describe('what a run amounts to', () => {
  const cases: readonly (readonly [string, Partial<BranchFacts>, string, string | null])[] = [
    ['a commit in its scope', {}, 'awaiting-approval', null],
    ['no commit', { commits: 0, files: [], head: base }, 'no-work', 'ended without a commit'],
    ['commits that change nothing', { files: [] }, 'no-work', 'its commits change nothing'],
    ['files left over', { dirty: ['a', 'b', 'c', 'd'] }, 'needs-attention', 'left uncommitted: a, b, c and 1 more'],
    ['a file with a nasty name', { dirty: ['x\u001b[2J'] }, 'needs-attention', 'left uncommitted: x\\x1b[2J'],
    ['a merge half done', { operation: 'merge' }, 'needs-attention', 'a merge is in progress in its worktree'],
    [
      'a foreign branch',
      { checkedOut: 'mine' },
      'needs-attention',
      'its worktree is on the branch mine instead of roadmap-001',
    ],
    ['no branch', { checkedOut: null }, 'needs-attention', 'its worktree is on a detached HEAD instead of roadmap-001'],
    [
      'no worktree, but commits',
      { worktreeExists: false, checkedOut: null },
      'awaiting-approval',
      'its worktree is gone: only what it committed can be reviewed and landed',
    ],
    [
      'no worktree and no commit',
      { worktreeExists: false, commits: 0, head: base },
      'no-work',
      'ended without a commit',
    ],
    [
      'a branch that was only brought up to the target',
      { commits: 0 },
      'no-work',
      'ended without a commit of its own; all it holds came from main',
    ],
    ['its branch deleted', { head: null, commits: 0, files: [] }, 'needs-attention', 'its branch roadmap-001 is gone'],
    ['a file outside its scope', { files: [file('other.ts')] }, 'blocked', "other.ts is outside the item's scope"],
    [
      'a link out of the repository',
      { escapingLinks: ['source/US-001/l'] },
      'blocked',
      'source/US-001/l is a link that leads out of the repository',
    ],
  ];

  it('names what is at work in its worktree and may be its own, once, with what ends it', () => {
    const one = scene();
    const { runId } = one.running();
    one.command({ type: 'cancel', id: 'US-001' });
    const strays = [{ pid: 4712, name: 'sh' }];
    one.answer('process.kill', { type: 'kill-finished', runId, survivors: 0, strays });
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 143, endTime: 900 } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null, strays });
    expect(one.state.notices.filter(({ text }) => text.includes('4712')).map(({ text }) => text)).toEqual([
      'a process in the worktree of US-001 may be left over from it: sh (4712); "kill 4712" ends it',
    ]);
  });

  it('whose worktree nobody can look into is named once, and not taken for empty', () => {
    const one = scene();
    const { runId } = one.running();
    one.command({ type: 'cancel', id: 'US-001' });
    one.answer('process.kill', { type: 'kill-finished', runId, survivors: 0, strays: null });
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 143, endTime: 900 } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null, strays: null });
    expect(one.state.notices.filter(({ text }) => text.includes('unknown')).map(({ text }) => text)).toEqual([
      'whether processes still work in the worktree of US-001 is unknown; make /proc or lsof available',
    ]);
  });

  it('of which only the branch is left waits for a person, whatever the policy, and lands when they say so', () => {
    const one = scene({ approve: 'clean' });
    one.predicted('US-001', goodBranch({ worktreeExists: false, checkedOut: null }));
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', treeGone: true });
    expect(one.command({ type: 'approve-all' }).answer?.ok).toBe(false);
    expect(one.command({ type: 'approve', id: 'US-001' }).answer?.ok).toBe(true);
    expect(one.run().state).toBe('queued');
  });

  it('that was stopped because its worktree was removed can land what it had committed', () => {
    const one = scene();
    const { runId } = one.running();
    const worktrees = [
      {
        path: '/home/user/shop-wt001',
        branchName: 'roadmap-001',
        head,
        lockedReason: null,
        prunable: true,
        exists: false,
      },
    ];
    const branches = { main: base, 'roadmap-001': head };
    const runs = { [runId]: { status: 'alive', process: agent } } as const;
    one.send({ type: 'observed', observation: look({ runs, git: { worktrees, branches } }) });
    expect(one.run().state).toBe('stopping');
    one.answer('process.kill', { type: 'kill-finished', runId, survivors: 0 });
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 143, endTime: 900 } });
    const facts = goodBranch({ worktreeExists: false, checkedOut: null });
    one.answer('git.judge', { type: 'judged', runId, facts, result: null });
    expect(one.run()).toMatchObject({
      state: 'awaiting-approval',
      treeGone: true,
      reason:
        'its worktree was removed while it ran, so it was stopped: only what it committed can be reviewed and landed',
    });
    // Judged again, with another reason by then, its end still says nothing against what it committed.
    const result = { outcome: 'conflict', base, head, paths: ['a'] } as const;
    one.answer('git.predict', { type: 'predicted', runId, head, result });
    expect(one.run().state).toBe('conflict');
    const moved = { main: base, 'roadmap-001': oid('9') };
    one.send({ type: 'observed', observation: look({ git: { worktrees: [], branches: moved } }) });
    one.answer('git.judge', { type: 'judged', runId, facts: { ...facts, head: oid('9') }, result: null });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', head: oid('9'), treeGone: true });
    const clean = { outcome: 'clean', base, head: oid('9'), tree: oid('9') } as const;
    one.answer('git.predict', { type: 'predicted', runId, head: oid('9'), result: clean });
    // A branch that is deleted then is missed, whatever its end was: what it had committed can be brought back.
    one.send({ type: 'observed', observation: look({ git: { worktrees: [], branches: { main: base } } }) });
    const gone = { ...facts, head: null, commits: 0, files: [] };
    one.answer('git.judge', { type: 'judged', runId, facts: gone, result: null });
    expect(one.run()).toMatchObject({
      state: 'needs-attention',
      head: oid('9'),
      reason: `its branch roadmap-001 is gone; restore it with "git branch roadmap-001 ${oid('9')}"`,
    });
  });

  it.each(cases)('%s', (_, facts, state, reason) => {
    const one = scene();
    one.judged(goodBranch(facts));
    expect(one.run()).toMatchObject({ state, reason });
  });

  it.each([
    [1, 'exit code 1'],
    [127, 'exit code 127 (the command of agent "demo" was not found)'],
    [126, 'exit code 126 (the command could not be run)'],
  ])('exit code %d', (exitCode, reason) => {
    const one = scene();
    one.judged(goodBranch(), 'US-001', exitCode);
    expect(one.run()).toMatchObject({ state: 'failed', reason, exitCode, head });
  });

  it.each([
    ['killed', 'killed by something unknown (out of memory?); its work so far is kept'],
    ['reboot', 'the machine rebooted during the run; its work so far is kept'],
    ['pid-reused', 'its process disappeared without an exit code; its work so far is kept'],
  ] as const)('lost: %s', (why, reason) => {
    const one = scene();
    one.running();
    one.send({ type: 'process-ended', runId, status: { status: 'lost', why } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run()).toMatchObject({ state: 'interrupted', reason, lost: why, exitCode: null });
  });

  it('its own program says that it failed', () => {
    const one = scene();
    one.running();
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: null } });
    const result = { ok: false, message: 'could not\u0007 do it' };
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result });
    expect(one.run()).toMatchObject({ state: 'failed', reason: 'could not␇ do it', endTime: 1000 });
  });

  it('keeps what was known of a branch that somebody deleted since', () => {
    const one = scene();
    one.predicted();
    one.send({
      type: 'observed',
      observation: {
        runs: {},
        landed: {},
        git: { worktrees: null, branches: { main: base }, pins: null, targetTip: base },
      },
    });
    one.answer('git.judge', {
      type: 'judged',
      runId,
      facts: goodBranch({ head: null, commits: 0, files: [], worktreeExists: false, checkedOut: null }),
      result: null,
    });
    expect(one.run()).toMatchObject({
      state: 'needs-attention',
      reason: `its branch roadmap-001 is gone; restore it with "git branch roadmap-001 ${head}"`,
      head,
      commits: 1,
    });
  });
});

describe('what comes late', () => {
  it('is dropped where its effect is no longer under way', () => {
    const one = scene();
    one.running();
    const before = one.state;
    const created = { type: 'worktree', runId, result: { outcome: 'created', base: oid('f') } } as const;
    expect(one.send({ type: 'outcome', effectId: 1, outcome: created })).toEqual({
      facts: [],
      effects: [],
      answer: null,
    });
    expect(one.state).toEqual(before);
  });

  it('is dropped where the run is unknown', () => {
    const one = scene();
    expect(
      one.send({ type: 'process-ended', runId: 'nobody', status: { status: 'exited', exitCode: 0, endTime: 0 } }).facts,
    ).toEqual([]);
  });

  it('a second word of the same end changes nothing', () => {
    const one = scene();
    one.running();
    const ended = { type: 'process-ended', runId, status: { status: 'exited', exitCode: 3, endTime: 1 } } as const;
    one.send(ended);
    expect(one.send(ended)).toEqual({ facts: [], effects: [], answer: null });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.send(ended)).toEqual({ facts: [], effects: [], answer: null });
  });

  it('the end of its last part does not end what was told to go on since', () => {
    const one = scene();
    one.judged();
    one.command({ type: 'resume', id: 'US-001', message: 'go on' });
    const old: RunStatus = { status: 'exited', exitCode: 0, endTime: 900 };
    expect(one.send({ type: 'process-ended', runId, status: old })).toEqual({ facts: [], effects: [], answer: null });
    expect(one.run().state).toBe('preparing');
  });

  it('an unknown state of the process ends nothing', () => {
    const one = scene();
    one.running();
    one.send({ type: 'process-ended', runId, status: { status: 'unknown', message: 'no /proc' } });
    expect(one.run().state).toBe('running');
  });

  describe('a judgement that cannot be made', () => {
    const reason = 'could not inspect its worktree: git␇ is gone';
    const over = () => {
      const one = scene();
      one.running();
      one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 1 } });
      return one;
    };

    it('calls for a person, so that nothing waits for ever for a run that is over', () => {
      const one = over();
      const { facts } = one.fails('git.judge', 'git\u0007 is gone.');
      expect(facts).toMatchObject([
        { type: 'notice-raised', level: 'error', text: 'US-001: git␇ is gone.', runId },
        { type: 'instance-judged', state: 'needs-attention', reason, head: null },
      ]);
    });

    it('is made with the next look that succeeds, and its failure is told once', () => {
      const one = over();
      one.fails('git.judge', 'git\u0007 is gone.');
      const again = { state: one.state, observation: look({ git: { branches: { main: base, 'roadmap-001': head } } }) };
      expect(reconcile(again.state, again.observation)).toEqual([{ type: 'judge', runId }]);
      one.ready(again.observation);
      expect(one.fails('git.judge', 'git\u0007 is gone.').facts).toEqual([]);
      one.ready(again.observation);
      one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
      expect(one.run()).toMatchObject({ state: 'awaiting-approval', reason: null, head });
    });

    it('is not needed for a run that was cancelled or failed', () => {
      const one = scene();
      one.running();
      one.command({ type: 'cancel', id: 'US-001' });
      one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 1 } });
      one.fails('git.judge', 'git\u0007 is gone.');
      expect(one.run()).toMatchObject({ state: 'cancelled', reason: 'cancelled by the user' });
      const other = scene();
      other.running();
      other.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 3, endTime: 1 } });
      other.fails('git.judge', 'git\u0007 is gone.');
      expect(other.run()).toMatchObject({ state: 'failed', reason: expect.stringContaining('exit code 3') });
    });
  });
});
