import { describe, expect, it } from 'vitest';
import { reconcileFleet } from '../../../source/coordinator/fleet/reconcile.ts';
import { fleetRoom } from '../../../source/coordinator/fleet/room.ts';
import { dispatchId } from '../../../source/domain/fleet/remote-run.ts';
import { defaultFleetSettings } from '../../../source/domain/fleet/settings.ts';
import type { FleetObservation, Said, WorkerSeen } from '../../../source/ports/fleet/fleet.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { agent, base, goodBranch, head, oid, Scene } from '../../helpers/core/scene.ts';

const items = [makeItem('US-001'), makeItem('US-002')];
const fleet = { ...defaultFleetSettings, engine: 'redis://127.0.0.1', local: false, lostAfter: 60 };

function worker(changes: Partial<WorkerSeen> = {}): WorkerSeen {
  return {
    name: 'w1',
    key: 'key-w1',
    pools: ['default'],
    slots: 2,
    running: [],
    draining: false,
    welcome: true,
    version: '1',
    cpuPercent: 10,
    memoryPercent: 20,
    fingerprint: 'fp',
    silentMs: 1000,
    ...changes,
  };
}

function seen(changes: Partial<FleetObservation> = {}): FleetObservation {
  const nothing = {
    listeningMs: 600_000,
    workers: [worker()],
    heard: {},
    unread: [],
    claims: {},
    jobs: [],
    refused: [],
  };
  return { ...nothing, ...changes };
}

/** A coordinator with one accepted worker that it has heard of. */
function scene(settings: Partial<typeof fleet> = {}): Scene {
  const made = new Scene(items, { fleet: { ...fleet, ...settings } });
  made.ready();
  look(made);
  made.command({ type: 'accept-worker', worker: 'w1', key: 'key-w1' });
  return made;
}

function look(one: Scene, changes: Partial<FleetObservation> = {}) {
  return one.send({ type: 'fleet-observed', seen: seen(changes), asOf: one.state.instances });
}

function hear(one: Scene, said: Said, changes: { worker?: string; key?: string; epoch?: number } = {}) {
  const from = { worker: 'w1', key: 'key-w1', epoch: 1, ...changes };
  return one.send({ type: 'fleet-report', report: { runId: run(one).runId, ...from, said } });
}

function run(one: Scene) {
  const last = one.state.instances.at(-1);
  if (last === undefined) throw new Error('nothing has run');
  return last;
}

const ended: Said = {
  what: 'ended',
  exitCode: 0,
  lost: null,
  limit: null,
  head,
  dirty: [],
  operation: null,
  tail: '',
};

/** It is at work on w1. */
function atWork(one = scene()): Scene {
  one.command({ type: 'spawn', id: 'US-001' });
  one.answer('fleet.dispatch', { type: 'dispatched', runId: run(one).runId, epoch: 1, problem: null });
  hear(one, { what: 'claimed' });
  hear(one, { what: 'started', process: agent });
  return one;
}

const id = (one: Scene) => `${run(one).runId}.1`;

