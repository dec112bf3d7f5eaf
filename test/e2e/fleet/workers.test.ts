import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fleetProduct, noFleet } from '../../helpers/fleet/fleet-product.ts';
import { isLong } from '../../helpers/tiers.ts';

if (noFleet !== null) console.log(`Skipped here: workers as programs, since ${noFleet}.`);

const limitMs = 180_000;
const poll = { timeout: 60_000, interval: 100 };

/** Notes that it has begun, and works until the test lets it go on. */
const waiting = (base: string) =>
  `echo "$CM_KEY $$" >> ${base}/begun; while [ ! -e ${base}/go ]; do sleep 0.1; done; mkdir -p out && echo work > "out/$CM_KEY.txt" && git add -A && git commit -qm "Work of $CM_KEY"`;

async function world() {
  const one = await fleetProduct();
  const begun = join(one.base, 'begun');
  writeFileSync(join(one.base, 'agent.sh'), `#!/bin/sh\n${waiting(one.base)}\n`, { mode: 0o755 });
  const begins = () => (existsSync(begun) ? execFileSync('cat', [begun], { encoding: 'utf8' }).trim().split('\n') : []);
  return {
    ...one,
    begins,
    tryRef: (ref: string) => one.git('for-each-ref', '--format=%(objectname)', ref),
    /** How often an agent has begun: each time is money. */
    hasBegun: (count: number) => expect.poll(() => begins().length, poll).toBe(count),
    go: () => writeFileSync(join(one.base, 'go'), ''),
    start: () => one.start('start', '--headless'),
  };
}

