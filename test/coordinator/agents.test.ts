import { describe, expect, it } from 'vitest';
import { findInstance } from '../../source/coordinator/runs/spawning.ts';
import { isIdle } from '../../source/coordinator/state/idle.ts';
import { planDetails } from '../../source/coordinator/state/planning.ts';
import { replay } from '../../source/coordinator/update.ts';
import type { BranchFacts } from '../../source/ports/git.ts';
import { makeItem } from '../helpers/core/planning.ts';
import { agent, base, goodBranch, look, Scene } from '../helpers/core/scene.ts';

const item = makeItem('US-001');

function scene(...settings: ConstructorParameters<typeof Scene>[1][]): Scene {
  const made = new Scene([item, makeItem('US-002')], settings[0]);
  made.ready();
  return made;
}

const exited = (exitCode: number, endTime = 900) => ({ status: 'exited', exitCode, endTime }) as const;

describe('a limit ends a run, and the end counts as the limit says', () => {
  it('after its result: the result is the outcome, not the exit code of our signal', () => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'reported', runId, ok: true, message: 'done', up: 5 });
    const told = one.send({ type: 'limit-reached', runId, cause: 'result', seconds: 30 });
    expect(told.facts).toMatchObject([{ type: 'end-requested', cause: 'result' }]);
    expect(told.effects).toMatchObject([{ type: 'process.kill', runId }]);
    one.send({ type: 'process-ended', runId, status: exited(143) });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run()).toMatchObject({ state: 'awaiting-approval', reason: null });
  });

  it('a bad result is a failure with its words', () => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'reported', runId, ok: false, message: 'out of \u001b[31mcredit', up: 5 });
    one.send({ type: 'limit-reached', runId, cause: 'result', seconds: 30 });
    one.send({ type: 'process-ended', runId, status: { status: 'lost', why: 'killed' } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run()).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/^out of credit; its account has no credit left/),
    });
  });

  it.each([
    ['silence', null, 'failed', 'printed nothing for 300 seconds (noOutputTimeout)'],
    ['time', null, 'failed', 'did not finish within 300 seconds (agentTimeout)'],
    ['cost', null, 'failed', 'had cost $2.50 before it was done (costCapUsd, run)'],
    ['silence', { ok: true, message: 'done' }, 'awaiting-approval', null],
  ] as const)('%s, where the log says %o: %s', (cause, result, state, reason) => {
    const one = scene({ costCapUsd: { run: 2.5 } });
    const { runId } = one.running();
    one.send({ type: 'limit-reached', runId, cause, seconds: 300 });
    one.send({ type: 'process-ended', runId, status: exited(130) });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result });
    expect(one.run()).toMatchObject({ state, reason });
  });

  it('says nothing where there was no result, where it was cancelled first, and where it has ended', () => {
    const one = scene();
    const { runId } = one.running();
    expect(one.send({ type: 'limit-reached', runId, cause: 'result', seconds: 30 }).facts).toEqual([]);
    one.command({ type: 'cancel', id: runId });
    expect(one.send({ type: 'limit-reached', runId, cause: 'time', seconds: 30 }).facts).toEqual([]);
    one.send({ type: 'process-ended', runId, status: exited(130) });
    one.answer('process.kill', { type: 'kill-finished', runId, survivors: 0 });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run().state).toBe('cancelled');
    expect(one.send({ type: 'limit-reached', runId, cause: 'silence', seconds: 30 }).facts).toEqual([]);
  });
});