describe('a run on another machine', () => {
  it('is dispatched with its intent first, taken, started, brought home and judged like any other', () => {
    const one = scene();
    const { facts, effects } = one.command({ type: 'spawn', id: 'US-001' });
    expect(facts.map(({ type }) => type)).toEqual(['instance-requested', 'run-dispatched']);
    expect(effects.map(({ type }) => type)).toEqual(['fleet.dispatch']);
    expect(run(one)).toMatchObject({ state: 'preparing', reason: 'waits for a machine of default', base });
    one.answer('fleet.dispatch', { type: 'dispatched', runId: run(one).runId, epoch: 1, problem: null });
    hear(one, { what: 'claimed' });
    expect(run(one)).toMatchObject({ reason: 'w1 makes its worktree', remote: { worker: 'w1' } });
    hear(one, { what: 'started', process: agent });
    // I7: what another machine calls its process is never one of ours.
    expect(run(one)).toMatchObject({ state: 'running', process: null, remote: { process: agent } });
    expect(hear(one, ended).effects.map(({ type }) => type)).toEqual(['fleet.home']);
    const { runId } = run(one);
    const home = one.answer('fleet.home', { type: 'came-home', runId, epoch: 1, head, taken: false });
    expect(home.effects.map(({ type }) => type)).toEqual(['fleet.forget', 'git.judge']);
    const facts2 = goodBranch({ worktreeExists: false, checkedOut: null });
    one.answer('git.judge', { type: 'judged', runId, facts: facts2, result: null });
    expect(run(one)).toMatchObject({ state: 'awaiting-approval', head, reason: null });
    expect(run(one).treeGone).toBeUndefined();
  });

  it('is held up by what its worker says was left uncommitted there', () => {
    const one = atWork();
    hear(one, { ...ended, dirty: ['notes\u001b[2J.txt'] });
    const { runId } = run(one);
    one.answer('fleet.home', { type: 'came-home', runId, epoch: 1, head, taken: false });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ worktreeExists: false }), result: null });
    expect(run(one).state).toBe('needs-attention');
    expect(run(one).reason).toContain('left uncommitted: notes');
    expect(run(one).reason).not.toContain('\u001b');
  });

  it('never takes somebody else’s branch of its name for its own work, and never removes it', () => {
    const one = atWork();
    hear(one, ended);
    const { runId } = run(one);
    one.answer('fleet.home', { type: 'came-home', runId, epoch: 1, head, taken: true });
    const theirs = goodBranch({ head: oid('9'), worktreeExists: false, checkedOut: null });
    one.answer('git.judge', { type: 'judged', runId, facts: theirs, result: null });
    const reason =
      'there is another branch roadmap-001; rename that, and bring its commits back with "git branch roadmap-001 refs/cm/fleet/001/1"';
    expect(run(one)).toMatchObject({ state: 'needs-attention', reason, head: null, commits: 0 });
    // Each look asks again, and what stands there is still not its work.
    one.ready();
    one.answer('git.judge', { type: 'judged', runId, facts: theirs, result: null });
    expect(run(one)).toMatchObject({ state: 'needs-attention', reason, head: null });
    expect(one.command({ type: 'discard', ids: ['US-001'] }).answer?.message).toBe(
      'roadmap-001 is another branch, not that of US-001, so it is kept.',
    );
    // A person has brought its own commits to the branch.
    one.ready();
    const own = goodBranch({ worktreeExists: false, checkedOut: null });
    one.answer('git.judge', { type: 'judged', runId, facts: own, result: null });
    expect(run(one)).toMatchObject({ state: 'awaiting-approval', head });
  });

  it('that was cancelled is judged after a restart, where cm-tui was killed just after its commits had come', () => {
    const before = atWork();
    before.command({ type: 'cancel', id: 'US-001' });
    hear(before, { ...ended, exitCode: 143 });
    const { runId } = run(before);
    before.answer('fleet.home', { type: 'came-home', runId, epoch: 1, head, taken: false });
    expect(run(before).state).toBe('stopping');
    const { settings, ...durable } = before.state;
    const one = new Scene(items, { fleet: settings.fleet }, { durable });
    one.ready();
    expect(one.underWay).toEqual(['git.judge']);
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ worktreeExists: false }), result: null });
    expect(run(one)).toMatchObject({ state: 'cancelled', head });
  });

  it('ends once, however often and in whatever order its reports come', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    hear(one, ended);
    expect(run(one)).toMatchObject({ state: 'completed', remote: { worker: 'w1', ended: { head } } });
    for (const said of [ended, { what: 'claimed' }, { what: 'started', process: agent }, ended] as const)
      expect(hear(one, said).facts).toEqual([]);
  });

  it.each([
    ['another worker', { worker: 'w2', key: 'key-w2' }],
    ['a key that nobody accepted', { key: 'forged' }],
    ['an earlier dispatch', { epoch: 0 }],
  ])('is not moved by %s', (_, from) => {
    const one = atWork();
    one.send({ type: 'fact', event: { type: 'worker-accepted', worker: 'w2', key: 'key-w2', at: 1 } });
    const before = run(one);
    hear(one, { ...ended, head: null }, from);
    hear(one, { what: 'refused', why: 'no' }, from);
    hear(one, { what: 'result', ok: false, message: 'no' }, from);
    expect(run(one)).toEqual(before);
  });
});

