import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onTerminal } from '../../helpers/programs/on-terminal.ts';
import type { ItemOptions, Product } from '../../helpers/programs/product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

/** A repository whose PATH holds git and these programs only; each of them answers with a version. */
function product(programs: readonly string[] = [], items: readonly ItemOptions[] = []): Product {
  const one = temporaryProduct({ items: [{ id: 'US-041', files: ['a.txt'] }, ...items] });
  const bin = join(one.base, 'bin');
  mkdirSync(bin);
  symlinkSync(execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(), join(bin, 'git'));
  for (const name of programs) {
    writeFileSync(join(bin, name), '#!/bin/sh\necho "version 7.8.9"\n');
    chmodSync(join(bin, name), 0o755);
  }
  one.env.PATH = bin;
  return one;
}

/** Where the repository's settings are kept. */
const fileOf = (one: Product) => join(one.root, '.git/cm-tui/config.json');

interface Report {
  readonly ok: boolean;
  readonly repo: string | null;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly text: string }[];
  readonly agents: readonly { readonly name: string; readonly found: boolean; readonly version: string | null }[];
}

const check = (report: Report, name: string) => report.checks.find(one => one.name === name);

describe('init', () => {
  it.runIf(isLong)('writes the agent it found and nothing else, and never over a file that is there', async () => {
    const one = product(['gemini', 'aider']);
    rmSync(fileOf(one));
    const first = await one.run('init');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`Found gemini 7.8.9 at ${join(one.base, 'bin/gemini')}`);
    expect(first.stdout).toContain('cm-tui config set agent aider');
    expect(JSON.parse(readFileSync(fileOf(one), 'utf8'))).toEqual({ agent: 'gemini' });
    const second = await one.run('init', '--agent', 'aider');
    expect(second.stdout).toContain('already exists and was not changed');
    expect(JSON.parse(readFileSync(fileOf(one), 'utf8'))).toEqual({ agent: 'gemini' });
  });

  it('names what to install where there is no agent', async () => {
    const one = product();
    rmSync(fileOf(one));
    const { code, stderr } = await one.run('init');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^No agent found .*claude, codex.*\n$/);
    expect(existsSync(fileOf(one))).toBe(false);
  });

  it('says which lists there are and how much they hold, and then asks nothing', async () => {
    const one = product(['claude']);
    one.git('rm', '-q', 'docs/roadmap/ROADMAP.md');
    const put = (path: string, text: string): void => {
      mkdirSync(join(one.root, path, '..'), { recursive: true });
      writeFileSync(join(one.root, path), text);
    };
    put('specs/001-a/tasks.md', '- [x] T001 One\n- [ ] T002 Two\n');
    put('specs/002-b/tasks.md', '- [ ] T001 Three\n');
    put('backlog/tasks/task-1 - a.md', '---\nid: task-1\ntitle: a\nstatus: Maybe\n---\n');
    rmSync(fileOf(one));
    const terminal = onTerminal(one, { columns: 200, args: ['init'] });
    // Nobody answers anything.
    expect(await terminal.exited).toMatchObject({ exitCode: 0 });
    const shown = (await terminal.screen()).join('\n');
    expect(shown).toContain('Found spec-kit: specs/001-a/tasks.md and 1 more, 3 items, 2 planned.');
    expect(shown).toContain('Found backlog: backlog/tasks/task-1 - a.md, 1 item, 0 planned.');
    expect(shown).toContain('1 problem in these lists. Show it with "cm-tui roadmap".');
    expect(shown).not.toContain('?');
    expect(existsSync(join(one.root, 'docs'))).toBe(false);
  });

  it('makes a ROADMAP on a yes only, whose example waits to be written', async () => {
    const one = product(['claude']);
    one.git('rm', '-q', 'docs/roadmap/ROADMAP.md');
    expect((await one.run('init')).stdout).toContain('No ROADMAP found');
    expect(existsSync(join(one.root, 'docs'))).toBe(false);
    const terminal = onTerminal(one, { columns: 200, args: ['init'] });
    await terminal.waitForText('Create docs/roadmap/ROADMAP.md with one example? [y/N]');
    terminal.press('y\r');
    expect(await terminal.exited).toMatchObject({ exitCode: 0 });
    const roadmap = await one.json<{ items: { id: string; status: string }[]; problems: unknown[] }>(
      'roadmap',
      '--json',
    );
    expect(roadmap.items).toMatchObject([{ id: 'US-001', status: 'blocked' }]);
    expect(roadmap.problems).toEqual([]);
  });
});

