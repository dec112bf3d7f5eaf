import { describe, expect, it } from 'vitest';
import { type AgentStatus, fakeAgent } from '../../helpers/programs/fake-agents.ts';
import type { Product } from '../../helpers/programs/product.ts';
import { gate } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const item = { id: 'US-041', files: ['one.txt', 'two.txt'] };
const only = async (one: Product) => {
  const [instance] = (await one.json<AgentStatus>('status', '--json')).instances;
  if (instance === undefined) throw new Error('no instance');
  return instance;
};

describe('an agent that has ended', () => {
  it('goes on by its session: same worktree, same branch, its log continued, judged anew', async () => {
    const one = temporaryProduct({
      items: [item],
      settings: { agent: 'claude', agents: fakeAgent('claude', 'no-commit') },
    });
    await one.run(...headless);
    const before = await only(one);
    expect(before).toMatchObject({ state: 'no-work' });

    one.configure({ agent: 'claude', agents: fakeAgent('claude') });
    const answer = await one.run('attach', 'US-041', '--message', 'Please do it <!-- fake: edit=two.txt -->');
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(answer.stdout).toContain(before.worktreePath);
    await one.run(...headless);

    const after = await only(one);
    expect(after).toMatchObject({
      state: 'merged',
      slug: before.slug,
      sessionId: before.sessionId,
      worktreePath: before.worktreePath,
      commits: 1,
    });
    expect(after.usage.costUsd).toBeCloseTo(0.0842);
    expect(one.read('two.txt')).toBe('written for US-041\n');
    const log = (await one.run('logs', 'US-041')).stdout;
    expect(log.match(/I will make the change/g)).toHaveLength(2);
  });

  it.runIf(isLong)('begins a new session in place where the program no longer knows the old one', async () => {
    const one = temporaryProduct({
      items: [item],
      settings: { agent: 'claude', agents: fakeAgent('claude', 'no-commit,lost-session') },
    });
    await one.run(...headless);
    const before = await only(one);
    await one.run('attach', 'US-041', '--message', 'Please do it');
    await one.run(...headless);
    expect(await only(one)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('No conversation found'),
      sessionId: null,
    });

    one.configure({ agent: 'claude', agents: fakeAgent('claude', 'lost-session') });
    await one.run('attach', 'US-041', '--message', 'Please do it');
    await one.run(...headless);
    const after = await only(one);
    expect(after).toMatchObject({ state: 'merged', slug: before.slug, worktreePath: before.worktreePath });
    expect(after.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(after.sessionId).not.toBe(before.sessionId);
    expect(one.read(`.git/cm-tui/runs/${after.slug}/prompt.md`)).toMatch(/## What happened before\n\n.*Please do it/);
  });

  it.runIf(isLong)('without a session it starts again in place, and is told what happened', async () => {
    const one = temporaryProduct({
      items: [item],
      settings: { agent: 'aider', agents: fakeAgent('aider', 'fail=out-of-credit') },
    });
    await one.run(...headless);
    expect(await only(one)).toMatchObject({ state: 'failed', reason: expect.stringContaining('out-of-credit') });
    one.configure({ agent: 'aider', agents: fakeAgent('aider') });
    const running = one.start('start', '--headless', '--approve', 'clean');
    await running.event(({ type }) => type === 'coordinator-started');
    expect(await one.run('attach', 'US-041', '--message', '')).toMatchObject({ code: 0, stderr: '' });
    await running.event(({ type }) => type === 'landed');
    running.kill('SIGTERM');
    await running.exit;
    const after = await only(one);
    expect(after).toMatchObject({ state: 'merged', reason: null });
    const prompt = one.read(`.git/cm-tui/runs/${after.slug}/prompt.md`);
    expect(prompt).toContain('## The work');
    expect(prompt).toMatch(/## What happened before\n\n.*out-of-credit/);
    expect(running.events.filter(({ type }) => type === 'instance-requested')).toEqual([]);
  });

  it.runIf(isLong)('a result from before does not end what goes on, also over a kill -9', async () => {
    const one = temporaryProduct({
      items: [item],
      settings: { agent: 'claude', agents: fakeAgent('claude', 'dirty'), resultGraceSeconds: 0.3 },
    });
    await one.run(...headless);
    expect(await only(one)).toMatchObject({ state: 'needs-attention' });
    const open = gate(one, 'agent');
    const switches = `until=${open.file},sleep=0.7`;
    one.configure({ agent: 'claude', agents: fakeAgent('claude', switches), resultGraceSeconds: 0.3 });
    expect(
      await one.run('attach', 'US-041', '--message', 'Commit all of it. <!-- fake: edit=one.txt -->'),
    ).toMatchObject({ code: 0 });
    const running = one.start(...headless);
    await running.event(({ type }) => type === 'instance-adopted');
    running.kill('SIGKILL');
    await running.exit;
    const next = one.start(...headless);
    await next.event(({ type }) => type === 'instance-adopted');
    open.open();
    expect(await next.exit).toMatchObject({ code: 0, stderr: '' });
    expect(await only(one)).toMatchObject({ state: 'merged', commits: 2 });
  });

  it('says why it cannot be resumed', async () => {
    const one = temporaryProduct({ items: [item], agent: 'exec sleep 60' });
    const running = one.start('start', '--headless');
    await running.event(({ type }) => type === 'instance-started');
    const busy = await one.run('attach', 'US-041', '--message', 'more');
    expect(busy.code).toBe(3);
    expect(busy.stderr).toContain('without a terminal');
    await one.run('cancel', 'US-041');
    const mute = await one.run('attach', 'US-041');
    expect(mute.code).toBe(3);
    expect(mute.stderr).toMatch(/^US-041 is not running\..*--message TEXT/);
    running.kill('SIGTERM');
    await running.exit;
  });
});
