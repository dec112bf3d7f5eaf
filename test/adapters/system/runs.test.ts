import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { callerOf } from '../../../source/adapters/processes/table/callers.ts';
import { linux } from '../../../source/adapters/system/linux/linux.ts';
import { portable } from '../../../source/adapters/system/portable/portable.ts';
import { system } from '../../../source/adapters/system/system.ts';
import type { ProcessIdentity } from '../../../source/domain/ids.ts';
import { isRunning, until, Workshop } from '../../helpers/programs/processes.ts';
import { bundleProgram, Program } from '../../helpers/programs/programs.ts';
import { onBothSystems } from '../../helpers/programs/systems.ts';

const graceMs = [300, 300] as const;

onBothSystems(which => {
  test('a run that ends at once has its exit code', async () => {
    const shop = new Workshop();
    expect(await shop.finish('exit 42')).toMatchObject({ status: 'exited', exitCode: 42 });
    expect(await shop.probe(null, shop.another())).toMatchObject({ status: 'exited', exitCode: 42 });
  });

  test('a run survives kill -9 of its coordinator, is adopted by the next, and told from a stranger', async () => {
    const shop = new Workshop();
    const command = 'until [ -e go ]; do sleep 0.01; done; exit 7';
    const bundle = await bundleProgram('run-starter');
    const starter = new Program([process.execPath, bundle, shop.runsDir, shop.runId, shop.dir, command]);
    const identity: ProcessIdentity = JSON.parse(await starter.line(/^\{/));
    starter.kill('SIGKILL');
    await starter.ended;
    const next = shop.another();
    expect(await shop.probe(identity, next)).toEqual({ status: 'alive', process: identity });
    expect(await shop.probe(null, next)).toEqual({ status: 'alive', process: identity });
    const stale = { ...identity, startTime: which === 'linux' ? '1' : 'Mon Jan  1 00:00:00 2001' };
    expect(await shop.probe(stale, next)).toEqual({ status: 'lost', why: 'pid-reused' });
    expect(await shop.probe({ ...identity, bootId: 'earlier' }, next)).toEqual({ status: 'lost', why: 'reboot' });
    const ended = shop.ended(identity, next);
    fs.writeFileSync(path.join(shop.dir, 'go'), '');
    expect(await ended).toMatchObject({ status: 'exited', exitCode: 7 });
  });

  test('a run is measured and ended with what has left its session; no number below 2 is signalled', async () => {
    const shop = new Workshop();
    const identity = await shop.start('setsid sh -c "echo \\$\\$ >daemon; exec sleep 100" & exec sleep 100');
    const daemon = await shop.pidIn('daemon');
    await until(async () => (await shop.processes.usage([shop.runId]))[shop.runId]?.count === 3);
    for (const pid of [0, 1])
      await shop.processes.killTree('d'.repeat(16), '045', { ...identity, pid }, { graceMs: [0, 0] });
    expect([identity.pid, daemon].every(isRunning)).toBe(true);
    expect(await shop.another().killTree(shop.runId, '043', identity, { graceMs })).toBe(0);
    expect([identity.pid, daemon].filter(isRunning)).toEqual([]);
  });

  test('what nothing proves to be the run’s is named where it stands, and never signalled', async () => {
    const shop = new Workshop();
    const folder = path.join(shop.dir, 'tree');
    fs.mkdirSync(folder);
    const identity = await shop.start('exec sleep 300', { cwd: folder });
    const foreign = spawn('sleep', ['300'], { cwd: folder, env: {}, detached: true, stdio: 'ignore' });
    try {
      const strays = async () => (await shop.processes.strays?.(shop.runId, identity, folder))?.map(({ pid }) => pid);
      await until(async () => (await strays())?.join() === String(foreign.pid));
      expect(await shop.processes.killTree(shop.runId, '043', identity, { graceMs: [0, 0] })).toBe(0);
      expect(isRunning(foreign.pid ?? 0)).toBe(true);
      const occupants = vi.spyOn(which === 'linux' ? linux : portable, 'occupants').mockResolvedValue(null);
      expect(await shop.processes.strays?.(shop.runId, identity, folder), 'unknown').toBeNull();
      occupants.mockRestore();
    } finally {
      foreign.kill('SIGKILL');
    }
  });

  test.each([
    ['with an empty environment', (it: string) => `env -i ${it}`, 'run', 'run'],
    [
      'with an empty environment, its ancestors gone',
      (it: string) => `env -i /usr/bin/setsid -f ${it}`,
      'run',
      'unknown',
    ],
  ])('who asks %s is never taken for a person', async (_how, leave, onLinux, elsewhere) => {
    const shop = new Workshop();
    const asker = `/bin/sh -c 'echo $$ >"${shop.dir}/asker.tmp"; mv "${shop.dir}/asker.tmp" "${shop.dir}/asker"; exec sleep 300'`;
    const identity = await shop.start(`{ ${leave(asker)}\n} </dev/null >/dev/null 2>&1 & sleep 300`);
    const pid = await shop.pidIn('asker');
    await until(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep'));
    const runs = { leaders: [{ runId: shop.runId, process: identity }], ids: () => [shop.runId] };
    const expected = which === 'linux' ? onLinux : elsewhere;
    expect(await callerOf(system().table, pid, runs)).toMatchObject({ kind: expected });
    expect(await callerOf(system().table, process.pid, runs)).toEqual({ kind: 'person' });
    if (expected === 'unknown') process.kill(pid, 'SIGKILL');
  });
});