describe('what was dropped', () => {
  it('is said once for each sender and reason, without escape codes', () => {
    const one = scene();
    const refused = [
      { why: 'forged', worker: null },
      { why: 'replayed', worker: 'w1' },
    ] as const;
    look(one, { refused });
    look(one, { refused });
    expect(one.state.notices.map(({ text }) => text)).toEqual([
      'dropped what somebody sent through the engine: its signature is wrong',
      'dropped what "w1" sent through the engine: it was heard before',
    ]);
  });

  it('is a result that its worker has not signed for: the run waits for the one that it has', () => {
    const one = atWork();
    hear(one, ended);
    const { runId } = run(one);
    one.answer('fleet.home', { type: 'came-home', runId, epoch: 1, head: null, taken: false });
    expect(run(one)).toMatchObject({ state: 'completed' });
    expect(run(one).remote?.home).toBeUndefined();
    expect(one.state.notices.at(-1)?.text).toContain('the depot does not hold');
  });
});

describe('silence', () => {
  it('is never an end: no contact is said, then taken back', () => {
    const one = atWork();
    look(one, { heard: { [id(one)]: 25_000 } });
    expect(run(one)).toMatchObject({ state: 'running', reason: 'no contact with w1' });
    look(one, { heard: { [id(one)]: 500 } });
    expect(run(one)).toMatchObject({ state: 'running', reason: null });
  });

  it('counts only while we listen, and never for a run whose reports wait', () => {
    const one = atWork();
    for (const unknown of [
      { listeningMs: null },
      { listeningMs: 5000 },
      { unread: null },
      { unread: [run(one).runId] },
      { heard: { [id(one)]: 1000 } },
    ])
      look(one, unknown);
    expect(run(one).state).toBe('running');
    look(one);
    expect(run(one)).toMatchObject({ state: 'interrupted', lost: 'unreachable' });
  });

  it('is begun again so often as the settings say, then waits for a person', () => {
    const one = atWork();
    look(one);
    expect(run(one).state).toBe('interrupted');
    one.command({ type: 'spawn', id: 'US-001' });
    one.answer('fleet.dispatch', { type: 'dispatched', runId: run(one).runId, epoch: 1, problem: null });
    hear(one, { what: 'claimed' });
    look(one);
    expect(run(one)).toMatchObject({ attempt: 2, state: 'needs-attention' });
    expect(run(one).reason).toContain('lost 2 runs');
  });

  it('keeps what comes back after it was given up, and changes nothing else', () => {
    const one = atWork();
    look(one);
    const { facts, effects } = hear(one, ended);
    expect(facts.map(({ type }) => type)).toEqual(['late-result', 'notice-raised']);
    expect(effects).toMatchObject([{ type: 'fleet.home', late: true }]);
    expect(run(one)).toMatchObject({ state: 'interrupted', remote: { late: { epoch: 1, worker: 'w1', head } } });
    expect(hear(one, ended).facts).toEqual([]);
  });
});

