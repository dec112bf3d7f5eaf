import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxed } from '../../source/agents/launch/sandbox.ts';
import { trySandboxes } from '../../source/agents/launch/sandbox-probe.ts';
import { AgentRegistry } from '../../source/agents/registry.ts';
import type { AgentOverride } from '../../source/domain/settings.ts';
import { launchContext } from '../helpers/programs/agent-runs.ts';

let base: string;

/** A folder that looks like a linked worktree is enough: nothing is started. */
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'cm-tui-test-'));
  mkdirSync(join(base, 'shop/.git/worktrees/shop-wt043'), { recursive: true });
  mkdirSync(join(base, 'shop/.git/objects'));
  mkdirSync(join(base, 'tree'));
  writeFileSync(join(base, 'tree/.git'), `gitdir: ${join(base, 'shop/.git/worktrees/shop-wt043')}\n`);
  writeFileSync(join(base, 'prompt.md'), 'Do it.');
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const env = { PATH: '/usr/bin', ANTHROPIC_API_KEY: 'secret', SSH_AUTH_SOCK: '/run/agent', CM_KEY: 'US-043' };

function inside(settings: AgentOverride, name = 'claude') {
  const profile = new AgentRegistry({ agents: { [name]: settings } }).require(name);
  const context = launchContext({ worktree: join(base, 'tree'), promptFile: join(base, 'prompt.md') });
  const { file, args, env: kept } = sandboxed(profile, { file: 'agent', args: ['-p', 'a b'], env }, context);
  return { line: [file, ...args].join(' '), args, kept };
}

describe('the sandbox of an agent', () => {
  test('is off unless it is asked for', () => {
    expect(inside({})).toMatchObject({ line: 'agent -p a b', kept: env });
  });

  test('bwrap: what a commit writes is writable, settings and hooks are not, other credentials are hidden', () => {
    const { line, args, kept } = inside({ sandbox: 'bwrap' });
    const git = join(base, 'shop/.git');
    expect(line).toContain(`--ro-bind ${git} ${git} --tmpfs ${git}/cm-tui`);
    expect(line).toContain(`--bind-try ${git}/objects ${git}/objects`);
    expect(line).toContain(`--bind ${base}/tree ${base}/tree`);
    expect(line).toContain(`--bind-try ${homedir()}/.claude ${homedir()}/.claude`);
    expect(line).not.toContain('--unshare-net');
    expect(args.slice(-4)).toEqual(['--', 'agent', '-p', 'a b']);
    expect(kept).not.toHaveProperty('SSH_AUTH_SOCK');
  });

  test('bwrap: network, limits and further paths by setting', () => {
    const sandboxOptions = {
      network: false,
      memory: 1024,
      processes: 50,
      writable: ['.cache/x'],
      readable: ['/tmp/y'],
    };
    const { line } = inside({ sandbox: 'bwrap', sandboxOptions });
    expect(line).toContain('--unshare-net');
    expect(line).toContain(`--bind-try ${homedir()}/.cache/x ${homedir()}/.cache/x`);
    expect(line).toContain('--ro-bind-try /tmp/y /tmp/y');
    expect(line).toMatch(/-- prlimit --data=1024 --nproc=50 -- agent -p a b$/);
  });

  test.each(['podman', 'docker'] as const)('%s: the same by mounts, with names of variables and no values', engine => {
    const sandboxOptions = { image: 'agents:1', network: false, memory: 1024, processes: 50 };
    const { line } = inside({ sandbox: engine, sandboxOptions });
    expect(line).toMatch(new RegExp(`^${engine} run --rm --interactive --init --name cm-tui-`));
    expect(line).toContain('--network none --memory 1024 --pids-limit 50');
    const git = join(base, 'shop/.git');
    expect(line).toContain(`--mount type=bind,source=${git},destination=${git},readonly`);
    expect(line).toContain(`--mount type=bind,source=${git}/objects,destination=${git}/objects `);
    expect(line).toContain(`--mount type=tmpfs,destination=${git}/cm-tui`);
    expect(line).toContain('--env ANTHROPIC_API_KEY --env CM_KEY agents:1 agent -p a b');
    expect(line).not.toMatch(/secret|--env PATH|--env SSH_AUTH_SOCK/);
  });

  test('a container without an image says which setting is missing', () => {
    expect(() => inside({ sandbox: 'podman' })).toThrow('set agents.claude.sandboxOptions.image');
  });

  test('outside of a linked worktree nothing starts', () => {
    const profile = new AgentRegistry({ agents: { claude: { sandbox: 'bwrap' } } }).require('claude');
    const context = launchContext({ worktree: base });
    expect(() => sandboxed(profile, { file: 'agent', args: [], env }, context)).toThrow('is not a linked worktree');
  });

  test('is tried by doctor: missing program, missing image, no namespaces, and one that works', async () => {
    const bin = join(base, 'bin');
    mkdirSync(bin);
    for (const name of ['bwrap', 'docker']) writeFileSync(join(bin, name), '#!/bin/sh\n', { mode: 0o755 });
    const agents = {
      claude: { sandbox: 'bwrap' },
      codex: { sandbox: 'podman' },
      gemini: { sandbox: 'docker', sandboxOptions: { image: 'agents:1' } },
      qwen: { sandbox: 'docker' },
    } as const;
    const answers = new Map([
      ['bwrap', { exitCode: 1, output: 'bwrap: No permissions to create new namespace\n' }],
      ['docker', { exitCode: 0, output: '[]' }],
    ]);
    const world = {
      env: { PATH: bin },
      cwd: '/',
      run: async ([file = '']: readonly string[] | string) => ({
        ...(answers.get(file.split('/').at(-1) ?? '') ?? { exitCode: 1, output: '' }),
        timedOut: false,
      }),
    };
    const trials = await trySandboxes(new AgentRegistry({ agents }), world as never);
    const problems = Object.fromEntries(trials.map(({ agent, problem }) => [agent, problem]));
    expect(problems.claude).toMatch(/^bubblewrap cannot make namespaces here \(.*No permissions/);
    expect(problems.codex).toBe('"podman" is not installed. Install Podman.');
    expect(problems.gemini).toBeNull();
    expect(problems.qwen).toBe('Set agents.qwen.sandboxOptions.image to an image.');
  });
});
