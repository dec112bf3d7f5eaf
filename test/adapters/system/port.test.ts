import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { nativeSystem, system } from '../../../source/adapters/system/system.ts';
import { until } from '../../helpers/programs/processes.ts';
import { onBothSystems } from '../../helpers/programs/systems.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that sleeps, once it does. */
async function sleeper(options: SpawnOptions = {}, file = 'sleep'): Promise<number> {
  const child = spawn(file, ['300'], { stdio: 'ignore', ...options });
  children.push(child);
  const pid = child.pid ?? 0;
  await until(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes('300'));
  return pid;
}

/** What a name can hold. */
function oddFolder(): string {
  const folder = path.join(temporaryFolder(), 'a é\\x41 \n^b');
  fs.mkdirSync(folder);
  return folder;
}

onBothSystems(which => {
  const PATH = process.env.PATH ?? '';

  test('a process has a line in the table, as long as it is there', async () => {
    const pid = await sleeper({ detached: true });
    const { table } = system();
    expect(table.marks).toBe(which === 'linux');
    const entry = await table.read(pid);
    expect(entry).toMatchObject({ pid, parent: process.pid, group: pid, zombie: false, terminal: false });
    expect([0, pid]).toContain(entry?.session);
    // What it has only just been given may not be counted yet.
    await expect.poll(async () => (await table.read(pid))?.memoryBytes).toBeGreaterThan(10_000);
    expect((await table.list()).find(one => one.pid === pid)).toMatchObject({ pid, startTime: entry?.startTime });
    expect(table.bootId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await system().userOf(pid)).toBe(process.getuid?.());
    expect(await system().commandLine(pid)).toEqual(['sleep', '300']);
    const ended = new Promise(resolve => children.at(-1)?.once('exit', resolve));
    process.kill(pid, 'SIGKILL');
    await ended;
    expect(await table.read(pid)).toBeNull();
    expect(await system().userOf(pid)).toBeNull();
    expect(await system().commandLine(pid)).toBeNull();
    expect(await table.cookie(pid)).toEqual({ runId: null });
  });

  test('a cookie is read from the environment, and from no argument', async () => {
    const mine = await sleeper({ env: { PATH, FIRST: 'a b', CM_RUN_ID: 'run-1', LAST: 'c' } });
    const other = await sleeper({ env: { PATH, XCM_RUN_ID: 'run-1' } });
    const argument = spawn('sh', ['-c', 'sleep 300; :', 'CM_RUN_ID=run-1'], { env: { PATH }, stdio: 'ignore' });
    children.push(argument);
    const { table } = system();
    const pids = [mine, other, argument.pid ?? 0];
    expect([...(await table.cookies(pids))]).toEqual([
      [mine, { runId: 'run-1' }],
      [other, { runId: null }],
      [argument.pid, { runId: null }],
    ]);
    expect(await table.cookie(mine)).toEqual({ runId: 'run-1' });
    const environment = await table.environment(mine);
    expect([...(environment ?? [])]).toEqual(
      expect.arrayContaining([
        ['FIRST', 'a b'],
        ['CM_RUN_ID', 'run-1'],
        ['LAST', 'c'],
      ]),
    );
    expect(await table.environment(other)).toEqual(new Map());
  });

  test('an environment that does not show is unreadable, not without a cookie', async () => {
    const pid = await sleeper({ env: {} }, '/bin/sleep');
    expect(await system().table.cookie(pid)).toBe('unreadable');
  });

  test('who works in a folder is found by where it stands, by an open file and by its program', async () => {
    const folder = oddFolder();
    const standing = await sleeper({ cwd: folder });
    const below = path.join(folder, 'below');
    fs.mkdirSync(below);
    fs.copyFileSync('/bin/sleep', path.join(below, 'snooze'));
    fs.chmodSync(path.join(below, 'snooze'), 0o755);
    const program = await sleeper({ cwd: '/' }, path.join(below, 'snooze'));
    const holding = await sleeper({
      cwd: '/',
      stdio: ['ignore', fs.openSync(path.join(folder, 'log'), 'a'), 'ignore'],
    });
    await sleeper({ cwd: path.dirname(folder) });
    const found = async (files: boolean) => (await system().occupants(folder, files))?.map(({ pid }) => pid).sort();
    expect(await found(false)).toEqual([standing]);
    expect(await found(true)).toEqual([standing, program, holding].sort());
    expect(await system().occupants(below, true)).toEqual([{ pid: program, name: 'snooze' }]);
    fs.rmSync(folder, { recursive: true });
    expect(await found(true)).toEqual([standing, program, holding].sort());
  });

  test('who writes a file is found by its number, or without it; who only reads is not', async () => {
    const file = path.join(oddFolder(), 'proof');
    fs.writeFileSync(file, '');
    await sleeper({ stdio: ['ignore', fs.openSync(file, 'r'), 'ignore'] });
    expect(await system().writerOf(file, process.pid)).toBeNull();
    const pid = await sleeper({ stdio: ['ignore', fs.openSync(file, 'a'), 'ignore'] });
    expect(await system().openFiles(pid)).toContain(file);
    expect(await system().writerOf(file, pid)).toBe(pid);
    fs.closeSync(fs.openSync(file, 'r'));
    await until(async () => (await system().writerOf(file, 2)) !== null);
    fs.rmSync(file);
    expect(await system().writerOf(file, pid)).toBeNull();
  });

  test('what belongs to the machine is known, or says that it is not', async () => {
    const { cpu, memory } = await system().cgroup();
    for (const part of [cpu, memory]) expect(part === null || Object.values(part).every(Number.isFinite)).toBe(true);
    expect(await system().childrenMicros()).toBeGreaterThanOrEqual(0);
    expect(system().processNamespace()).toMatch(which === 'linux' ? /^pid:\[\d+\]$/ : /^$/);
    expect(system().isLocalDisk('/no/such/folder')).toBe(false);
    expect(system().names === null).toBe(which === 'portable');
  });
});

test('nothing but "portable" chooses another system than the one it runs on', () => {
  vi.stubEnv('CM_TUI_SYSTEM', 'windows');
  expect(() => system()).toThrow(/CM_TUI_SYSTEM takes only "portable"/);
  vi.stubEnv('CM_TUI_SYSTEM', 'portable');
  expect(system()).not.toBe(nativeSystem());
  vi.unstubAllEnvs();
  expect(system()).toBe(nativeSystem());
});
