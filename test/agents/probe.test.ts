import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../../source/adapters/processes/run-program.ts';
import { type ProbeWorld, probeAgents, probeTools } from '../../source/agents/launch/probe.ts';
import { AgentRegistry } from '../../source/agents/registry.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const fakes = fileURLToPath(new URL('../fixtures/fake-agents/', import.meta.url));

/** A world whose commands really run; one named `never` does not answer. */
function world(folder: string, path = process.env.PATH ?? ''): ProbeWorld {
  return {
    env: { PATH: path },
    cwd: folder,
    async run(command) {
      const [file = '', ...args] = typeof command === 'string' ? [command] : command;
      if (file.endsWith('never')) return { exitCode: null, output: '', timedOut: true };
      return { ...(await runProgram(file, args, folder)), timedOut: false };
    },
  };
}

function program(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('doctor’s probes', () => {
  test.each([
    ['2.1.9', null],
    ['99.0.0', 'tried'],
    ['2.1.332', null],
    ['2.1.333', 'tried'],
    ['unknown', null],
  ])('a version %s is newer than the one that was tried: %s', async (version, newer) => {
    const folder = temporaryFolder();
    const agents = { claude: { command: program(folder, 'claude', `echo '${version} (Claude Code)'`) } };
    const registry = new AgentRegistry({ agents }, [process.execPath, 'cli.js']);
    const found = await probeAgents(registry, world(folder, folder));
    expect(registry.get('claude')?.tried).toBe('2.1.332');
    expect(found.find(({ name }) => name === 'claude')?.newerThan).toBe(newer === null ? null : '2.1.332');
  });

  test('tell what is there, in which version, and what is missing', async () => {
    const folder = temporaryFolder();
    const agents = {
      claude: { command: join(fakes, 'claude.mjs') },
      codex: { command: join(fakes, 'codex.mjs') },
      copilot: { command: join(fakes, 'copilot.mjs') },
      broken: { command: program(folder, 'broken', 'echo nonsense; exit 3'), versionArgs: ['--version'] },
      slow: { command: program(folder, 'never', 'sleep 60'), versionArgs: ['--version'] },
      // Nothing is known of it: it is not started at all.
      bare: { command: program(folder, 'bare', 'touch worked; exit 1') },
    };
    const found = await probeAgents(new AgentRegistry({ agents }, [process.execPath, 'cli.js']), world(folder, folder));
    const of = (name: string) => found.find(each => each.name === name);
    expect(of('claude')).toMatchObject({
      found: true,
      version: '2.1.0',
      path: join(fakes, 'claude.mjs'),
      problem: null,
    });
    expect(of('codex')).toMatchObject({ found: true, version: '0.169.0', problem: null });
    expect(of('copilot')).toMatchObject({ found: true, version: '1.0.102', problem: null });
    expect(of('demo')).toMatchObject({ found: true, version: null, problem: null });
    expect(of('gemini')).toMatchObject({
      found: false,
      version: null,
      path: null,
      problem: '"gemini" is not on the PATH.',
      install: expect.stringContaining('npm install -g @google/gemini-cli'),
    });
    expect(of('broken')).toMatchObject({
      found: true,
      version: null,
      problem: expect.stringMatching(/--version" ended with exit code 3/),
    });
    expect(of('slow')).toMatchObject({
      found: true,
      problem: expect.stringMatching(/did not respond within 15 seconds/),
    });
    expect(of('bare')).toMatchObject({ found: true, version: null, problem: null });
    expect(existsSync(join(folder, 'worked'))).toBe(false);
  });

  test('a program in the current folder is not on the PATH', async () => {
    const folder = temporaryFolder();
    program(folder, 'claude', 'touch ran; echo 1.0.0');
    program(join(folder, 'bin'), 'claude', 'touch ran; echo 1.0.0');
    for (const path of ['', '.', ':/nowhere', 'bin', join(folder, 'bin'), `${folder}/bin/../bin`]) {
      const found = await probeAgents(new AgentRegistry({ agents: {} }, [process.execPath]), world(folder, path));
      expect(found.find(each => each.name === 'claude')).toMatchObject({ found: false });
    }
  });

  test('git and tmux, and a git that is too old', async () => {
    const folder = temporaryFolder();
    const [git] = await probeTools(world(folder));
    expect(git).toMatchObject({ name: 'git', found: true, problem: null, version: expect.stringMatching(/^\d+\.\d+/) });
    const elsewhere = temporaryFolder();
    program(elsewhere, 'git', 'echo git version 2.37.9');
    const old = await probeTools(world(folder, elsewhere));
    expect(old[0]).toMatchObject({ version: '2.37.9', problem: 'git 2.37.9 is too old. Install 2.38 or newer.' });
    expect(old[1]).toMatchObject({ name: 'tmux', found: false, install: expect.stringContaining('Install tmux') });
  });
});
