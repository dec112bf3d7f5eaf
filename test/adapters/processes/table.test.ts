import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProcesses } from '../../../source/adapters/processes/processes.ts';
import { linuxTable, parseStat } from '../../../source/adapters/system/linux/proc-table.ts';
import { parsePs, psTable } from '../../../source/adapters/system/portable/ps-table.ts';
import { isRunning, until, Workshop } from '../../helpers/programs/processes.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('the process table', () => {
  test.each(['a) b (c', ') R 1 1 1', '(((', 'sh ) S'])('reads a program called %j', async name => {
    const file = path.join(temporaryFolder(), name);
    fs.copyFileSync('/bin/sleep', file);
    fs.chmodSync(file, 0o755);
    const child = spawn(file, ['100'], { detached: true, stdio: 'ignore' });
    const pid = child.pid ?? 0;
    try {
      const entry = await until(() => linuxTable.read(pid));
      expect(entry).toMatchObject({ pid, parent: process.pid, group: pid, session: pid, zombie: false });
      expect(entry.startTime).toMatch(/^\d+$/);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('takes fields as they are numbered in the manual', () => {
    const fields = Array.from({ length: 50 }, (_, index) => String(index + 3));
    fields[0] = 'S';
    expect(parseStat(`77 (x) ${fields.join(' ')}\n`)).toMatchObject({
      pid: 77,
      parent: 4,
      group: 5,
      session: 6,
      startTime: '22',
      zombie: false,
    });
  });

  test('has no entry for a pid that nobody has', async () => {
    const child = spawn('true', { stdio: 'ignore' });
    await new Promise(resolve => child.once('exit', resolve));
    expect(await linuxTable.read(child.pid ?? 0)).toBeNull();
  });

  test('reads lines of ps, with and without days', () => {
    const text = [
      '    1     0     1 Ss   ??       00:00:03  4128 Mon Nov 24 08:45:58 2025',
      ' 4711     1  4700 Z+   ttys001  2-01:00:01.5      0 Tue Nov  4 08:45:58 2025 ',
      'nonsense',
    ].join('\n');
    expect(parsePs(text)).toEqual([
      {
        pid: 1,
        parent: 0,
        group: 1,
        session: 0,
        startTime: 'Mon Nov 24 08:45:58 2025',
        startedAt: Date.UTC(2025, 10, 24, 8, 45, 58),
        terminal: false,
        zombie: false,
        cpuMs: 3000,
        memoryBytes: 4128 * 1024,
      },
      {
        pid: 4711,
        parent: 1,
        group: 4700,
        session: 0,
        startTime: 'Tue Nov  4 08:45:58 2025',
        startedAt: Date.UTC(2025, 10, 4, 8, 45, 58),
        terminal: true,
        zombie: true,
        cpuMs: 176_401_500,
        memoryBytes: 0,
      },
    ]);
  });
});

describe('without /proc, by ps', () => {
  const portable = (shop: Workshop) =>
    createProcesses({ runsDir: shop.runsDir, table: { ...psTable, bootId: linuxTable.bootId } });

  test('a run is started, found, told from a stranger and ended', async () => {
    const shop = new Workshop();
    const processes = portable(shop);
    const env = { PATH: process.env.PATH ?? '', CM_RUN_ID: shop.runId };
    const args = ['-c', 'setsid sh -c "echo \\$\\$ >daemon; exec sleep 100" & exec sleep 100'];
    const identity = await processes.start({
      runId: shop.runId,
      runName: '043',
      file: 'sh',
      args,
      cwd: shop.dir,
      env,
      stdin: null,
    });
    expect(identity.startTime).toMatch(/^[A-Z][a-z]{2} [A-Z][a-z]{2} /);
    const daemon = await shop.pidIn('daemon');
    expect(await shop.probe(identity, processes)).toEqual({ status: 'alive', process: identity });
    expect(await shop.probe(null, portable(shop))).toEqual({ status: 'alive', process: identity });
    const stale = { ...identity, startTime: 'Mon Jan  1 00:00:00 2001' };
    expect(await shop.probe(stale, processes)).toEqual({ status: 'lost', why: 'pid-reused' });
    expect(await processes.killTree(shop.runId, '043', identity, { graceMs: [300, 300] })).toBe(0);
    expect([identity.pid, daemon].filter(isRunning)).toEqual([]);
  });
});
