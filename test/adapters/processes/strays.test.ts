import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { isRunning, until, Workshop } from '../../helpers/programs/processes.ts';

const mine: ChildProcess[] = [];

afterEach(() => {
  for (const child of mine.splice(0)) child.kill('SIGKILL');
});

/** A process that has nothing to do with the run, as a daemon that shed every mark of it or an editor of the user. */
function foreign(cwd: string, command = 'sleep 300'): number {
  const child = spawn('sh', ['-c', `${command} & wait`], { cwd, env: {}, detached: true, stdio: 'ignore' });
  mine.push(child);
  if (child.pid === undefined) throw new Error('not started');
  return child.pid;
}

/** When a process started, in clock ticks since the machine did. */
function startOf(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

/** Now, in the ticks in which the starts of processes are counted. */
function ticks(): number {
  return startOf(foreign('/'));
}

function worktreeOf(shop: Workshop): string {
  const folder = path.join(shop.dir, 'tree');
  fs.mkdirSync(folder);
  return folder;
}

describe('processes in the worktree of a run that nothing proves to be its own', () => {
  test('are named with their number, and never signalled', async () => {
    const shop = new Workshop();
    const folder = worktreeOf(shop);
    const older = foreign(folder);
    // Start times are told in clock ticks: the run has to begin in a later one.
    await until(() => ticks() > startOf(older));
    const identity = await shop.start('sleep 300 & sleep 300', { cwd: folder });
    const below = path.join(folder, 'below');
    fs.mkdirSync(below);
    const pid = foreign(below);
    const strays = async () =>
      ((await shop.processes.strays?.(shop.runId, identity, folder)) ?? []).map(one => one.pid);
    await until(async () => (await strays()).includes(pid));
    expect(await strays()).not.toContain(identity.pid);
    expect(await strays()).not.toContain(older);
    expect(await shop.processes.killTree(shop.runId, '043', identity, { graceMs: [0, 0] })).toBe(0);
    expect([isRunning(pid), isRunning(older)]).toEqual([true, true]);
    // Its folder is gone, and it is still there.
    fs.rmSync(folder, { recursive: true });
    expect(await strays()).toContain(pid);
  });

  test('are found by a file that they hold open, too', async () => {
    const shop = new Workshop();
    const folder = worktreeOf(shop);
    const identity = await shop.start('sleep 300', { cwd: folder });
    const pid = foreign('/', `exec 3>"${folder}/open"; sleep 300`);
    const found = await until(async () =>
      (await shop.processes.strays?.(shop.runId, identity, folder))?.find(one => one.pid === pid),
    );
    expect(found).toEqual({ pid, name: 'sh' });
  });
});
