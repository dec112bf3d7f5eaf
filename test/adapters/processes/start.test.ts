import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isRunning, until, Workshop } from '../../helpers/programs/processes.ts';

describe('the exit code of a run', () => {
  test.each([
    ['success', 'exit 0', 0],
    ['a failure', 'exit 42', 42],
    ['a signal', 'kill -TERM $$', 143],
    ['a kill', 'kill -KILL $$', 137],
  ])('%s is recorded', async (_name, command, exitCode) => {
    const shop = new Workshop();
    const before = Date.now();
    const status = await shop.finish(command);
    expect(status).toMatchObject({ status: 'exited', exitCode });
    const endTime = status.status === 'exited' ? (status.endTime ?? 0) : 0;
    expect(endTime).toBeGreaterThanOrEqual(before - 1000);
    expect(endTime).toBeLessThanOrEqual(Date.now() + 1000);
  });

  test('127 stands for a missing command, with the reason in err.log', async () => {
    const shop = new Workshop();
    expect(await shop.finish('', { file: '/no/such/agent', args: [] })).toMatchObject({ exitCode: 127 });
    expect(shop.file('err.log')).toMatch(/\/no\/such\/agent.*not found|No such file/);
  });

  test('126 stands for a file that may not be executed', async () => {
    const shop = new Workshop();
    const file = path.join(shop.dir, 'agent');
    fs.writeFileSync(file, 'echo hello\n', { mode: 0o644 });
    expect(await shop.finish('', { file, args: [] })).toMatchObject({ exitCode: 126 });
  });

  test('a name that is also a shell builtin starts the program of that name', async () => {
    const shop = new Workshop();
    const bin = path.join(shop.dir, 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(path.join(bin, 'exit'), '#!/bin/sh\necho the program; /bin/true\n', { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH}`, CM_RUN_ID: shop.runId };
    expect(await shop.finish('', { file: 'exit', args: ['9'], env })).toMatchObject({ exitCode: 0 });
    expect(shop.file('out.log')).toBe('the program\n');
  });
});

describe('what a run is given', () => {
  test('exactly its environment, whatever the names', async () => {
    const shop = new Workshop();
    const env = { PATH: '/usr/bin:/bin', CM_RUN_ID: shop.runId, d: 'x', rc: 'y', LONG: 'a b\n"c" $(id)', EMPTY: '' };
    await shop.finish('', { file: 'env', args: ['-0'], env });
    const pairs = shop.file('out.log').split('\0').slice(0, -1);
    expect(Object.fromEntries(pairs.map(pair => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]))).toEqual(env);
  });

  test('its arguments as whole values, never through a shell', async () => {
    const shop = new Workshop();
    const args = ['%s\\n', '$(id)', 'a b', '', '*', '-x', "it's; true", 'zwei\nZeilen'];
    await shop.finish('', { file: 'printf', args });
    expect(shop.file('out.log')).toBe(`${args.slice(1).join('\n')}\n`);
  });

  test('its text on stdin, which then ends', async () => {
    const shop = new Workshop();
    const stdin = `${'prompt with $(id) and ü\n'.repeat(10_000)}no newline at the end`;
    expect(await shop.finish('cat', { stdin })).toMatchObject({ exitCode: 0 });
    expect(shop.file('out.log')).toBe(stdin);
  });

  test('nothing on stdin without a text', async () => {
    const shop = new Workshop();
    await shop.finish('cat; readlink /proc/self/fd/0');
    expect(shop.file('out.log')).toBe('/dev/null\n');
  });

  test('signals with their default dispositions, a session of its own and no open file beside the three', async () => {
    const shop = new Workshop();
    const identity = await shop.start('');
    await shop.ended(identity);
    const other = new Workshop();
    const leader = await other.start(
      'grep -E "^Sig(Ign|Cgt)" /proc/self/status; cut -d" " -f6 /proc/self/stat; ls /proc/$$/fd | wc -l',
    );
    await other.ended(leader);
    const [ignored, , session, files] = other.file('out.log').trim().split('\n');
    expect(ignored?.split(/\s+/)[1]).toMatch(/^0+$/);
    expect(Number(session)).toBe(leader.pid);
    expect(Number(files)).toBeLessThanOrEqual(4);
  });

  test('its folder to work in', async () => {
    const shop = new Workshop();
    await shop.finish('pwd');
    expect(shop.file('out.log')).toBe(`${shop.dir}\n`);
  });
});

describe('the run folder', () => {
  test('is private, and holds neither arguments nor environment', async () => {
    const shop = new Workshop();
    const mask = process.umask(0);
    try {
      const secret = 'very-secret-value';
      const env = { PATH: process.env.PATH ?? '', CM_RUN_ID: shop.runId, API_TOKEN: secret };
      await shop.finish('umask; exit 3', { args: ['-c', 'umask; exit 3', 'secret-argument'], env, stdin: 'hello' });
    } finally {
      process.umask(mask);
    }
    const folder = path.join(shop.runsDir, '043');
    const modes = fs
      .readdirSync(folder)
      .map(name => [name, (fs.statSync(path.join(folder, name)).mode & 0o777).toString(8)]);
    expect(Object.fromEntries(modes)).toEqual({
      'run.json': '600',
      'out.log': '600',
      'err.log': '600',
      stdin: '600',
      pid: '600',
      exit: '600',
    });
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    expect(shop.file('out.log'), "the agent's own files keep the user's umask").toBe('0000\n');
    expect(JSON.parse(shop.file('run.json'))).toEqual({
      runId: shop.runId,
      runName: '043',
      file: 'sh',
      startedAt: expect.any(Number),
      bootId: expect.any(String),
    });
    expect(shop.file('run.json')).not.toMatch(/secret/);
  });

  test('serves one run after the other, never two at once', async () => {
    const shop = new Workshop();
    const identity = await shop.start('echo first; exec sleep 100');
    const second = { runId: 'second', env: { PATH: process.env.PATH ?? '', CM_RUN_ID: 'second' } };
    await expect(shop.start('echo second', second)).rejects.toThrow(/still alive/);
    await expect(shop.start('echo again')).rejects.toThrow(/still alive/);
    expect(isRunning(identity.pid)).toBe(true);
    await shop.processes.killTree(shop.runId, '043', identity, { graceMs: [0, 0] });
    await shop.start('echo second', second);
    await until(() => shop.file('exit') === '0  \n');
    expect(shop.file('out.log')).toBe('second\n');
    expect(await shop.probe(identity), 'the first one left no code').toEqual({ status: 'lost', why: 'killed' });
  });

  test('keeps the exit code of an agent that filled its disk quota', async () => {
    const shop = new Workshop();
    // 1 block of 512 bytes: the agent's own output stops there; the code is written over bytes that are there already.
    const status = await shop.finish('ulimit -f 1; trap "" XFSZ; yes | head -c 4096; exit 7');
    expect(status).toMatchObject({ status: 'exited', exitCode: 7 });
    expect(shop.file('out.log').length).toBeLessThanOrEqual(512);
  });
});

describe('a run that cannot start', () => {
  test('in a folder that is not there says so', async () => {
    const shop = new Workshop();
    await expect(shop.start('true', { cwd: path.join(shop.dir, 'gone') })).rejects.toThrow(
      /could not be started in .*gone/,
    );
    expect(await shop.probe(null)).toEqual({ status: 'not-started' });
  });

  test.each([
    ['a name that leaves the folder', { runName: '../x' }],
    ['no cookie', { env: { PATH: '/bin' } }],
    ["somebody else's cookie", { env: { PATH: '/bin', CM_RUN_ID: 'other' } }],
    ['an option as program', { file: '-c' }],
    ['a NUL in an argument', { args: ['a\0b'] }],
  ])('with %s is refused', async (_name, change) => {
    await expect(new Workshop().start('true', change)).rejects.toThrow(Error);
  });

  test('because an argument is too long says so', async () => {
    await expect(new Workshop().start('true', { args: ['x'.repeat(3_000_000)] })).rejects.toThrow(/E2BIG/);
  });
});
