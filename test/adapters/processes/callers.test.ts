import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { callerOf, createCallers, type KnownRuns } from '../../../source/adapters/processes/table/callers.ts';
import { linuxTable } from '../../../source/adapters/system/linux/proc-table.ts';
import { until, Workshop } from '../../helpers/programs/processes.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const none: KnownRuns = { leaders: [], ids: () => [] };
const byId = (...ids: readonly string[]): KnownRuns => ({ leaders: [], ids: () => ids });

describe('a process of a run', () => {
  const program = (shop: Workshop) =>
    `/bin/sh -c 'echo $$ >"${shop.dir}/asker.tmp"; mv "${shop.dir}/asker.tmp" "${shop.dir}/asker"; exec sleep 300'`;

  test.each([
    ['as the agent started it', (it: string) => it],
    ['without the mark in its environment', (it: string) => `env -u CM_RUN_ID ${it}`],
    ['with an empty environment', (it: string) => `env -i ${it}`],
    ['in a session of its own', (it: string) => `env -i /usr/bin/setsid ${it}`],
    ['in the background, its parent gone', (it: string) => `env -i /bin/sh -c "$(cat <<'X'\n${it} &\nX\n)"`],
    ['behind a double fork in a session of its own', (it: string) => `env -i /usr/bin/setsid -f ${it}`],
    ['in a terminal of its own', (it: string) => `env -i /usr/bin/script -qfc "$(cat <<'X'\n${it}\nX\n)" /dev/null`],
  ])('%s is known', async (_how, leave) => {
    const shop = new Workshop();
    const identity = await shop.start(`{ ${leave(program(shop))}\n} </dev/null >/dev/null 2>&1 & sleep 300`);
    const pid = await shop.pidIn('asker');
    await until(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep'));
    const run = { kind: 'run', runId: shop.runId };
    expect(await callerOf(linuxTable, pid, byId('other', shop.runId))).toEqual(run);
    const leaders = [{ runId: shop.runId, process: identity }];
    expect(await callerOf(linuxTable, identity.pid, { leaders, ids: () => [] })).toEqual(run);
  });

  test('that is still in its session is known by that alone', async () => {
    const shop = new Workshop();
    const identity = await shop.start(`env -i ${program(shop)} & sleep 300`);
    const pid = await shop.pidIn('asker');
    const unmarked = { ...linuxTable, mark: async () => null, cookie: async () => ({ runId: null }) };
    const run = { runId: shop.runId, process: identity };
    expect(await callerOf(unmarked, pid, { leaders: [run], ids: () => [] })).toEqual({
      kind: 'run',
      runId: shop.runId,
    });
    // The number of a shim that has ended may belong to a person's shell by now.
    const reused = { ...run, process: { ...identity, startTime: 'earlier' } };
    expect(await callerOf(unmarked, pid, { leaders: [reused], ids: () => [] })).toEqual({ kind: 'person' });
  });
});

describe('a process of nobody’s run', () => {
  test('is a person’s, wherever it stands', async () => {
    const shop = new Workshop();
    const identity = await shop.start('sleep 300');
    const known = { leaders: [{ runId: shop.runId, process: identity }], ids: () => [shop.runId] };
    expect(await callerOf(linuxTable, process.pid, known)).toEqual({ kind: 'person' });
    const detached = spawn('sleep', ['300'], { cwd: shop.dir, detached: true, stdio: 'ignore' });
    try {
      expect(await callerOf(linuxTable, detached.pid ?? 0, known)).toEqual({ kind: 'person' });
    } finally {
      detached.kill('SIGKILL');
    }
  });

  test('of another repository’s run is not of ours, unless it says so itself', async () => {
    const shop = new Workshop();
    const identity = await shop.start('env -u CM_RUN_ID sleep 301 & sleep 302');
    const own = await until(async () =>
      (await linuxTable.list()).find(one => one.group === identity.pid && commandOf(one.pid) === 'sleep 301 '),
    );
    expect(await callerOf(linuxTable, own.pid, byId('another'))).toEqual({ kind: 'person' });
    expect(await callerOf(linuxTable, identity.pid, byId('another'))).toEqual({ kind: 'run', runId: shop.runId });
  });

  test('that cannot be read is unknown, never a person', async () => {
    expect(await callerOf(linuxTable, 2 ** 30, none)).toMatchObject({ kind: 'unknown' });
    const blind = { ...linuxTable, read: () => Promise.reject(new Error('no answer')) };
    expect(await callerOf(blind, process.pid, none)).toMatchObject({ kind: 'unknown' });
  });
});

test('who holds a file open for writing is found by its number, or without it', async () => {
  const file = path.join(temporaryFolder(), 'proof');
  fs.writeFileSync(file, '');
  const callers = createCallers(() => none);
  expect(await callers.holderOf(file, process.pid)).toBeNull();
  const holder = spawn('sleep', ['300'], { stdio: ['ignore', fs.openSync(file, 'a'), 'ignore'] });
  try {
    const pid = holder.pid ?? 0;
    expect(await callers.holderOf(file, pid)).toBe(pid);
    await until(async () => (await callers.holderOf(file, 2)) === pid);
  } finally {
    holder.kill('SIGKILL');
  }
});

function commandOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