describe('a rate limit', () => {
  it('is remembered with its longest end, survives, and is not believed for ever', () => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'cooldown', agent: 'demo', until: 5_000, runId });
    one.send({ type: 'cooldown', agent: 'demo', until: 4_000, runId });
    expect(one.state.cooldowns).toEqual({ demo: 5_000 });
    one.send({ type: 'cooldown', agent: 'demo', until: Number.MAX_SAFE_INTEGER, runId });
    expect(one.state.cooldowns.demo).toBe(one.at + 7 * 86_400_000);
    const kept = replay([{ type: 'cooldown-started', agent: 'demo', until: 9, runId: 'x', at: 1 }]);
    expect(kept.cooldowns).toEqual({ demo: 9 });
  });

  it('that is over before git was asked holds nothing up: the run continues at once', () => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'session', runId, sessionId: 's-1' });
    one.send({ type: 'cooldown', agent: 'demo', until: one.at + 1000, runId });
    one.send({ type: 'process-ended', runId, status: exited(1) });
    one.at += 1500;
    const told = one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(told.facts.map(({ type }) => type)).toEqual(['instance-judged', 'instance-resumed']);
    expect(one.run()).toMatchObject({ state: 'preparing' });
    expect(one.state.cooldowns.demo).toBeLessThanOrEqual(one.at);
  });

  it('is not needed to hold starts: an agent of which a run prints nothing starts no other, and says why', () => {
    const held = new Scene([item, makeItem('US-002')], { maxParallel: 4 });
    held.ready();
    const silent = held.running();
    held.send({ type: 'silent', runIds: [silent.runId] });
    held.command({ type: 'set-mode', mode: 'auto' });
    expect(held.state.instances).toHaveLength(1);
    const waiting = planDetails(held.state).waiting();
    expect(waiting.find(({ id }) => id === 'US-002')?.reasons).toMatchObject([
      { code: 'cooldown', detail: 'demo prints nothing in the run of US-001 (holdSilent)' },
    ]);
    held.send({ type: 'silent', runIds: [] });
    expect(held.state.instances).toHaveLength(2);
  });

  it('waits with what it stopped, and goes on in the same run when it is over', () => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'session', runId, sessionId: 's-1' });
    const until = one.at + 3_600_000;
    one.send({ type: 'cooldown', agent: 'demo', until, runId });
    one.send({ type: 'process-ended', runId, status: exited(1) });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(one.run()).toMatchObject({ state: 'waiting', waits: { until, tries: 1 } });
    expect(one.run().reason).toContain(`waits until ${new Date(until).toISOString()}`);
    expect(isIdle(one.state)).toBe(false);
    one.at = until - 1;
    one.send({ type: 'tick' });
    expect(one.run().state).toBe('waiting');
    one.at = until;
    one.send({ type: 'tick' });
    expect(one.run()).toMatchObject({ runId, state: 'preparing', attempt: 1, sessionId: 's-1' });
  });

  it.each([
    ['was completed', 'complete', 'US-001 is complete in the ROADMAP, not planned'],
    ['was removed', null, 'US-001 is no longer in the ROADMAP. Nothing started'],
  ] as const)('asks a person where the item %s meanwhile, instead of waiting for ever', (_, status, why) => {
    const one = scene();
    const { runId } = one.running();
    const until = one.at + 3_600_000;
    one.send({ type: 'cooldown', agent: 'demo', until, runId });
    one.send({ type: 'process-ended', runId, status: exited(1) });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    const { roadmap, ownership, ownershipProblems } = one.state;
    const items = roadmap.items.flatMap(item =>
      item.id !== 'US-001' ? item : status === null ? [] : { ...item, status },
    );
    one.send({
      type: 'sources-read',
      sources: { roadmap: { ...roadmap, items }, ownership, ownershipProblems, stamp: '2' },
    });
    one.at = until;
    one.send({ type: 'tick' });
    expect(one.run()).toMatchObject({ state: 'needs-attention', reason: `does not continue by itself: ${why}` });
    expect(one.run().commits).toBe(goodBranch().commits);
  });

  it('does not count an attempt that it stopped', () => {
    const one = scene({ fallbackAgents: ['other'] });
    one.command({ type: 'set-mode', mode: 'auto' });
    const { runId } = one.running();
    one.send({ type: 'cooldown', agent: 'demo', until: one.at + 3_600_000, runId });
    one.send({ type: 'process-ended', runId, status: exited(1) });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    // Another agent is free: a fresh attempt with it is sooner.
    expect(one.state.instances.map(({ agent, state }) => `${agent} ${state}`)).toContain('demo failed');
    expect(one.state.instances.at(-1)).toMatchObject({ agent: 'other', state: 'preparing' });
  });

  it('grows where its end is not known', () => {
    const one = scene();
    const { runId } = one.running();
    const waited: number[] = [];
    for (let part = 0; part < 6; part++) {
      one.send({ type: 'cooldown', agent: 'demo', until: null, runId });
      one.send({ type: 'process-ended', runId, status: exited(1) });
      one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
      const { until } = one.run().waits ?? { until: 0 };
      waited.push(until - one.at);
      one.at = until;
      one.send({ type: 'tick' });
      one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    }
    expect(waited).toEqual([60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
  });
});

