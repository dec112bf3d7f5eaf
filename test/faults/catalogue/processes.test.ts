import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { editJournal } from '../../helpers/core/journals.ts';
import { committingAgent } from '../../helpers/programs/product.ts';
import { bearersOf, endBearers, eventually, isLiving } from '../../helpers/programs/survivors.ts';
import { isLong } from '../../helpers/tiers.ts';
import { landedKeys, leave, leftAlone, letGo, only, seen, shopOf, waiting } from '../cases.ts';
import { headless } from '../invariants.ts';

/** Cases of the fault catalogue (docs/faults.md) that concern processes, on the built program; the number is the case's. */

describe('agents that end in odd ways', () => {
  test.runIf(isLong)(
    '13: only its shim is killed: the agent works on, its work is kept, its end is unknown',
    async () => {
      const one = shopOf(1, { agent: waiting });
      await leftAlone(one, 1);
      // A shim that is killed before it has started the agent leaves nothing to adopt.
      await eventually(() => bearersOf(one).some(({ command }) => command.startsWith('/bin/sh /')), 'the agent');
      const shim = bearersOf(one).find(({ command }) => command.includes('trap : HUP'));
      if (shim === undefined) throw new Error('no shim');
      process.kill(shim.pid, 'SIGKILL');
      await eventually(() => !isLiving(shim.pid), 'the end of the shim');
      const owner = one.start(...headless);
      await owner.event(({ type }) => type === 'instance-adopted');
      letGo(one);
      const judged = await owner.event(({ type }) => type === 'instance-judged');
      expect(judged).toMatchObject({ state: 'interrupted', commits: 1 });
      expect(one.git('log', '--format=%s', '-1', 'roadmap-041')).toBe('Work of US-041');
      // What was interrupted is tried again by the work loop, in a worktree of its own.
      expect((await owner.exit).code).toBe(0);
      expect(one.git('branch', '--list', 'roadmap-041*').split('\n')).toHaveLength(2);
    },
  );

  test.runIf(isLong)(
    '14: the whole group is killed by something unknown: interrupted, not failed; the others land',
    async () => {
      const one = shopOf(2, { agent: only('US-041', 'kill -KILL 0') });
      expect((await one.run(...headless)).code).toBe(1);
      const runs = await seen(one);
      expect(runs['US-041']).toMatchObject({ state: 'interrupted', exitCode: null });
      expect(runs['US-041']?.reason).toContain('killed by something unknown');
      expect(runs['US-042']?.state).toBe('merged');
    },
  );

  test.runIf(isLong)('18: an agent that fills its disk fails alone, and its exit code is known', async () => {
    const one = shopOf(2, { agent: only('US-041', 'ulimit -f 64; yes "all work and no play"') });
    expect((await one.run(...headless)).code).toBe(1);
    const runs = await seen(one);
    expect(runs['US-041']?.state).toBe('failed');
    expect(runs['US-041']?.exitCode).toBeGreaterThan(0);
    expect(runs['US-042']?.state).toBe('merged');
  });

  test.runIf(isLong)(
    '44: a command that is missing, may not be executed, or fails at once fails alone and says why',
    async () => {
      const one = shopOf(4);
      one.write(
        join(one.base, 'agent.sh'),
        `#!/bin/sh\n${[
          'case $CM_KEY in',
          'US-041) exec /no/such/program ;;',
          'US-042) exec / ;;',
          'US-043) echo "no key" >&2; exit 3 ;;',
          `*) ${committingAgent} ;;`,
          'esac',
        ].join('\n')}\n`,
      );
      expect((await one.run(...headless)).code).toBe(1);
      const runs = await seen(one);
      expect(['US-041', 'US-042', 'US-043', 'US-044'].map(key => [runs[key]?.state, runs[key]?.exitCode])).toEqual([
        ['failed', 127],
        ['failed', 126],
        ['failed', 3],
        ['merged', 0],
      ]);
      expect(runs['US-041']?.reason).toContain('not found');
    },
  );
});

