import { describe, expect, it } from 'vitest';
import { editJournal } from '../../helpers/core/journals.ts';
import { type AgentStatus, agentTraits, fakeAgent } from '../../helpers/programs/fake-agents.ts';
import type { Product } from '../../helpers/programs/product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const item = { id: 'US-041', files: ['one.txt'] };
const merges = (one: Product) => one.git('log', '--merges', '--format=%s', 'roadmap');

describe('agents by their own output', () => {
  it('claude tells its result and never ends: it is ended after the grace, and its work lands', async () => {
    const one = temporaryProduct({
      items: [item],
      settings: { agent: 'claude', agents: fakeAgent('claude', 'hang-after-result'), resultGraceSeconds: 0.3 },
    });
    const running = one.start(...headless);
    await running.event(({ type }) => type === 'end-requested');
    expect(await running.exit).toMatchObject({ code: 0, stderr: '' });
    expect(running.events.find(({ type }) => type === 'result-reported')).toMatchObject({ ok: true });
    expect(merges(one)).toBe('Merge US-041 parallel execution');

    const status = await one.json<AgentStatus>('status', '--json');
    const [instance] = status.instances;
    expect(instance).toMatchObject({ state: 'merged', reason: null, commits: 1 });
    expect(instance?.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(instance?.usage).toEqual({ inputTokens: 3336, outputTokens: 120, costUsd: 0.0421 });
    expect(status.usage.costUsd).toBe(0.0421);
    expect(Date.parse(instance?.lastOutputTime ?? '')).toBeGreaterThan(0);
    const log = (await one.run('logs', 'US-041')).stdout;
    expect(log).toContain('I will make the change.');
    expect(log).not.toMatch(/[{}]/);
  });

  it.runIf(isLong)(
    'each item has the program it asks for, by its own command line; all of them land, and none leaves an event in its log',
    async () => {
      const traits = agentTraits();
      const names = traits.map(({ name }) => name);
      const ids = names.map((name, index) => [name, `US-05${index}`] as const);
      const one = temporaryProduct({
        items: ids.map(([name, id]) => ({ id, files: [`${id}.txt`], extra: `**Agent program**: ${name}` })),
        settings: {
          agent: 'demo',
          agents: Object.assign({}, ...names.map(name => fakeAgent(name, 'garbage,huge-line=1'))),
        },
      });
      expect(await one.run(...headless)).toMatchObject({ code: 0, stderr: '' });
      const { instances } = await one.json<AgentStatus>('status', '--json');
      expect(instances.map(({ key, agent, state }) => [agent, key, state]).sort()).toEqual(
        ids.map(([name, id]) => [name, id, 'merged']).sort(),
      );
      const sessions = instances.filter(({ sessionId }) => sessionId !== null).map(({ agent }) => agent);
      expect(sessions.sort()).toEqual(traits.flatMap(({ name, silent }) => (silent === true ? [] : [name])).sort());
      expect(instances.find(({ agent }) => agent === 'aider')?.usage.costUsd).toBe(0.05);
      expect(merges(one).split('\n')).toHaveLength(names.length);
    },
  );

  it('failures are failures with their words, also of programs that end with 0; nothing lands', async () => {
    const traps: readonly (readonly [string, string, RegExp])[] = [
      ['codex', 'fail=out-of-credit', /^out-of-credit/],
      ['aider', 'fail=out-of-credit', /out-of-credit/],
      ['opencode', 'fail=out-of-credit', /^out-of-credit/],
      ['gemini', 'fail=out-of-credit', /^exit code 53: out-of-credit/],
      ['claude', 'exit=3', /^exit code 3/],
    ];
    const one = temporaryProduct({
      items: traps.map(([name], index) => ({
        id: `US-05${index}`,
        files: [`US-05${index}.txt`],
        extra: `**Agent program**: ${name}`,
      })),
      settings: {
        agent: 'demo',
        agents: Object.assign({}, ...traps.map(([name, switches]) => fakeAgent(name, switches))),
      },
    });
    const before = one.git('rev-parse', 'roadmap');
    expect((await one.run(...headless)).code).toBe(1);
    const { instances } = await one.json<AgentStatus>('status', '--json');
    expect(instances).toHaveLength(traps.length);
    for (const [name, , words] of traps) {
      const failed = instances.find(({ agent }) => agent === name);
      expect(failed).toMatchObject({ agent: name, state: 'failed', reason: expect.stringMatching(words) });
    }
    expect(one.git('rev-parse', 'roadmap')).toBe(before);
  });

  it.runIf(isLong)(
    'an agent that prints nothing is ended, one that works too long as well; each says why',
    async () => {
      const ticking = 'while :; do echo tick; sleep 0.1; done';
      const limits = [
        ['exec sleep 60', { noOutputTimeout: 0.6 }, 'printed nothing for 0.6 seconds (noOutputTimeout)'],
        [ticking, { agentTimeout: 1.2 }, 'did not finish within 1.2 seconds (agentTimeout)'],
      ] as const;
      for (const [agent, settings, reason] of limits) {
        const one = temporaryProduct({ items: [item], agent, settings });
        expect((await one.run(...headless)).code).toBe(1);
        const [instance] = (await one.json<AgentStatus>('status', '--json')).instances;
        expect(instance).toMatchObject({ state: 'failed', reason });
      }
    },
  );

  it.runIf(isLong)('a result without its line end is found when the silence is over', async () => {
    const result = JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: 'done' });
    const one = temporaryProduct({
      items: [item],
      agent: `echo x > one.txt; git add -A; git commit -qm work; printf '%s' '${result}'; exec sleep 60`,
      settings: { noOutputTimeout: 0.6 },
    });
    one.configure({
      noOutputTimeout: 0.6,
      agent: 'script',
      agents: { script: { command: `${one.base}/agent.sh`, reader: 'claude' } },
    });
    expect(await one.run(...headless)).toMatchObject({ code: 0, stderr: '' });
    expect(merges(one)).toBe('Merge US-041 parallel execution');
  });

  it.runIf(isLong)('a limit goes on counting over a kill -9 of cm-tui', async () => {
    const one = temporaryProduct({
      items: [item],
      agent: 'exec sleep 600',
      settings: { agentTimeout: 3000, noOutputTimeout: 0 },
    });
    const first = one.start(...headless);
    await first.event(({ type }) => type === 'instance-started');
    first.kill('SIGKILL');
    await first.exit;
    // As if it had been started an hour ago: counted from the next start of cm-tui, the limit would be far away.
    const hour = 3_600_000;
    editJournal(one, data => data.replace(/"(at|up)":([\d.]+)/g, (_, name, ms) => `"${name}":${Number(ms) - hour}`));
    const second = one.start(...headless);
    await second.event(({ type }) => type === 'end-requested');
    expect((await second.exit).code).toBe(1);
    const [instance] = (await one.json<AgentStatus>('status', '--json')).instances;
    expect(instance).toMatchObject({ state: 'failed', reason: expect.stringContaining('agentTimeout') });
  });
});