describe('an offer', () => {
  it('is made again where neither depot nor engine knows of it, under the same number', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    one.fails('fleet.dispatch', 'the engine is full');
    expect(one.state.notices.at(-1)?.text).toContain('could not be offered');
    for (const unknown of [{ claims: null }, { jobs: null }, { jobs: [id(one)] }, { unread: null }])
      expect(look(one, unknown).effects).toEqual([]);
    expect(look(one).effects).toMatchObject([{ type: 'fleet.dispatch' }]);
    expect(run(one).remote?.epoch).toBe(1);
  });

  it('is known to be taken from the depot where the word of it was lost', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    one.answer('fleet.dispatch', { type: 'dispatched', runId: run(one).runId, epoch: 1, problem: null });
    look(one, { claims: { [id(one)]: { worker: 'w1', key: 'key-w1' } } });
    expect(run(one).remote?.worker).toBe('w1');
  });

  it.each([
    ['unsigned', null],
    ['signed by a key that nobody accepted', 'key-other'],
    ['in the name of one that was not accepted', 'key-w1', 'w9'],
    ['in the name of the coordinator', null, 'coordinator'],
  ])('whose claim is %s goes to the next place in the depot, and not for ever', (_, key, name = 'w1') => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    for (const epoch of [1, 2]) {
      one.answer('fleet.dispatch', { type: 'dispatched', runId: run(one).runId, epoch, problem: null });
      look(one, { claims: { [dispatchId(run(one).runId, run(one).remote?.epoch ?? 0)]: { worker: name, key } } });
      expect(run(one).remote).toMatchObject({ epoch: epoch + 1, worker: null });
    }
    one.answer('fleet.dispatch', { type: 'dispatched', runId: run(one).runId, epoch: 3, problem: null });
    look(one, { claims: { [dispatchId(run(one).runId, run(one).remote?.epoch ?? 0)]: { worker: name, key } } });
    expect(run(one)).toMatchObject({ state: 'failed' });
    expect(run(one).reason).toContain('not signed by a worker that you accepted');
  });

  it('that is given back three times has failed, and says why', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    for (const epoch of [1, 2, 3]) hear(one, { what: 'refused', why: 'claude is not installed' }, { epoch });
    expect(run(one)).toMatchObject({ state: 'failed' });
    expect(run(one).reason).toContain('w1: claude is not installed');
  });

  it('that nobody has taken is cancelled at once; what is taken ends there first', () => {
    const one = scene();
    one.command({ type: 'spawn', id: 'US-001' });
    one.command({ type: 'cancel', id: 'US-001' });
    const { runId } = run(one);
    one.answer('fleet.cancel', { type: 'fleet-cancelled', runId, epoch: 1, result: 'nobody-has-it' });
    expect(run(one).state).toBe('cancelled');
    const two = atWork();
    two.command({ type: 'cancel', id: 'US-001' });
    two.answer('fleet.cancel', { type: 'fleet-cancelled', runId: run(two).runId, epoch: 1, result: 'asked' });
    expect(run(two).state).toBe('stopping');
    hear(two, { ...ended, exitCode: 143, head: null });
    two.answer('fleet.home', { type: 'came-home', runId: run(two).runId, epoch: 1, head: base, taken: false });
    const facts = goodBranch({ head: base, commits: 0, files: [], worktreeExists: false });
    two.answer('git.judge', { type: 'judged', runId: run(two).runId, facts, result: null });
    expect(run(two).state).toBe('cancelled');
  });
});

describe('room on other machines', () => {
  it.each([
    ['an accepted worker', {}, 2],
    ['one with other work', { running: ['x.1'] }, 1],
    ['one under another key', { key: 'other' }, 0],
    ['one that is silent', { silentMs: 21_000 }, 0],
    ['one that drains', { draining: true }, 0],
    ['one that does not know yet', { welcome: false }, 0],
  ])('%s', (_, changes, free) => {
    const one = scene();
    look(one, { workers: [worker(changes)] });
    expect(fleetRoom(one.state)?.free).toBe(free);
  });

  it('is never overfilled: no more is offered than slots are free', () => {
    const one = scene();
    look(one, { workers: [worker({ slots: 1 })] });
    one.command({ type: 'set-mode', mode: 'auto' });
    expect(one.state.instances.length).toBe(1);
  });

  it('belongs to no plan without an engine', () => {
    const one = new Scene(items);
    expect(fleetRoom(one.state)).toBeUndefined();
  });
});

describe('a worker', () => {
  it('is accepted under the key that was shown, told so, and told again until it knows', () => {
    const one = scene();
    expect(one.command({ type: 'accept-worker', worker: 'w1', key: 'other' }).answer?.ok).toBe(false);
    const asked = reconcileFleet(one.state, seen({ workers: [worker({ welcome: false })] }), []);
    expect(asked).toEqual([{ type: 'tell', worker: 'w1', word: 'welcome' }]);
    const foreign = reconcileFleet(one.state, seen({ workers: [worker({ key: oid('e') })] }), []);
    expect(foreign).toEqual([{ type: 'tell', worker: 'w1', word: 'leave' }]);
  });

  it('is not forgotten while it has runs', () => {
    const one = atWork();
    expect(one.command({ type: 'forget-worker', worker: 'w1' }).answer?.message).toContain('Drain it first');
    expect(one.command({ type: 'drain-worker', worker: 'w1', drained: true }).effects).toEqual([
      { type: 'fleet.tell', worker: 'w1', word: 'drain' },
    ]);
  });
});