describe('a trouble of the service that passes', () => {
  const end = (one: ReturnType<typeof scene>, runId: string, message: string) => {
    one.send({ type: 'process-ended', runId, status: exited(1) });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: { ok: false, message } });
  };

  it('is waited for, longer each time, between 15 seconds and 15 minutes', () => {
    const one = scene();
    const { runId } = one.running();
    const waited: number[] = [];
    for (let part = 0; part < 12; part++) {
      end(one, runId, 'API Error: 529 overloaded');
      expect(one.run()).toMatchObject({ state: 'waiting', waits: { tries: part + 1 } });
      expect(one.state.troubled).toEqual({ demo: true });
      const { until } = one.run().waits ?? { until: 0 };
      waited.push(until - one.at);
      one.at = until;
      one.send({ type: 'tick' });
      expect(one.run().state).toBe('preparing');
      one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    }
    expect(waited[0]).toBeGreaterThan(10_000);
    expect(waited[0]).toBeLessThanOrEqual(15_000);
    expect(waited.at(-1)).toBeGreaterThan(600_000);
    expect(Math.max(...waited)).toBeLessThanOrEqual(900_000);
  });

  it('is given up in the end where it brings the run no further, and counts again where it did', () => {
    const one = scene();
    const { runId } = one.running();
    for (let part = 0; part < 20; part++) {
      end(one, runId, 'read ECONNRESET');
      one.at = one.run().waits?.until ?? 0;
      one.send({ type: 'tick' });
      one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    }
    end(one, runId, 'read ECONNRESET');
    expect(one.run().state).toBe('failed');
  });

  it.each(['API Error: 401 unauthorized', 'prompt is too long', 'refusal', 'it does not compile'])(
    'is not what is final: %s',
    message => {
      const one = scene();
      const { runId } = one.running();
      end(one, runId, message);
      expect(one.run().state).toBe('failed');
    },
  );

  it('is not waited for where a session outlives its host: it continues at once, in place, and starts over in the end', () => {
    const one = scene({ agents: { demo: { protocol: 'acp' } } });
    one.command({ type: 'set-mode', mode: 'auto' });
    const { runId } = one.running();
    const broken = () => {
      one.send({ type: 'session', runId, sessionId: 's1' });
      one.send({ type: 'process-ended', runId, status: { status: 'lost', why: 'killed' } });
      one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    };
    for (let part = 1; part <= 3; part++) {
      broken();
      expect(one.run()).toMatchObject({ runId, state: 'preparing', sessionId: 's1', waits: { tries: part } });
      one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    }
    broken();
    expect(one.state.instances.find(other => other.runId === runId)?.state).toBe('interrupted');
    expect(one.run()).toMatchObject({ state: 'preparing', sessionId: null });
    expect(one.run().runId).not.toBe(runId);
  });

  it('is given up by a person', () => {
    const one = scene();
    const { runId } = one.running();
    end(one, runId, 'API Error: 503');
    expect(one.command({ type: 'cancel', id: 'US-001' }).answer).toMatchObject({ ok: true });
    expect(one.run().state).toBe('cancelled');
  });

  it('is left to a coordinator that stays', () => {
    const one = scene();
    const { runId } = one.running();
    end(one, runId, 'API Error: 503');
    one.state = { ...one.state, oneShot: true };
    one.at = one.run().waits?.until ?? 0;
    one.send({ type: 'tick' });
    expect(one.run().state).toBe('waiting');
  });
});