describe('doctor', () => {
  it('says which branch leaves no room for those of runs', async () => {
    const one = product(['codex']);
    one.configure({ agent: 'codex', branchPrefix: 'cm/work/' });
    expect(check(await one.json<Report>('doctor', '--json'), 'branches')).toBeUndefined();
    one.git('branch', 'cm');
    expect(check(await one.json<Report>('doctor', '--json'), 'branches')).toMatchObject({
      status: 'problem',
      text: 'The branch cm exists, so no branch can be called cm/…; choose another prefix, e.g. with "cm-tui config set branchPrefix cm-".',
    });
  });

  it('finds nothing wrong in a repository that is fit', async () => {
    const one = product(['codex']);
    const report = await one.json<Report>('doctor', '--json');
    expect(report).toMatchObject({ ok: true, repo: one.root });
    expect(report.agents).toContainEqual(expect.objectContaining({ name: 'codex', found: true, version: '7.8.9' }));
    expect(report.agents).toContainEqual(expect.objectContaining({ name: 'claude', found: false }));
    expect(check(report, 'script')).toMatchObject({ status: 'ok' });
    expect(one.git('log', '--format=%s')).toBe('Begin');
    expect(check(report, 'identity')?.text).toBe('Ada <ada@example.org>');
    expect(check(report, 'ROADMAP')?.text).toContain('1 item, 1 planned, no problems');
    expect(check(report, 'ownership')?.status).toBe('missing');
    expect(check(report, 'tmux')?.status).toBe('missing');
    const shown = await one.run('doctor');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^✓ ok {7}git {10}\d/m);
    expect(shown.stdout).toMatch(/^– missing {2}claude {7}Install/m);
    expect(shown.stdout).toContain('Nothing prevents work.');
  });

  it('ends with 3 where the agent of the settings is missing', async () => {
    const one = product();
    one.configure({ agent: 'claude' });
    const { code, stdout } = await one.run('doctor');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^✗ problem {2}claude .*Install Claude Code/m);
  });

  it.runIf(isLong)('tells of items that ask for a program which is unknown or not there', async () => {
    const asks = (id: string, program: string, more = {}) => ({ id, extra: `**Agent program**: ${program}`, ...more });
    const one = product(
      ['codex'],
      [
        asks('US-042', 'codex'),
        asks('US-043', 'gemini'),
        asks('US-044', 'gpt'),
        asks('US-045', 'gpt', { status: '✅ Complete' }),
      ],
    );
    const report = await one.json<Report>('doctor', '--json');
    expect(check(report, 'programs')).toEqual({
      name: 'programs',
      status: 'note',
      text: 'US-043 asks for gemini, which is not installed; US-044 asks for gpt, an unknown agent.',
    });
  });

  it('nothing starts where a fallback is no agent', async () => {
    const one = product();
    one.configure({ fallbackAgents: ['gpt'] });
    const refused = await one.run('start', '--headless', '--exit-when-idle');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^Unknown agent "gpt"\. Use one of/);
  });

  it('ends with 3 where git does not know who commits', async () => {
    const one = product();
    for (const name of ['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_NAME', 'GIT_COMMITTER_EMAIL']) {
      delete one.env[name];
    }
    one.git('config', 'user.useConfigOnly', 'true');
    const { code, stdout } = await one.run('doctor');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^✗ problem {2}repository .*set git config user\.name/m);
  });

  it.runIf(isLong)('still speaks of programs outside of a repository', async () => {
    const one = product(['claude']);
    const { code, stdout } = await one.run('doctor', '--repo', one.base);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^! note {5}claude {6}7\.8\.9/m);
    expect(stdout).toMatch(/^✗ problem {2}repository .*not inside a git repository/m);
  });

  it('sees the coordinator, waiting consent and a damaged journal, and changes nothing', async () => {
    const one = product();
    one.configure({ maxParallel: 1, agents: { script: { command: 'git' } } });
    one.write('.cm-tui.json', JSON.stringify({ checks: ['true'] }));
    const running = one.start('start', '--headless');
    await running.event(({ type }) => type === 'instance-requested');
    const report = await one.json<Report>('doctor', '--json');
    expect(check(report, 'coordinator')?.text).toContain(`pid ${running.pid}`);
    expect(check(report, 'settings')).toMatchObject({ status: 'note' });
    expect(check(report, 'journal')?.text).toContain('intact');
    running.kill('SIGTERM');
    await running.exit;
    const journal = join(one.root, '.git/cm-tui/journal.jsonl');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('"US-041"', '"US-142"'));
    const damaged = readFileSync(journal, 'utf8');
    const hurt = await one.run('doctor');
    expect(hurt.code).toBe(3);
    expect(hurt.stdout).toMatch(/^✗ problem {2}journal .*is damaged \(line \d/m);
    expect(readFileSync(journal, 'utf8')).toBe(damaged);
  });
});

