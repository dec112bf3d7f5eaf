import { describe, expect, test } from 'vitest';
import { isRunning, until, Workshop } from '../../helpers/programs/processes.ts';

const env = { PATH: process.env.PATH ?? '' };

describe('a helper command', () => {
  test('runs without a shell as a list, with one as a text', async () => {
    const { processes, dir } = new Workshop();
    const options = { cwd: dir, env: { ...env, NAME: 'x' }, timeoutMs: 30_000 };
    expect(await processes.run(['echo', '$NAME'], options)).toEqual({
      exitCode: 0,
      output: '$NAME\n',
      timedOut: false,
    });
    expect(await processes.run('echo $NAME; pwd >&2; exit 3', options)).toEqual({
      exitCode: 3,
      output: `x\n${dir}\n`,
      timedOut: false,
    });
  });

  test('inherits nothing beside the environment that was asked for', async () => {
    const { processes, dir } = new Workshop();
    process.env.CM_TEST_LEAK = 'leak';
    const { output } = await processes.run(['env'], { cwd: dir, env, timeoutMs: 30_000 });
    delete process.env.CM_TEST_LEAK;
    expect(output).toBe(`PATH=${env.PATH}\n`);
  });

  test.each([
    ['a missing program', ['/no/such'], 127],
    ['a folder as program', ['/tmp'], 126],
    ['a signal', 'kill -KILL $$', 137],
  ])('%s has its exit code', async (_name, command, exitCode) => {
    const { processes, dir } = new Workshop();
    const result = await processes.run(command, { cwd: dir, env, timeoutMs: 30_000 });
    expect(result).toMatchObject({ exitCode, timedOut: false });
  });

  test('is ended with its whole group at the time limit', async () => {
    const shop = new Workshop();
    const command = 'sleep 100 & echo $! >child; echo said; trap "" TERM; sleep 100; sleep 100';
    const result = await shop.processes.run(command, { cwd: shop.dir, env, timeoutMs: 300 });
    expect(result).toEqual({ exitCode: null, output: 'said\n', timedOut: true });
    expect(isRunning(await shop.pidIn('child'))).toBe(false);
  });

  test('is ended by its signal', async () => {
    const shop = new Workshop();
    const abort = new AbortController();
    const running = shop.processes.run('echo $$ >self; exec sleep 100', {
      cwd: shop.dir,
      env,
      timeoutMs: 60_000,
      signal: abort.signal,
    });
    const pid = await shop.pidIn('self');
    abort.abort();
    expect(await running).toEqual({ exitCode: null, output: '', timedOut: false });
    expect(isRunning(pid)).toBe(false);
    const never = { cwd: shop.dir, env, timeoutMs: 1000, signal: abort.signal };
    expect(await shop.processes.run('touch never', never)).toEqual({ exitCode: null, output: '', timedOut: false });
  });

  test('does not wait for what it leaves behind, and ends it', async () => {
    const shop = new Workshop();
    const result = await shop.processes.run('sleep 100 & echo $! >child; echo done', {
      cwd: shop.dir,
      env,
      timeoutMs: 60_000,
    });
    expect(result).toEqual({ exitCode: 0, output: 'done\n', timedOut: false });
    const child = await shop.pidIn('child');
    await until(() => !isRunning(child));
  });

  test('keeps the end of a long output, harmless for a terminal', async () => {
    const { processes, dir } = new Workshop();
    const command = 'yes 0123456789abcdef | head -n 200000; printf "\\033]52;c;eA==\\007\\033[2Jlast\\n"';
    const { output, exitCode } = await processes.run(command, { cwd: dir, env, timeoutMs: 60_000 });
    expect(exitCode).toBe(0);
    expect(output.length).toBeLessThanOrEqual(256 * 1024);
    expect(output.startsWith('… ')).toBe(true);
    expect(output.endsWith('\n0123456789abcdef\nlast\n')).toBe(true);
  });
});