describe('what an agent ends with', () => {
  const ended = (result: { ok: boolean; message: string; asks?: true }, more: Partial<BranchFacts> = {}) => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'refused', runId, words: '$ npm test', number: 1 });
    // The log is read again after a restart.
    one.send({ type: 'refused', runId, words: '$ npm test', number: 1 });
    one.send({ type: 'process-ended', runId, status: exited(0) });
    const facts = goodBranch({ commits: 0, files: [], ...more });
    one.answer('git.judge', { type: 'judged', runId, facts, result });
    return one.run();
  };

  it.each([
    [{ ok: true, message: 'A or B?', asks: true as const }, 'asks', 'A or B?; 1 command refused: $ npm test'],
    [{ ok: true, message: 'finished' }, 'no-work', /^ended without a commit.*; 1 command refused: \$ npm test$/],
    [{ ok: true, message: 'I may not.' }, 'no-work', /; it said: I may not\.$/],
    [{ ok: true, message: '[API Error: 401 no]' }, 'failed', /log in with the program/],
    [
      {
        ok: true,
        message: 'Info: Request failed due to a transient API error. Retrying...Error: Authentication failed (401)',
      },
      'failed',
      /Authentication failed/,
    ],
    [{ ok: true, message: 'Info: read the error log' }, 'no-work', /it said: Info/],
  ])('%j is %s', (result, state, reason) => {
    const run = ended(result);
    expect(run.state).toBe(state);
    expect(run.reason).toMatch(reason);
  });

  it('is named with what it left', () => {
    expect(ended({ ok: true, message: 'May I?', asks: true }, { dirty: ['a.txt'] })).toMatchObject({
      state: 'needs-attention',
      reason: 'left uncommitted: a.txt; 1 command refused: $ npm test; it asks: May I?',
    });
  });

  it('can be answered', () => {
    const one = scene();
    const { runId } = one.running();
    one.send({ type: 'process-ended', runId, status: exited(0) });
    const result = { ok: true, message: 'A or B?', asks: true as const };
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ commits: 0, files: [] }), result });
    expect(one.command({ type: 'resume', id: 'US-001', message: 'A' }).answer).toMatchObject({ ok: true });
    expect(one.run()).toMatchObject({ state: 'preparing' });
  });
});