describe('more processes than one', () => {
  test.runIf(isLong)('41: a bounded fork bomb is ended as a whole', async () => {
    const one = shopOf(1, { agent: 'for n in $(seq 150); do sleep 300 & done; wait' });
    expect((await one.run('spawn', '--priority', 'US-041')).code).toBe(0);
    await eventually(() => bearersOf(one).length >= 150, 'all of them');
    expect((await one.run('cancel', 'US-041')).code).toBe(0);
    expect(bearersOf(one)).toEqual([]);
  });

  const leaving = `setsid sleep 300 &\n${committingAgent}`;

  test.runIf(isLong)('42: what outlives an agent is shown and kept, and ended on request', async () => {
    const one = shopOf(1, { agent: leaving, settings: { pollSeconds: 1 } });
    const owner = one.start('start', '--headless', '--approve', 'clean');
    const told = await owner.event(
      ({ type, text }) => type === 'notice-raised' && String(text).includes('left running'),
    );
    expect(told).toMatchObject({
      text: 'US-041 ended but left running 1 process; stop them with "cm-tui cancel US-041"',
    });
    expect(bearersOf(one)).toHaveLength(1);
    expect(await one.run('cancel', 'US-041')).toMatchObject({ code: 0 });
    await eventually(() => bearersOf(one).length === 0, 'its end');
    await leave(owner);
    expect(landedKeys(one)).toEqual(['US-041']);
  });

  test.runIf(isLong)('42: by the settings it is ended without being asked', async () => {
    const one = shopOf(1, { agent: leaving, settings: { pollSeconds: 1, leftovers: 'end' } });
    const owner = one.start('start', '--headless', '--approve', 'clean');
    await owner.event(({ type, text }) => type === 'notice-raised' && String(text).includes('stopping them'));
    await eventually(() => bearersOf(one).length === 0, 'its end');
    await leave(owner);
  });
});

describe('identities from before', () => {
  test.runIf(isLong)(
    '51: after a restart of the machine the runs are interrupted, nothing is signalled, and they run again',
    async () => {
      const one = shopOf(2, { agent: waiting });
      await leftAlone(one, 2);
      // The machine of the journal is another one; its processes ended with it.
      endBearers(one);
      editJournal(one, data => data.replaceAll(/"bootId":"[^"]*"/g, '"bootId":"an-earlier-boot"'));
      letGo(one);
      const owner = one.start(...headless);
      expect(await owner.exit).toMatchObject({ code: 0 });
      const exits = owner.events.filter(({ type }) => type === 'instance-exited').slice(0, 2);
      expect(exits.map(({ lost }) => lost)).toEqual(['reboot', 'reboot']);
      expect(landedKeys(one)).toEqual(['US-041', 'US-042']);
    },
  );

  test.runIf(isLong)('52: a pid that belongs to somebody else by now is never signalled', async () => {
    const one = shopOf(1, { agent: waiting });
    await leftAlone(one, 1);
    const stranger = bearersOf(one).find(({ command }) => command.includes('trap : HUP'));
    if (stranger === undefined) throw new Error('no shim');
    editJournal(one, data => data.replaceAll(/"startTime":"\d+"/g, '"startTime":"1"'));
    const looked = await seen(one);
    expect(looked['US-041']?.state).not.toBe('running');
    await one.run('cancel', 'US-041');
    expect(isLiving(stranger.pid), 'the process of that number lives').toBe(true);
  });
});

describe('a busy machine', () => {
  test.runIf(isLong)(
    '76: of fifty items only as many run as the machine bears, and commands answer meanwhile',
    async () => {
      const one = shopOf(9, { agent: waiting });
      const roadmap = Array.from(
        { length: 50 },
        (_, n) =>
          `### US-1${String(n).padStart(2, '0')}: Item\n\n**Status**: 📝 Planned\n**Files**: \`out/${n}.txt\`\n`,
      );
      one.write('docs/roadmap/ROADMAP.md', `# Roadmap\n\n${roadmap.join('\n')}`);
      one.commit('Fifty items');
      const owner = one.with({ CM_TUI_MACHINE: '95,95' }).start('start', '--headless');
      await owner.event(({ type }) => type === 'instance-started');
      const plan = await one.json<{
        readonly waiting: readonly { readonly reasons: readonly { readonly code: string }[] }[];
      }>('plan', '--json');
      expect(plan.waiting.filter(({ reasons }) => reasons.some(({ code }) => code === 'capacity'))).toHaveLength(49);
      expect(owner.events.filter(({ type }) => type === 'instance-started')).toHaveLength(1);
      await leave(owner);
    },
  );
});
