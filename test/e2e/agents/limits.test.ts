import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AgentStatus, fakeAgent, fakeAgentPath } from '../../helpers/programs/fake-agents.ts';
import { until } from '../../helpers/programs/processes.ts';
import type { Product } from '../../helpers/programs/product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
/** A fake that is resumed knows nothing of its scope, and writes `fake.txt`. */
const three = ['US-041', 'US-042', 'US-043'].map(id => ({
  id,
  files: [`${id}.txt`, ...(id === 'US-041' ? ['fake.txt'] : [])],
}));

/**
 * A codex that reports a limit of so many seconds the first time that it works at the first item, works at the second item until it is let
 * go, and is quick otherwise. After the limit the first item continues in the same worktree.
 */
const limitedCodex = (base: string, seconds: number) => `case "$PWD" in
  *-wt041) if ! mkdir ${base}/limited 2>/dev/null; then date +%s%3N >> ${base}/started; exec ${fakeAgentPath('codex')} "$@"; fi
    exec env FAKE_AGENT=rate-limit=${seconds} ${fakeAgentPath('codex')} "$@" ;;
  *-wt042) while [ ! -e ${base}/go ]; do sleep 0.05; done; exec ${fakeAgentPath('codex')} "$@" ;;
  *) date +%s%3N >> ${base}/started; exec ${fakeAgentPath('codex')} "$@" ;;
esac`;

function limited(seconds: number): Product {
  const one = temporaryProduct({ items: three });
  one.write(`${one.base}/agent.sh`, `#!/bin/sh\n${limitedCodex(one.base, seconds)}\n`);
  one.configure({ agent: 'codex', agents: { codex: { command: `${one.base}/agent.sh` } }, maxParallel: 2 });
  return one;
}

interface Plan {
  readonly waiting: readonly { readonly id: string; readonly reasons: readonly { code: string; detail: string }[] }[];
}

describe('a rate limit', () => {
  it('holds new spawns, says until when, and lets running work go on', async () => {
    const one = limited(3600);
    const running = one.start(...headless);
    const cooldown = await running.event(({ type }) => type === 'cooldown-started');
    const until = new Date(Number(cooldown.until)).toISOString();
    await running.event(({ type, state }) => type === 'instance-judged' && state === 'waiting');
    const [status, plan] = await Promise.all([
      one.json<AgentStatus>('status', '--json'),
      one.json<Plan>('plan', '--json'),
    ]);
    expect(status.cooldowns).toEqual([{ agent: 'codex', until }]);
    expect(status.instances.find(({ key }) => key === 'US-042')?.state).toBe('running');
    const reasons = plan.waiting.find(({ id }) => id === 'US-043')?.reasons ?? [];
    expect(reasons).toEqual([{ code: 'cooldown', detail: expect.stringContaining(until) }]);

    one.write(`${one.base}/go`, '');
    await running.event(({ type }) => type === 'landed');
    running.kill('SIGTERM');
    await running.exit;
    expect(one.git('log', '--merges', '--format=%s', 'roadmap')).toBe('Merge US-042 parallel execution');
    expect(existsSync(`${one.base}/started`)).toBe(false);
  });

  it.runIf(isLong)('is over by itself: then all goes on, the item that ran into it included', async () => {
    const one = limited(1);
    const running = one.start(...headless);
    const cooldown = await running.event(({ type }) => type === 'cooldown-started');
    one.write(`${one.base}/go`, '');
    expect(await running.exit).toMatchObject({ code: 0 });
    const starts = one.read(`${one.base}/started`).trim().split('\n').map(Number);
    expect(starts).toHaveLength(2);
    for (const start of starts) expect(start).toBeGreaterThanOrEqual(Number(cooldown.until));
    expect(one.git('log', '--merges', '--format=%s', 'roadmap').split('\n')).toHaveLength(3);
  });

  it.runIf(isLong)('outlives a kill -9, and the log that told it does not begin it anew', async () => {
    const one = temporaryProduct({
      items: three,
      settings: { agent: 'codex', agents: fakeAgent('codex', 'rate-limit=3600'), maxParallel: 1 },
    });
    const first = one.start(...headless);
    const cooldown = await first.event(({ type }) => type === 'cooldown-started');
    first.kill('SIGKILL');
    await first.exit;
    const second = one.start(...headless);
    await second.event(({ type }) => type === 'coordinator-started');
    // Whichever of the two came to judge it.
    await until(async () => (await one.json<AgentStatus>('status', '--json')).instances[0]?.state === 'waiting');
    const status = await one.json<AgentStatus>('status', '--json');
    expect(status.cooldowns).toEqual([{ agent: 'codex', until: new Date(Number(cooldown.until)).toISOString() }]);
    second.kill('SIGTERM');
    await second.exit;
    expect(second.events.filter(({ type }) => type === 'instance-requested')).toEqual([]);
  });

  it.runIf(isLong)('another agent takes over meanwhile, where the settings name one', async () => {
    const one = temporaryProduct({
      items: three,
      settings: {
        agent: 'codex',
        fallbackAgents: ['claude'],
        agents: { ...fakeAgent('codex', 'rate-limit=3600'), ...fakeAgent('claude') },
        maxParallel: 1,
      },
    });
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    const agents = (await one.json<AgentStatus>('status', '--json')).instances.map(({ agent, state }) => [
      agent,
      state,
    ]);
    expect(agents[0]).toEqual(['codex', 'failed']);
    expect(agents.slice(1)).toEqual([
      ['claude', 'merged'],
      ['claude', 'merged'],
      ['claude', 'merged'],
    ]);
  });
});

it.runIf(isLong)('a cost cap holds new spawns once it is spent', async () => {
  const one = temporaryProduct({
    items: three,
    settings: { agent: 'claude', agents: fakeAgent('claude'), maxParallel: 1, costCapUsd: 0.05 },
  });
  expect((await one.run(...headless)).code).toBe(1);
  const status = await one.json<AgentStatus>('status', '--json');
  expect(status.instances.map(({ state }) => state)).toEqual(['merged', 'merged']);
  expect(status.usage.costUsd).toBeCloseTo(0.0842);
  const { waiting } = await one.json<Plan>('plan', '--json');
  expect(waiting[0]?.reasons).toEqual([{ code: 'cost', detail: expect.stringContaining('$0.08 of $0.05') }]);
});