describe('an agent that goes on', () => {
  it('has used what its session tells, where that counts all parts of it; another session counts beside it', () => {
    const one = scene();
    const { runId } = one.judged(goodBranch({ commits: 0 }));
    const uses = (inputTokens: number) => {
      const usage = { inputTokens, outputTokens: null, costUsd: null, ofSession: true } as const;
      one.send({ type: 'usage', runId, usage });
      return one.run().usage?.inputTokens;
    };
    const goesOn = () => {
      one.command({ type: 'resume', id: 'US-001', message: 'go on' });
      one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    };
    const ends = () => {
      one.send({ type: 'process-ended', runId, status: exited(1) });
      one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ commits: 0 }), result: null });
    };
    one.send({ type: 'session', runId, sessionId: 's-1' });
    expect(uses(200)).toBe(200);
    goesOn();
    one.send({ type: 'session', runId, sessionId: 's-1' });
    expect(uses(300)).toBe(300);
    expect(uses(400)).toBe(400);
    one.send({ type: 'session', runId, sessionId: null });
    ends();
    goesOn();
    one.send({ type: 'session', runId, sessionId: 's-2' });
    expect(uses(50)).toBe(450);
    ends();
    goesOn();
    expect(uses(80)).toBe(480);
    expect(one.run().usage).toEqual({ inputTokens: 480, outputTokens: null, costUsd: null });
  });

  it('is started in its worktree again, judged and approved anew', () => {
    const one = scene();
    const { runId } = one.predicted();
    one.command({ type: 'approve', id: runId });
    one.send({ type: 'process-ended', runId, status: exited(0) });
    expect(one.command({ type: 'resume', id: runId, message: 'more' }).answer?.message).toContain('queued to land');
    const failed = scene();
    const second = failed.judged(goodBranch({ commits: 0 }));
    failed.send({ type: 'usage', runId: second.runId, usage: { inputTokens: 1, outputTokens: 2, costUsd: 0.5 } });
    const told = failed.command({ type: 'resume', id: 'US-001', message: '  go on  ' });
    expect(told.facts).toEqual([
      { type: 'instance-resumed', runId: second.runId, priorityId: 'US-001', message: 'go on' },
    ]);
    expect(told.effects).toEqual([{ type: 'process.start', runId: second.runId, effectId: expect.any(Number) }]);
    expect(failed.run()).toMatchObject({ state: 'preparing', process: null, exitCode: null, endTime: null });
    failed.answer('process.start', { type: 'started', runId: second.runId, process: agent, sessionId: null });
    failed.send({ type: 'usage', runId: second.runId, usage: { inputTokens: 1, outputTokens: null, costUsd: 0.25 } });
    expect(failed.run().usage).toEqual({ inputTokens: 2, outputTokens: 2, costUsd: 0.75 });
    failed.send({ type: 'process-ended', runId: second.runId, status: exited(0) });
    failed.answer('git.judge', { type: 'judged', runId: second.runId, facts: goodBranch(), result: null });
    expect(failed.run()).toMatchObject({ state: 'awaiting-approval', attempt: 1 });
  });

  it('a crash before its start does not take its last end for the new one', () => {
    const one = scene();
    const { runId } = one.judged(goodBranch(), 'US-001', 3);
    one.at = 2_000;
    one.command({ type: 'resume', id: runId, message: 'go on' });
    one.fails('process.start');
    expect(one.run().state).toBe('failed');

    const later = scene();
    later.judged(goodBranch(), 'US-001', 3);
    later.at = 2_000;
    later.command({ type: 'resume', id: runId, message: 'go on' });
    // Its worktree is as the agent left it: the commands of the setup are not run in it again.
    const restarted = new Scene([item], { setup: [['make']] }, { durable: later.state });
    const told = restarted.ready(look({ runs: { [runId]: exited(3, 900) } }));
    expect(told.effects).toMatchObject([{ type: 'process.start', runId }]);
    const ended = new Scene([item], {}, { durable: later.state });
    expect(ended.ready(look({ runs: { [runId]: exited(3, 2_500) } })).facts).toMatchObject([
      { type: 'instance-exited' },
    ]);
  });

  it('is told what went wrong, where it shall mend its own work', () => {
    const one = scene();
    const { runId } = one.judged(goodBranch(), 'US-001', 3);
    one.command({ type: 'retry', id: runId, inPlace: true });
    expect(one.run().continued?.message).toContain('exit code 3');
  });

  it.each([
    ['with nothing to say', (one: Scene) => one.judged(goodBranch(), 'US-001', 3), ' ', /Say what/],
    ['while it works', (one: Scene) => one.running(), 'go', /still running/],
    ['once it has landed', (one: Scene) => one.landed(), 'go', /has landed/],
  ])('is refused %s', (_, play, message, words) => {
    const one = scene();
    const { runId } = play(one);
    const { answer, facts } = one.command({ type: 'resume', id: runId, message });
    expect(answer).toMatchObject({ ok: false, message: expect.stringMatching(words) });
    expect(facts).toEqual([]);
  });

  it('waits its turn: another item that touches the same files runs now', () => {
    const one = new Scene([item, makeItem('US-002', { scope: item.scope })]);
    one.ready();
    const { runId } = one.judged(goodBranch(), 'US-001', 3);
    one.running('US-002');
    const { answer } = one.command({ type: 'resume', id: runId, message: 'go' });
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('US-002 runs') });
  });
});

describe('the run that is meant by the name of an item', () => {
  it('is the last one where an earlier attempt only failed and this one has landed', () => {
    const one = scene();
    const first = one.judged(goodBranch(), 'US-001', 3);
    one.command({ type: 'retry', id: first.runId, inPlace: false });
    expect(findInstance(one.state, 'US-001')?.runId).not.toBe(first.runId);
    const { runId } = one.run();
    one.answer('git.createWorktree', { type: 'worktree', runId, result: { outcome: 'created', base } });
    one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 3, endTime: 900 } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch(), result: null });
    expect(findInstance(one.state, 'US-001')?.runId).toBe(runId);
    const landed = { ...one.run(), state: 'merged' } as const;
    const instances = one.state.instances.map(run => (run.runId === runId ? landed : run));
    expect(findInstance({ ...one.state, instances }, 'US-001')?.runId).toBe(runId);
    const waiting = instances.map(run => (run.runId === first.runId ? { ...run, state: 'conflict' as const } : run));
    expect(findInstance({ ...one.state, instances: waiting }, 'US-001')?.runId).toBe(first.runId);
    expect(findInstance({ ...one.state, instances }, first.slug)?.runId).toBe(first.runId);
  });
});
