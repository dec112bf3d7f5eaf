import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProcesses } from '../../../source/adapters/processes/processes.ts';
import type { ProcessIdentity } from '../../../source/domain/ids.ts';
import { isRunning, until, Workshop } from '../../helpers/programs/processes.ts';
import { bundleProgram, Program } from '../../helpers/programs/programs.ts';

/** Runs a command from a program of its own, which is killed at once. */
async function orphaned(shop: Workshop, command: string): Promise<ProcessIdentity> {
  const starter = new Program([
    process.execPath,
    await bundleProgram('run-starter'),
    shop.runsDir,
    shop.runId,
    shop.dir,
    command,
  ]);
  const identity: ProcessIdentity = JSON.parse(await starter.line(/^\{/));
  starter.kill('SIGKILL');
  await starter.ended;
  return identity;
}

const waitForGo = 'echo before; until [ -e go ]; do sleep 0.01; done; echo after; exit 42';

describe('a run whose coordinator was killed', () => {
  test('goes on, is found alive by another instance and leaves its exit code', async () => {
    const shop = new Workshop();
    const identity = await orphaned(shop, waitForGo);
    const next = shop.another();
    expect(await shop.probe(identity, next)).toEqual({ status: 'alive', process: identity });
    const ended = shop.ended(identity, next);
    await until(() => shop.file('out.log') === 'before\n');
    fs.writeFileSync(path.join(shop.dir, 'go'), '');
    expect(await ended).toEqual({ status: 'exited', exitCode: 42, endTime: expect.any(Number) });
    expect(shop.file('out.log')).toBe('before\nafter\n');
    expect(await shop.probe(identity, shop.another()), 'however often it is asked').toMatchObject({ exitCode: 42 });
  });

  test('is found by its pid file where the journal has no identity', async () => {
    const shop = new Workshop();
    const identity = await orphaned(shop, waitForGo);
    await until(() => shop.file('pid'));
    expect(await shop.probe(null)).toEqual({ status: 'alive', process: identity });
  });

  test('is found by its cookie where even the pid file is missing', async () => {
    const shop = new Workshop();
    const identity = await orphaned(shop, waitForGo);
    await until(() => shop.file('out.log'));
    fs.rmSync(shop.runsDir, { recursive: true });
    expect(await shop.probe(null)).toEqual({ status: 'alive', process: identity });
  });

  test('is ended by another instance, with all it has started', async () => {
    const shop = new Workshop();
    const identity = await orphaned(shop, 'setsid sh -c "echo \\$\\$ >daemon; exec sleep 100" & exec sleep 100');
    const daemon = await shop.pidIn('daemon');
    expect(await shop.another().killTree(shop.runId, '043', identity, { graceMs: [500, 500] })).toBe(0);
    expect([identity.pid, daemon].filter(isRunning)).toEqual([]);
  });
});

describe('watching', () => {
  test('tells an end that came before it began', async () => {
    const shop = new Workshop();
    const identity = await shop.start('exit 5');
    await until(() => shop.file('exit'));
    expect(await shop.ended(identity, shop.another())).toMatchObject({ exitCode: 5 });
  });

  test('tells each watcher once, and none that has stopped', async () => {
    const shop = new Workshop();
    const identity = await shop.start(waitForGo);
    const heard: string[] = [];
    const stop = shop.processes.watch(shop.runId, '043', identity, () => heard.push('stopped'));
    shop.processes.watch(shop.runId, '043', identity, () => heard.push('first'));
    const last = shop.ended(identity);
    stop();
    fs.writeFileSync(path.join(shop.dir, 'go'), '');
    await last;
    await until(async () => (await shop.processes.leftovers(shop.runId)) === 0);
    expect(heard).toEqual(['first']);
  });

  test('is not held up by processes that are left behind; they are counted', async () => {
    const shop = new Workshop();
    const status = await shop.finish('sleep 100 & exit 0');
    expect(status).toMatchObject({ status: 'exited', exitCode: 0 });
    await until(async () => (await shop.processes.leftovers(shop.runId)) === 1);
    await shop.processes.killTree(shop.runId, '043', null, { graceMs: [500, 500] });
    expect(await shop.processes.leftovers(shop.runId)).toBe(0);
  });
});

describe('signals to the shim', () => {
  test.each(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR1'] as const)('%s does not end the run', async signal => {
    const shop = new Workshop();
    const identity = await shop.start(waitForGo);
    await until(() => shop.file('out.log'));
    process.kill(identity.pid, signal);
    fs.writeFileSync(path.join(shop.dir, 'go'), '');
    expect(await shop.ended(identity)).toMatchObject({ status: 'exited', exitCode: 42 });
  });

  test('a killed shim leaves the agent at work; its end has no exit code', async () => {
    const shop = new Workshop();
    const identity = await shop.start(waitForGo);
    await until(() => shop.file('out.log'));
    const ended = shop.ended(identity);
    process.kill(identity.pid, 'SIGKILL');
    await until(() => !isRunning(identity.pid));
    expect(await shop.probe(identity)).toEqual({ status: 'alive', process: identity });
    fs.writeFileSync(path.join(shop.dir, 'go'), '');
    expect(await ended).toEqual({ status: 'lost', why: 'killed' });
    expect(shop.file('out.log')).toBe('before\nafter\n');
  });

  test('a killed group is lost', async () => {
    const shop = new Workshop();
    const identity = await shop.start('exec sleep 100');
    const ended = shop.ended(identity);
    process.kill(-identity.pid, 'SIGKILL');
    expect(await ended).toEqual({ status: 'lost', why: 'killed' });
  });
});

