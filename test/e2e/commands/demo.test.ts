import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { isolatedEnvironment } from '../../helpers/git/repository.ts';
import { isRunning, until } from '../../helpers/programs/processes.ts';
import { builtProgram } from '../../helpers/programs/product.ts';
import { Program } from '../../helpers/programs/programs.ts';
import { type Pty, start as startOnTerminal } from '../../helpers/programs/pty.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { isLong } from '../../helpers/tiers.ts';

const script = fileURLToPath(new URL('../../../scripts/demo.mjs', import.meta.url));
const terminals: Pty[] = [];

afterEach(async () => {
  for (const terminal of terminals.splice(0)) await terminal.dispose();
});

/** A place for the demo: its own HOME, and a folder for everything temporary. */
function place(seconds: number) {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  const tmp = join(folder, 'tmp');
  mkdirSync(home);
  mkdirSync(tmp);
  const plain = Object.entries(isolatedEnvironment(home));
  const env = Object.fromEntries(plain.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return { home, tmp, env: { ...env, TMPDIR: tmp, CM_DEMO_SECONDS: String(seconds), CI: 'true' } };
}

interface Finished {
  readonly type: string;
  readonly repo: string;
  readonly landed: number;
  readonly factor: number;
}

function lastLine(program: Program): Finished {
  return JSON.parse(program.lines.at(-1) ?? '{}');
}

describe('the demo', () => {
  it('lands what should land, holds the planned conflict back and leaves nothing behind', async () => {
    const { home, tmp, env } = place(0.5);
    // Whatever the user has set: the demo runs the demo agent.
    const hostile = { ...env, CM_TUI_AGENT: 'claude', CM_TUI_CHECKS: '["false"]', GIT_DIR: join(home, 'nowhere') };
    const demo = new Program([process.execPath, script, '--headless'], { env: hostile });
    expect(await demo.ended).toMatchObject({ code: 0 });
    const finished = lastLine(demo);
    expect(finished).toMatchObject({ type: 'demo-finished', landed: 5 });
    expect(finished.factor).toBeGreaterThan(0);
    expect(finished.repo.startsWith(tmp)).toBe(true);
    expect(demo.stderr).toContain('US-046 was held back');
    const events = demo.lines.slice(0, -1).map((line): { type: string; prediction?: string } => JSON.parse(line));
    expect(events.filter(({ type }) => type === 'landed')).toHaveLength(5);
    expect(events.some(({ prediction }) => prediction === 'conflict')).toBe(true);
    expect(readdirSync(tmp)).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('ends its agents and removes everything when it is told to stop', async () => {
    const { tmp, env } = place(300);
    const demo = new Program([process.execPath, builtProgram, 'demo', '--headless'], { env });
    const started = JSON.parse(await demo.line(/"instance-started"/));
    expect(isRunning(started.process.pid)).toBe(true);
    demo.kill('SIGTERM');
    expect(await demo.ended).toMatchObject({ code: 130 });
    expect(isRunning(started.process.pid)).toBe(false);
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('says in one sentence that it needs a terminal', async () => {
    const { tmp, env } = place(1);
    const demo = new Program([process.execPath, builtProgram, 'demo'], { env });
    expect(await demo.ended).toMatchObject({ code: 3 });
    expect(demo.lines).toEqual([]);
    expect(demo.stderr).toBe('Not a terminal. Use "cm-tui demo --headless".\n');
    expect(readdirSync(tmp)).toEqual([]);
  });

  it.runIf(isLong)(
    'shows the screen, makes the hand edit meanwhile, and keeps the repository where it is asked to',
    async () => {
      const { tmp, env } = place(300);
      const terminal = startOnTerminal(process.execPath, [builtProgram, 'demo', '--keep'], {
        columns: 140,
        rows: 40,
        cwd: tmp,
        env: { ...env, CI: '', CM_DEMO_SECONDS: '1' },
      });
      terminals.push(terminal);
      await terminal.waitForText('US-046');
      const [folder = ''] = readdirSync(tmp);
      const repo = join(tmp, folder, 'corner-shop');
      await until(() => readFileSync(join(repo, 'src/pricing.js'), 'utf8').includes('TAX_RATE = 0.2;'));
      terminal.press('q');
      await terminal.waitForText(/keep|running/i);
      terminal.press('s');
      expect(await terminal.exited).toMatchObject({ exitCode: 0 });
      await terminal.waitForText(`{"type":"demo-finished","repo":"${repo}"`);
      expect(readFileSync(join(repo, 'README.md'), 'utf8')).toContain('Corner shop');
    },
  );
});

describe('npm run demo', () => {
  it('builds where there is no program or a source is newer, and hands its arguments on', async () => {
    const root = temporaryFolder();
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    // A build that leaves a mark, and a program that tells what it was started with.
    const program = 'console.log(JSON.stringify(process.argv.slice(1)))';
    write('scripts/demo.mjs', readFileSync(script, 'utf8'));
    write(
      'scripts/build.mjs',
      `import fs from 'node:fs'; fs.mkdirSync('${root}/dist', { recursive: true }); console.log('built');
fs.writeFileSync('${root}/dist/cli.js', ${JSON.stringify(program)});`,
    );
    write('source/deep/a.ts', '');
    write('package.json', '{"type":"module"}');
    const run = async () => {
      const demo = new Program([process.execPath, join(root, 'scripts/demo.mjs'), '--keep']);
      expect(await demo.ended).toMatchObject({ code: 0 });
      return demo.lines;
    };
    const told = JSON.stringify([join(root, 'dist/cli.js'), 'demo', '--keep']);
    expect(await run()).toEqual(['built', told]);
    expect(await run()).toEqual([told]);
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(root, 'source/deep/a.ts'), later, later);
    expect(await run()).toEqual(['built', told]);
  });
});
