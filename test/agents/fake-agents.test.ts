import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { AgentRegistry } from '../../source/agents/registry.ts';
import type { AgentSettings } from '../../source/domain/settings.ts';
import {
  type FinishedRun,
  lastOf,
  launchContext,
  makeWorkshop,
  runAgent,
  shownLines,
  type Workshop,
} from '../helpers/programs/agent-runs.ts';
import { agentTraits } from '../helpers/programs/fake-agents.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const fakes = fileURLToPath(new URL('../fixtures/fake-agents/', import.meta.url));
const prompt = '# US-043\n\n## Files you may change\n\n- `src.txt`\n';
const all = agentTraits();

function run(name: string, workshop: Workshop, switches: string, more: Partial<AgentSettings> = {}): FinishedRun {
  const command = join(fakes, `${name}.mjs`);
  const settings = { command, env: { FAKE_AGENT: switches }, ...more };
  return runAgent(new AgentRegistry({ agents: { [name]: settings } }).require(name), workshop, prompt);
}

function commitsOf(workshop: Workshop): number {
  return Number(workshop.git(workshop.worktree, 'rev-list', '--count', `${workshop.base}..HEAD`));
}

describe('a run from start to end, by the product’s own command line and environment', () => {
  test.each(all)('$name commits, and its output becomes readable without a brace', ({ name, silent, bare }) => {
    const workshop = makeWorkshop(temporaryFolder());
    const { exitCode, err, events } = run(name, workshop, '');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: [] });
    expect(commitsOf(workshop)).toBe(1);
    expect(workshop.git(workshop.worktree, 'status', '--porcelain')).toBe('');
    const lines = shownLines(events);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('\n')).not.toMatch(/[{}]/);
    expect(lines.some(line => line.startsWith('file: '))).toBe(bare !== true);
    if (silent !== true) {
      expect(lastOf(events, 'result')).toMatchObject({ ok: true });
      expect(lastOf(events, 'session')?.id).toBeTruthy();
    }
  });

  test.each(all)('$name: a failure is a failure with its words, though it ends with $failureCode', traits => {
    const { name, failureCode: code, bare } = traits;
    const workshop = makeWorkshop(temporaryFolder());
    const { exitCode, events } = run(name, workshop, 'fail=out-of-credit');
    expect(exitCode).toBe(code);
    // Where it says so on stderr alone, its exit code is the verdict.
    if (bare !== true) expect(lastOf(events, 'result')).toMatchObject({ ok: false });
    expect(shownLines(events).join('\n')).toContain('out-of-credit');
    expect(commitsOf(workshop)).toBe(0);
  });

  const limited = all.filter(({ retryAfterMs }) => retryAfterMs !== undefined);
  test.each(limited)('$name reports a rate limit', ({ name, retryAfterMs }) => {
    const { events } = run(name, makeWorkshop(temporaryFolder()), 'rate-limit=90');
    expect(events).toContainEqual({ type: 'rate-limited', retryAfterMs });
    expect(lastOf(events, 'result')).toMatchObject({ ok: false });
  });

  test('claude reports when its limit ends', () => {
    const { events } = run('claude', makeWorkshop(temporaryFolder()), 'rate-limit=3600');
    const wait = lastOf(events, 'rate-limited')?.retryAfterMs ?? 0;
    expect(wait).toBeGreaterThan(3_500_000);
    expect(wait).toBeLessThanOrEqual(3_601_000);
  });

  test.each(all)('$name: noise of every kind changes neither the verdict nor the reader’s calm', ({ name, silent }) => {
    const workshop = makeWorkshop(temporaryFolder());
    const { exitCode, events } = run(name, workshop, 'garbage,escape-codes,huge-line=1,crlf');
    expect(exitCode).toBe(0);
    expect(commitsOf(workshop)).toBe(1);
    expect(shownLines(events).every(line => line.length < 4200)).toBe(true);
    if (silent !== true) expect(lastOf(events, 'result')).toMatchObject({ ok: true });
  });
});

test('codex may write what a commit needs of the git folder, and not its configuration or hooks', () => {
  const workshop = makeWorkshop(temporaryFolder());
  const profile = new AgentRegistry({ agents: {} }).require('codex');
  const { args } = profile.launch(launchContext({ worktree: workshop.worktree }));
  const common = join(workshop.repository, '.git');
  const roots = [
    join(common, 'worktrees', 'shop-wt043'),
    ...['objects', 'refs', 'logs'].map(name => join(common, name)),
  ];
  expect(args).toContain(`sandbox_workspace_write.writable_roots=${JSON.stringify(roots)}`);
  expect(args.at(-1)).toBe('-');
  // The main checkout is no linked worktree: nothing is opened there.
  expect(profile.launch(launchContext({ worktree: workshop.repository })).args.join(' ')).not.toContain(
    'writable_roots',
  );
});

describe('misbehaviour that only the world can see', () => {
  test('a run without a commit, and one with a dirty tree', () => {
    const workshop = makeWorkshop(temporaryFolder());
    run('claude', workshop, 'no-commit');
    expect(commitsOf(workshop)).toBe(0);
    run('claude', workshop, 'dirty');
    expect(commitsOf(workshop)).toBe(1);
    expect(workshop.git(workshop.worktree, 'status', '--porcelain')).toContain('src.txt');
  });

  test('leaving the worktree, changing git’s configuration, leaving a process behind', () => {
    const folder = temporaryFolder();
    const workshop = makeWorkshop(folder);
    const mark = join(folder, 'ran');
    const { err } = run('any', workshop, `leave-worktree,daemon,edit-git-config=${mark}`);
    const pid = Number(/^daemon (\d+)$/.exec(err[0] ?? '')?.[1]);
    expect(pid).toBeGreaterThan(1);
    expect(process.kill(pid, 'SIGKILL')).toBe(true);
    expect(existsSync(join(workshop.repository, 'strayed.txt'))).toBe(true);
    expect(readFileSync(join(workshop.repository, '.git', 'config'), 'utf8')).toContain('fsmonitor');
  });

  test('any command: the prompt is in the file, stdin is empty, the exit code is its own', () => {
    const workshop = makeWorkshop(temporaryFolder());
    const ended = run('any', workshop, 'fail=no,exit=7');
    expect(ended).toMatchObject({ exitCode: 7, out: ['working on US-043'], err: ['error: no'] });
    expect(shownLines(ended.events)).toEqual(['text: working on US-043', 'error: error: no']);
  });
});
