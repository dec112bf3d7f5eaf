import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readOptions } from '../../source/agents/demo/options.ts';
import { buildPrompt } from '../../source/agents/launch/prompt.ts';
import { AgentRegistry } from '../../source/agents/registry.ts';
import type { Item, Scope } from '../../source/domain/item.ts';
import { noOwnership } from '../../source/domain/ownership/ownership.ts';
import type { AgentProfile } from '../../source/ports/agents.ts';
import { lastOf, makeWorkshop, runAgent, shownLines, type Workshop } from '../helpers/programs/agent-runs.ts';
import { bundleProgram } from '../helpers/programs/programs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

let profile: AgentProfile;

beforeAll(async () => {
  const program = await bundleProgram('demo-agent');
  const registry = new AgentRegistry({ agents: { demo: { env: { CM_DEMO_SECONDS: '0' } } } }, [
    process.execPath,
    program,
  ]);
  profile = registry.require('demo');
});

/** A prompt as the product makes it, so that the agent is tried on what it will read. */
function promptFor(paths: readonly string[], directive = ''): string {
  const scope: Scope = { kind: paths.length > 0 ? 'known' : 'unknown', paths };
  const item: Item = {
    id: 'US-043',
    key: 'US-043',
    aliases: [],
    title: 'Coupons',
    status: 'planned',
    heading: '',
    line: 1,
    endLine: 2,
    dependsOn: [],
    notes: [],
    scope,
    agentType: 'code_developer',
    agentProgram: null,
    estimateHours: null,
    duplicate: false,
    prompt: null,
  };
  return buildPrompt({
    item,
    sectionText: `### US-043: Coupons\n${directive}\n`,
    ownership: noOwnership,
    agentType: 'code_developer',
    scope,
    branch: 'roadmap-043',
    base: '',
    checks: [],
    template: null,
  });
}

function changedPaths(workshop: Workshop): readonly string[] {
  return workshop.git(workshop.worktree, 'diff', '--name-only', workshop.base, 'HEAD').split('\n');
}

function isClean(workshop: Workshop): boolean {
  return workshop.git(workshop.worktree, 'status', '--porcelain') === '';
}