describe('config', () => {
  it('sets, gets and takes out settings, and refuses what cannot be', async () => {
    const one = product();
    expect(await one.run('config', 'path')).toMatchObject({ code: 0, stdout: `${fileOf(one)}\n` });
    expect(await one.run('config', 'set', 'maxParallel', '2')).toMatchObject({ code: 0 });
    expect(await one.run('config', 'get', 'maxParallel')).toMatchObject({ code: 0, stdout: '2\n' });
    expect(await one.run('config', 'get', 'agent')).toMatchObject({ code: 0, stdout: 'script\n' });
    expect(await one.run('config', 'set', 'maxParallel', '99')).toMatchObject({ code: 2, stdout: '' });
    expect((await one.run('config', 'set', 'maxParalel', '3')).stderr).toContain('did you mean "maxParallel"?');
    expect(await one.run('config', 'unset', 'maxParallel')).toMatchObject({ code: 0 });
    expect(await one.run('config', 'get', 'maxParallel')).toMatchObject({ code: 0, stdout: '4\n' });
    expect(await one.run('config', 'grow')).toMatchObject({ code: 2 });
    expect(await one.json('config', 'get')).toMatchObject({ agent: 'script', maxParallel: 4 });
  });

  it.runIf(isLong)("keeps the user's settings outside of any repository", async () => {
    const one = product();
    const place = join(one.base, 'home/.config/cm-tui/config.json');
    expect(await one.run('config', 'path', '--user', '--repo', one.base)).toMatchObject({
      code: 0,
      stdout: `${place}\n`,
    });
    expect(await one.run('config', 'set', 'theme', 'mono', '--user', '--repo', one.base)).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(place, 'utf8'))).toEqual({ theme: 'mono' });
    expect(await one.run('config', 'get', 'theme')).toMatchObject({ stdout: 'mono\n' });
  });

  it('opens the editor and says what is wrong afterwards', async () => {
    const one = product();
    const editor = join(one.base, 'bin/editor');
    writeFileSync(editor, '#!/bin/sh\nprintf \'{"maxParallel": "many"}\' > "$2"\n');
    chmodSync(editor, 0o755);
    one.env.VISUAL = `${editor} --wait`;
    const terminal = onTerminal(one, { columns: 200, args: ['config', 'edit'] });
    await terminal.waitForText('Use a whole number from 1 to 64');
    expect(await terminal.exited).toMatchObject({ exitCode: 2 });
    expect(await one.run('config', 'edit')).toMatchObject({ code: 3 });
  });

  it('accepts what a tracked file wants to start, by its hash and on a yes only', async () => {
    const one = product();
    one.write('.cm-tui.json', JSON.stringify({ checks: ['true'] }));
    const asked = await one.run('config', 'trust');
    expect(asked).toMatchObject({ code: 3 });
    expect(asked.stdout).toMatch(/SHA-256 [0-9a-f]{64}.* sets: checks\./);
    expect(await one.run('config', 'get', 'checks')).toMatchObject({ stdout: '[]\n' });
    const terminal = onTerminal(one, { columns: 200, args: ['config', 'trust'] });
    await terminal.waitForText('[y/N]');
    terminal.press('y\r');
    expect(await terminal.exited).toMatchObject({ exitCode: 0 });
    expect(await one.json('config', 'get', 'checks')).toEqual(['true']);
    one.write('.cm-tui.json', JSON.stringify({ checks: ['false'] }));
    expect(await one.run('config', 'get', 'checks')).toMatchObject({ stdout: '[]\n' });
  });
});

describe('a mistyped command', () => {
  it('is named, with the one that was meant', async () => {
    const one = product();
    const { code, stderr } = await one.run('statsu');
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean "status"?');
  });
});