describe('an identity that is not the run any more', () => {
  test('another start time: the pid was reused, and nothing is signalled', async () => {
    const shop = new Workshop();
    const identity = await shop.start('exec sleep 100');
    const stale = { ...identity, startTime: String(Number(identity.startTime) - 1) };
    expect(await shop.probe(stale)).toEqual({ status: 'lost', why: 'pid-reused' });
    const stranger = 'aaaaaaaaaaaaaaaa';
    expect(await shop.processes.killTree(stranger, '044', stale, { graceMs: [0, 0] })).toBe(0);
    expect(isRunning(identity.pid)).toBe(true);
  });

  test('another boot: the machine was restarted, and nothing is signalled', async () => {
    const shop = new Workshop();
    const identity = await shop.start('exec sleep 100');
    const before = { ...identity, bootId: '00000000-0000-0000-0000-000000000000' };
    expect(await shop.probe(before)).toEqual({ status: 'lost', why: 'reboot' });
    expect(await shop.processes.killTree('aaaaaaaaaaaaaaaa', '044', before, { graceMs: [0, 0] })).toBe(0);
    expect(isRunning(identity.pid)).toBe(true);
  });

  test('a pid file that names a stranger', async () => {
    const shop = new Workshop();
    await shop.finish('exit 0');
    fs.rmSync(path.join(shop.runsDir, '043', 'exit'));
    fs.writeFileSync(path.join(shop.runsDir, '043', 'pid'), `${process.pid}\n`);
    expect(await shop.probe(null)).toEqual({ status: 'lost', why: 'pid-reused' });
    expect(await shop.processes.killTree(shop.runId, '043', null, { graceMs: [0, 0] })).toBe(0);
  });

  test('a pid file from before the last boot', async () => {
    const shop = new Workshop();
    await shop.finish('exit 0');
    const folder = path.join(shop.runsDir, '043');
    fs.rmSync(path.join(folder, 'exit'));
    const record = JSON.parse(shop.file('run.json'));
    fs.writeFileSync(path.join(folder, 'run.json'), JSON.stringify({ ...record, bootId: 'earlier' }));
    expect(await shop.probe(null)).toEqual({ status: 'lost', why: 'reboot' });
  });

  test("another run's folder is no evidence", async () => {
    const shop = new Workshop();
    await shop.finish('exit 0');
    expect(await shop.processes.probe('bbbbbbbbbbbbbbbb', '043', null)).toEqual({ status: 'not-started' });
  });

  test.each(['', '???\n', '7', '-1\n', '1000\n', 'x\n'])('an exit file with %j is not believed', async text => {
    const shop = new Workshop();
    const identity = await shop.start('exit 0');
    await shop.ended(identity);
    fs.writeFileSync(path.join(shop.runsDir, '043', 'exit'), text);
    expect((await shop.probe(identity)).status).toBe('lost');
  });

  test('a look that fails is unknown, not dead', async () => {
    const shop = new Workshop();
    const identity = await shop.start('exec sleep 100');
    const record = path.join(shop.runsDir, '043', 'run.json');
    fs.rmSync(record);
    fs.mkdirSync(record);
    expect((await shop.probe(identity)).status).toBe('unknown');
    expect(await shop.processes.killTree(shop.runId, '043', null, { graceMs: [0, 0] }), 'its cookie still tells').toBe(
      0,
    );
    expect(isRunning(identity.pid)).toBe(false);
  });

  test('a process table that does not answer is unknown, and no start', async () => {
    const shop = new Workshop();
    const identity = await shop.start('exec sleep 100');
    const blind = createProcesses({
      runsDir: shop.runsDir,
      table: {
        bootId: () => identity.bootId,
        read: () => Promise.reject(new Error('no answer')),
        list: () => Promise.reject(new Error('no answer')),
        cookie: () => Promise.reject(new Error('no answer')),
        cookies: () => Promise.reject(new Error('no answer')),
        marks: true,
        environment: () => Promise.reject(new Error('no answer')),
        mark: () => Promise.reject(new Error('no answer')),
      },
    });
    expect((await blind.probe('cccccccccccccccc', '044', identity)).status).toBe('unknown');
  });
});