describe('demo agent, as a process of its own', () => {
  test('edits what its scope names, commits, and tells it', () => {
    const workshop = makeWorkshop(temporaryFolder());
    const { exitCode, events } = runAgent(
      profile,
      workshop,
      promptFor(['src/coupons.js', 'src/shipping/**', 'README.md']),
    );
    expect(exitCode).toBe(0);
    expect(changedPaths(workshop)).toEqual(['README.md', 'src/coupons.js', 'src/shipping/rates.js']);
    expect(isClean(workshop)).toBe(true);
    const subject = workshop.git(workshop.worktree, 'log', '-1', '--format=%s');
    expect(subject).toContain('US-043');
    expect(shownLines(events)).toEqual(
      expect.arrayContaining([
        'file: Write src/coupons.js',
        'plan: [ ] commit',
        'command:   exit 0',
        'command: $ git add --all',
      ]),
    );
    expect(lastOf(events, 'result')).toMatchObject({ ok: true });
    expect(lastOf(events, 'session')?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('without a scope it makes a note; paths that leave the worktree are not followed', () => {
    const workshop = makeWorkshop(temporaryFolder());
    expect(
      runAgent(profile, workshop, promptFor(['../outside.txt', '/tmp/outside.txt', 'a/../../x', 'notes.md'])).exitCode,
    ).toBe(0);
    expect(changedPaths(workshop)).toEqual(['notes.md']);
    const other = makeWorkshop(temporaryFolder());
    runAgent(profile, other, promptFor([]));
    expect(changedPaths(other)).toEqual(['notes/us-043.md']);
  });

  test.each(['a.ts', 'a.py', 'a.json', 'a.css', 'a.yaml', 'lib/', 'lib/**/*.ts', '*.md'])(
    'something sensible for %s',
    path => {
      const workshop = makeWorkshop(temporaryFolder());
      expect(runAgent(profile, workshop, promptFor([path])).exitCode).toBe(0);
      expect(changedPaths(workshop)).toHaveLength(1);
    },
  );

  test.each([
    ['fail=3', 3, false, 0],
    ['fail=0', 0, false, 0],
    ['no-commit', 0, true, 0],
    ['rate-limit=90', 1, false, 0],
    ['dirty', 0, true, 1],
    ['out-of-scope=package.json', 0, true, 1],
    ['conflict=src/coupons.js', 0, true, 1],
  ])('misbehaves when asked: %s', (words, code, ok, commits) => {
    const workshop = makeWorkshop(temporaryFolder());
    const { exitCode, events } = runAgent(profile, workshop, promptFor(['src/coupons.js'], `<!-- demo: ${words} -->`));
    expect(exitCode).toBe(code);
    expect(lastOf(events, 'result')).toMatchObject({ ok });
    expect(Number(workshop.git(workshop.worktree, 'rev-list', '--count', `${workshop.base}..HEAD`))).toBe(commits);
    expect(isClean(workshop)).toBe(words !== 'dirty');
    expect(existsSync(join(workshop.worktree, 'package.json'))).toBe(words.startsWith('out-of-scope'));
    if (words.startsWith('conflict')) {
      expect(readFileSync(join(workshop.worktree, 'src/coupons.js'), 'utf8')).toMatch(/^\/\/ changed by US-043\n/);
    }
    expect(lastOf(events, 'rate-limited')?.retryAfterMs).toBe(words.startsWith('rate-limit') ? 90_000 : undefined);
  });

  test('a session goes on with a message, in the files of the branch', () => {
    const workshop = makeWorkshop(temporaryFolder());
    runAgent(profile, workshop, promptFor(['src/coupons.js']));
    const { exitCode, events } = runAgent(profile, workshop, 'Please say hello too.', { session: 'demo-1' });
    expect(exitCode).toBe(0);
    expect(lastOf(events, 'session')?.id).toBe('demo-1');
    expect(readFileSync(join(workshop.worktree, 'src/coupons.js'), 'utf8')).toMatch(/\/\/ Please say hello too\.\n$/);
    expect(isClean(workshop)).toBe(true);
  });

  test('prints as many lines as it is asked to', () => {
    const workshop = makeWorkshop(temporaryFolder());
    const { out } = runAgent(profile, workshop, promptFor(['a.md'], '<!-- demo: no-commit -->'), {});
    const flooded = runAgent(
      new AgentRegistry({ agents: { demo: { env: { CM_DEMO_SECONDS: '0.3', CM_DEMO_LINES: '2000' } } } }, [
        profile.settings.command,
        profile.settings.args[0] ?? '',
      ]).require('demo'),
      workshop,
      promptFor(['a.md'], '<!-- demo: no-commit -->'),
    );
    expect(flooded.out.length).toBeGreaterThan(out.length + 300);
  });
});

describe('options', () => {
  test('arguments before environment before the item’s section', () => {
    const prompt = 'text <!-- demo: seconds=6 dirty, conflict=a.txt --> <!-- demo: seconds=7 -->';
    expect(readOptions([], {}, prompt)).toMatchObject({
      seconds: 7,
      dirty: true,
      conflict: 'a.txt',
      fail: null,
      hang: null,
    });
    expect(readOptions([], { CM_DEMO_SECONDS: '8' }, prompt).seconds).toBe(8);
    expect(readOptions(['--seconds', '9', '--hang'], { CM_DEMO_SECONDS: '8' }, prompt)).toMatchObject({
      seconds: 9,
      hang: 'before',
    });
    expect(readOptions(['--seconds=2', '--fail', '--hang-after-result'], {}, '')).toMatchObject({
      seconds: 2,
      fail: 1,
      hang: 'after',
    });
    expect(readOptions(['--seconds', 'many'], {}, '').seconds).toBe(6);
  });
});
