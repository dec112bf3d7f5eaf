import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { builtProgram, committingAgent, createProduct, type Product } from '../../helpers/programs/product.ts';
import { Program } from '../../helpers/programs/programs.ts';
import { start as startOnTerminal } from '../../helpers/programs/pty.ts';
import { isLong } from '../../helpers/tiers.ts';

const made: Product[] = [];
const item = { id: 'US-041', files: ['out/US-041.txt'] };
const headless = ['start', '--headless', '--approve', 'none', '--exit-when-idle'];

/** A repository with one item whose agent says `one`, waits for the file `go` beside its worktree, and says `two`. */
function product(agent = `echo one\nwhile [ ! -e ../go ]; do sleep 0.02; done\necho two\n${committingAgent}`): Product {
  const one = createProduct({ items: [item], agent });
  made.push(one);
  return one;
}

/** The program under test, with lines that can be waited for. */
function program(one: Product, ...args: string[]): Program {
  const env = Object.fromEntries(Object.entries(one.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
  return new Program([process.execPath, builtProgram, ...args, '--repo', one.root], { env });
}

const letGo = (one: Product) => writeFileSync(join(one.base, 'go'), '');

afterEach(() => {
  for (const one of made.splice(0)) {
    letGo(one);
    one.cleanup();
  }
});

describe('logs', () => {
  it('follows a run until it has ended', async () => {
    const one = product();
    const running = one.start(...headless);
    await running.event(({ type }) => type === 'instance-started');
    const logs = program(one, 'logs', 'US-041', '-f');
    await logs.line(/^one$/);
    letGo(one);
    expect(await logs.ended).toMatchObject({ code: 0 });
    expect(logs.lines).toEqual(['one', 'two']);
    await running.exit;
  });

  it.runIf(isLong)('leaves with 130 on Ctrl+C while the agent goes on', async () => {
    const one = product();
    const running = one.start(...headless);
    await running.event(({ type }) => type === 'instance-started');
    const logs = program(one, 'logs', '041', '-f');
    await logs.line(/^one$/);
    logs.kill('SIGINT');
    expect(await logs.ended).toMatchObject({ code: 130 });
    letGo(one);
    expect(await running.exit).toMatchObject({ code: 1 });
    expect(running.events).toContainEqual(expect.objectContaining({ type: 'instance-exited', exitCode: 0 }));
  });

  it.runIf(isLong)('sees the end of a run whose coordinator was killed', async () => {
    const one = product();
    const running = one.start(...headless);
    await running.event(({ type }) => type === 'instance-started');
    running.kill('SIGKILL');
    await running.exit;
    const logs = program(one, 'logs', 'roadmap-041', '-f');
    await logs.line(/^one$/);
    letGo(one);
    expect(await logs.ended).toMatchObject({ code: 0 });
    expect(logs.lines).toEqual(['one', 'two']);
  });

  it('shows harmless lines, and the very bytes with --raw', async () => {
    const one = product(
      `printf '\\033[31mred\\033[0m \\033]0;title\\007\\302\\233x\\n'; printf 'bad\\007' >&2\n${committingAgent}`,
    );
    await one.run(...headless);
    const shown = await one.run('logs', 'us-41');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toBe('red \nbad␇\n');
    expect(shown.stdout).not.toContain('\u001b');
    const raw = await one.run('logs', 'us-41', '--raw');
    expect(raw.stdout).toBe('\u001b[31mred\u001b[0m \u001b]0;title\u0007\u009bx\n');
    expect(raw.stderr).toBe('bad\u0007');
  });

  it.runIf(isLong)('says when there is no such instance, and when there is no output', async () => {
    const one = product(committingAgent);
    expect(await one.run('logs', 'US-041')).toMatchObject({ code: 1, stdout: '' });
    await one.run(...headless);
    expect(await one.run('logs', 'US-041')).toEqual({ code: 0, stdout: '', stderr: 'No output from US-041.\n' });
  });
});

describe('diff', () => {
  it("is git's own text in a pipe, which git can apply", async () => {
    const one = product(committingAgent);
    await one.run(...headless);
    const { code, stdout } = await one.run('diff', 'US-041');
    expect(code).toBe(0);
    expect(stdout).toContain('+work of US-041');
    writeFileSync(join(one.base, 'a.patch'), stdout);
    one.git('apply', join(one.base, 'a.patch'));
    expect(readFileSync(join(one.root, 'out/US-041.txt'), 'utf8')).toBe('work of US-041\n');
  });

  it('is coloured and harmless on a terminal', async () => {
    const one = product(`mkdir out; printf 'a\\033]0;evil\\007b\\n' > out/US-041.txt; git add -A; git commit -qm w`);
    await one.run(...headless);
    const env = Object.fromEntries(Object.entries(one.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
    const terminal = startOnTerminal(process.execPath, [builtProgram, 'diff', 'US-041'], {
      columns: 100,
      rows: 30,
      cwd: one.root,
      env,
    });
    expect(await terminal.exited).toMatchObject({ exitCode: 0 });
    await terminal.waitForText(/^\+ab$/m);
    expect(terminal.raw()).toContain('\u001b[32m+ab');
    expect(terminal.raw()).not.toContain('evil\u0007');
    await terminal.dispose();
  });
});

describe('attach', () => {
  it('says what can be done instead', async () => {
    const one = product(committingAgent);
    await one.run(...headless);
    const { code, stderr } = await one.run('attach', 'US-041');
    expect(code).toBe(3);
    expect(stderr).toContain('cm-tui attach US-041 --message TEXT');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(/open a shell in (.*)\.\n/.exec(stderr)?.[1] ?? '')).toBe(true);
  });
});
