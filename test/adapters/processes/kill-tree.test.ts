import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProcessTable } from '../../../source/adapters/system/port.ts';
import { system } from '../../../source/adapters/system/system.ts';
import { isRunning, until, Workshop } from '../../helpers/programs/processes.ts';

const grace = { graceMs: [200, 200] } as const;

/** A table of processes that show neither environment nor mark. */
function withoutTraces(table: ProcessTable): ProcessTable {
  const blind: Partial<ProcessTable> = {
    marks: false,
    mark: async () => null,
    cookie: async () => 'unreadable',
    cookies: async pids => new Map(pids.map(pid => [pid, 'unreadable' as const])),
    environment: async () => null,
  };
  return new Proxy(table, { get: (target, name) => Reflect.get(blind, name) ?? bound(target, name) });
}

function bound(target: ProcessTable, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

describe('ending a run', () => {
  test('by SIGINT alone where the agent listens to it; its own exit code counts', async () => {
    const shop = new Workshop();
    const identity = await shop.start('trap "echo stopped; exit 9" INT; echo ready; while :; do sleep 0.02; done');
    await until(() => shop.file('out.log'));
    expect(await shop.processes.killTree(shop.runId, '043', identity)).toBe(0);
    expect(await shop.probe(identity)).toMatchObject({ status: 'exited', exitCode: 9 });
    expect(shop.file('out.log')).toBe('ready\nstopped\n');
  });

  test('by SIGTERM where SIGINT is ignored', async () => {
    const shop = new Workshop();
    const identity = await shop.start('trap "" INT; trap "exit 8" TERM; echo ready; while :; do sleep 0.02; done');
    await until(() => shop.file('out.log'));
    expect(await shop.processes.killTree(shop.runId, '043', identity, { graceMs: [50, 5000] })).toBe(0);
    expect(await shop.probe(identity)).toMatchObject({ status: 'exited', exitCode: 8 });
  });

  test('by SIGKILL where both are ignored; there is no exit code then', async () => {
    const shop = new Workshop();
    const identity = await shop.start('trap "" INT TERM HUP; echo ready; while :; do sleep 1; done');
    await until(() => shop.file('out.log'));
    expect(await shop.processes.killTree(shop.runId, '043', identity, grace)).toBe(0);
    expect(isRunning(identity.pid)).toBe(false);
    expect(await shop.probe(identity)).toEqual({ status: 'lost', why: 'killed' });
  });

  test('with a stopped agent', async () => {
    const shop = new Workshop();
    const identity = await shop.start('trap "exit 8" TERM; echo ready; kill -STOP $$; while :; do sleep 0.02; done');
    await until(() => shop.file('out.log'));
    expect(await shop.processes.killTree(shop.runId, '043', identity, { graceMs: [50, 5000] })).toBe(0);
    expect(await shop.probe(identity)).toMatchObject({ status: 'exited' });
  });

  test('with fifty children that ignore SIGTERM', async () => {
    const shop = new Workshop();
    const identity = await shop.start(
      'trap "" INT TERM; i=0; while [ $i -lt 50 ]; do sleep 100 & echo $! >>pids; i=$((i+1)); done; echo ready; wait',
    );
    await until(() => shop.file('out.log'));
    expect(await shop.processes.killTree(shop.runId, '043', identity, grace)).toBe(0);
    const pids = shop.text('pids').trim().split('\n').map(Number);
    expect(pids).toHaveLength(50);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test('with a daemon that has left group and session, and ignores SIGTERM', async () => {
    const shop = new Workshop();
    const daemon = `setsid sh -c 'trap "" TERM INT HUP; (setsid sh -c "echo \\$\\$ >inner; exec sleep 100" &) ; echo $$ >outer; while :; do sleep 0.1; done' &`;
    const identity = await shop.start(`${daemon} until [ -e inner ] && [ -e outer ]; do sleep 0.01; done; exit 0`);
    expect(await shop.ended(identity)).toMatchObject({ exitCode: 0 });
    const pids = [await shop.pidIn('outer'), await shop.pidIn('inner')];
    expect(pids.every(isRunning)).toBe(true);
    await until(async () => (await shop.processes.leftovers(shop.runId)) >= 2);
    expect(await shop.processes.killTree(shop.runId, '043', identity, grace)).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test('with a child that wiped its environment: its group gives it away', async () => {
    const shop = new Workshop();
    const identity = await shop.start('env -i sh -c "echo \\$\\$ >wiped; exec sleep 100" & exec sleep 100');
    const wiped = await shop.pidIn('wiped');
    expect(await shop.processes.killTree(shop.runId, '043', identity, grace)).toBe(0);
    expect(isRunning(wiped)).toBe(false);
  });

  test('with a daemon that nothing identifies any more: it was seen while its parent lived', async () => {
    const blind = withoutTraces(system().table);
    const shop = new Workshop(blind);
    const daemon = `setsid sh -c 'trap "" TERM INT; echo $$ >daemon; while :; do sleep 0.1; done' &`;
    const identity = await shop.start(`(${daemon} until [ -e go ]; do sleep 0.01; done) & wait`);
    const pid = await shop.pidIn('daemon');
    expect((await shop.processes.usage([shop.runId]))[shop.runId]?.count).toBeGreaterThan(1);
    writeFileSync(join(shop.dir, 'go'), '');
    expect(await shop.ended(identity)).toMatchObject({ exitCode: 0 });
    expect(isRunning(pid)).toBe(true);
    expect(await shop.processes.leftovers(shop.runId)).toBeGreaterThan(0);
    // Also by a cm-tui that was started after the agent's end.
    expect(await shop.another().killTree(shop.runId, '043', identity, grace)).toBe(0);
    expect(isRunning(pid)).toBe(false);
  });

  test('does not wait for background jobs in the soft phase once the agent has ended', async () => {
    const shop = new Workshop();
    const identity = await shop.start('sleep 100 & echo $! >job; trap "exit 0" INT; while :; do sleep 0.02; done');
    const job = await shop.pidIn('job');
    // The first grace is longer than this test may last.
    expect(await shop.processes.killTree(shop.runId, '043', identity, { graceMs: [600_000, 5000] })).toBe(0);
    expect(isRunning(job)).toBe(false);
  });

  test('leaves every other run alone', async () => {
    const one = new Workshop();
    const two = new Workshop();
    const [first, second] = [await one.start('exec sleep 100'), await two.start('exec sleep 100')];
    await one.processes.killTree(one.runId, '043', first, grace);
    expect([isRunning(first.pid), isRunning(second.pid)]).toEqual([false, true]);
  });

  test('never signals ourselves, even if the identity names us', async () => {
    const shop = new Workshop();
    const identity = await shop.start('exec sleep 100');
    const [, startTime = ''] =
      /^\d+ .*\) (?:\S+ ){19}(\d+)/.exec((await import('node:fs')).readFileSync('/proc/self/stat', 'latin1')) ?? [];
    const us = { pid: process.pid, startTime, bootId: identity.bootId };
    await shop.processes.killTree('dddddddddddddddd', '045', us, { graceMs: [0, 0] });
    for (const pid of [0, 1]) {
      await shop.processes.killTree('dddddddddddddddd', '045', { ...us, pid }, { graceMs: [0, 0] });
    }
    expect(isRunning(identity.pid)).toBe(true);
  });

  test('twice changes nothing', async () => {
    const shop = new Workshop();
    const identity = await shop.start('exit 3');
    await shop.ended(identity);
    expect(await shop.processes.killTree(shop.runId, '043', identity, grace)).toBe(0);
    expect(await shop.probe(identity)).toMatchObject({ status: 'exited', exitCode: 3 });
  });
});