describe.skipIf(noFleet !== null)('workers as programs of their own', () => {
  it(
    'F20: SIGTERM drains: what it has is finished and comes home, nothing new is taken, it ends with 0',
    async () => {
      const one = await world();
      one.start();
      const worker = one.worker('w1');
      await one.accept('w1');
      await one.hasBegun(1);
      worker.kill('SIGTERM');
      await expect.poll(async () => (await one.fleet()).workers[0]?.word, poll).toBe('draining');
      one.go();
      expect((await worker.exit).code).toBe(0);
      expect((await one.until('US-041', 'awaiting-approval')).commits).toBe(1);
      expect(one.begins()).toHaveLength(1);
    },
    limitMs,
  );

  it(
    'F1: killed with its agent at work, and started again, it finds it: one agent, one run, one result',
    async () => {
      const one = await world();
      one.start();
      const first = one.worker('w1');
      await one.accept('w1');
      await one.hasBegun(1);
      first.kill('SIGKILL');
      await first.exit;
      one.worker('w1');
      one.go();
      expect((await one.until('US-041', 'awaiting-approval')).commits).toBe(1);
      expect(one.begins()).toHaveLength(1);
      expect(await one.runs()).toHaveLength(1);
    },
    limitMs,
  );

  it.runIf(isLong)(
    'F1: its agent ends while it is away: the result is brought all the same',
    async () => {
      const one = await world();
      one.start();
      const first = one.worker('w1');
      await one.accept('w1');
      await one.hasBegun(1);
      first.kill('SIGKILL');
      await first.exit;
      one.go();
      const [, pid = ''] = one.begins()[0]?.split(' ') ?? [];
      await expect.poll(() => isAlive(Number(pid)), poll).toBe(false);
      one.worker('w1');
      expect((await one.until('US-041', 'awaiting-approval')).commits).toBe(1);
      expect(one.begins()).toHaveLength(1);
    },
    limitMs,
  );

  it.runIf(isLong)(
    'F8: the coordinator is killed and comes back after all has ended: it is judged once',
    async () => {
      const one = await world();
      const first = one.start();
      const worker = one.worker('w1');
      await one.accept('w1');
      await one.hasBegun(1);
      first.kill('SIGKILL');
      await first.exit;
      one.go();
      await expect.poll(() => resultOf(one.depot), poll).not.toBe('');
      const second = one.start();
      await one.until('US-041', 'awaiting-approval');
      const judged = second.events.filter(({ type }) => type === 'instance-judged');
      expect(judged).toHaveLength(1);
      expect(one.begins()).toHaveLength(1);
      worker.kill('SIGTERM');
      expect((await worker.exit).code).toBe(0);
    },
    limitMs,
  );

  it.runIf(isLong)(
    'F10 and F11: the engine is killed and loses everything: nothing is lost, and no second agent begins',
    async () => {
      const one = await world();
      one.start();
      one.worker('w1');
      await one.accept('w1');
      await one.hasBegun(1);
      await one.engine.kill();
      await one.engine.wipe();
      one.go();
      await expect.poll(() => resultOf(one.depot), poll).not.toBe('');
      await one.engine.startAgain();
      expect((await one.until('US-041', 'awaiting-approval')).commits).toBe(1);
      expect(one.begins()).toHaveLength(1);
      expect(await one.runs()).toHaveLength(1);
    },
    limitMs,
  );

  it.runIf(isLong)(
    'F6: the depot is away when the run ends: its result waits on the worker and comes later',
    async () => {
      const one = await world();
      one.start();
      one.worker('w1');
      await one.accept('w1');
      await one.hasBegun(1);
      execFileSync('mv', [one.depot, `${one.depot}.away`]);
      one.go();
      const [, pid = ''] = one.begins()[0]?.split(' ') ?? [];
      await expect.poll(() => isAlive(Number(pid)), poll).toBe(false);
      // It beats, so it is not lost.
      expect((await one.until('US-041', 'running')).reason).toBeNull();
      execFileSync('mv', [`${one.depot}.away`, one.depot]);
      expect((await one.until('US-041', 'awaiting-approval')).commits).toBe(1);
    },
    limitMs,
  );

  it.runIf(isLong)(
    'F21: without the agent there it is given back, and the run says why',
    async () => {
      const one = await world();
      one.start();
      one.worker('w1');
      await one.accept('w1');
      rmSync(join(one.base, 'agent.sh'));
      const { reason } = await one.until('US-041', 'failed', 'needs-attention', 'no-work');
      expect(reason).toMatch(/agent\.sh|127|not found|given back/);
    },
    limitMs,
  );

  it.runIf(isLong)(
    'F2: worker and agent die: no contact is said, then it is interrupted and begun again elsewhere',
    async () => {
      const one = await world();
      one.start();
      const first = one.worker('w1');
      await one.accept('w1');
      await one.hasBegun(1);
      one.worker('w2');
      await one.accept('w2');
      first.kill('SIGKILL');
      await first.exit;
      endAgent(one.begins()[0]);
      await expect.poll(async () => (await one.runs())[0]?.reason, poll).toBe('no contact with w1');
      await expect.poll(async () => (await one.runs())[0]?.state, poll).toBe('interrupted');
      await one.hasBegun(2);
      one.go();
      expect(await one.until('US-041', 'awaiting-approval')).toMatchObject({ commits: 1, slug: '041-2' });
    },
    limitMs,
  );

  it.runIf(isLong)(
    'F5 and F7: a stopped worker wakes after its run was given away: its result is kept, and changes nothing',
    async () => {
      const one = await world();
      const coordinator = one.start();
      const first = one.worker('w1');
      await one.accept('w1');
      await one.hasBegun(1);
      one.worker('w2');
      await one.accept('w2');
      first.kill('SIGSTOP');
      await one.hasBegun(2);
      one.go();
      const before = await one.until('US-041', 'awaiting-approval');
      first.kill('SIGCONT');
      const { epoch } = await coordinator.event(({ type }) => type === 'late-result');
      expect(epoch).toBe(1);
      await expect.poll(() => one.tryRef('refs/cm/late/041/1'), poll).toMatch(/^[0-9a-f]{40}$/);
      expect(await one.until('US-041', 'awaiting-approval')).toEqual(before);
      expect(one.begins()).toHaveLength(2);
    },
    limitMs,
  );
});

/** What a worker has pushed; empty: nothing, or only its claim. */
function resultOf(depot: string): string {
  const args = ['--git-dir', depot, 'for-each-ref', '--format=%(contents:subject)', 'refs/cm/runs'];
  const subject = execFileSync('git', args, { encoding: 'utf8' }).trim();
  return subject.startsWith('cm claim') ? '' : subject;
}

/** It leads a process group of its own. */
function endAgent(begun = ''): void {
  process.kill(Number(begun.split(' ')[1]), 'SIGKILL');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
