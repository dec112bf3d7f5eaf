import { describe, expect, test } from 'vitest';
import { agentEnvironment, commandEnvironment } from '../../source/agents/launch/environment.ts';
import { AgentRegistry } from '../../source/agents/registry.ts';
import type { AgentSettings } from '../../source/domain/settings.ts';
import { launchContext } from '../helpers/programs/agent-runs.ts';

const caller = {
  PATH: '/usr/bin',
  HOME: '/home/sam',
  LC_ALL: 'C.UTF-8',
  XDG_CONFIG_HOME: '/home/sam/.config',
  HTTPS_PROXY: 'http://proxy:3128',
  NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
  ANTHROPIC_API_KEY: 'sk-ant',
  OPENAI_API_KEY: 'sk-oai',
  DATABASE_PASSWORD: 'hunter2',
  GITHUB_TOKEN: 'ghp',
  GIT_DIR: '/elsewhere/.git',
  GIT_CONFIG_GLOBAL: '/tmp/evil',
  GIT_CONFIG_COUNT: '9',
  GIT_SSH_COMMAND: 'evil',
  GIT_AUTHOR_NAME: 'Sam',
  NODE_OPTIONS: '--require /tmp/evil.js',
  CM_RUN_ID: 'of-an-outer-run',
  CLAUDECODE: '1',
};

function environmentOf(name: string, settings: Partial<AgentSettings> = {}): Record<string, string> {
  const profile = new AgentRegistry({ agents: { [name]: settings } }, ['node', 'cli.js']).require(name);
  return agentEnvironment(caller, profile, launchContext());
}

describe('environment of an agent', () => {
  test('holds the run, the usual names and what the program needs, nothing else', () => {
    const env = environmentOf('claude');
    expect(env).toMatchObject({
      PATH: '/usr/bin',
      HOME: '/home/sam',
      LC_ALL: 'C.UTF-8',
      XDG_CONFIG_HOME: '/home/sam/.config',
      HTTPS_PROXY: 'http://proxy:3128',
      ANTHROPIC_API_KEY: 'sk-ant',
      GIT_AUTHOR_NAME: 'Sam',
      CM_RUN_ID: 'run0123456789abc',
      CM_PRIORITY_ID: 'US-043',
      CM_KEY: 'US-043',
      CM_TITLE: 'Coupons; $(id) {prompt} `x`',
      CM_BRANCH: 'roadmap-043',
      CM_BASE: 'a'.repeat(40),
      CM_PROMPT_FILE: '/tmp/prompt.md',
    });
    for (const name of ['OPENAI_API_KEY', 'DATABASE_PASSWORD', 'GITHUB_TOKEN', 'NODE_OPTIONS', 'CLAUDECODE']) {
      expect(env).not.toHaveProperty(name);
    }
  });

  test('no variable of git comes through but who the committer is, and maintenance is off', () => {
    const env = environmentOf('claude');
    const git = Object.keys(env).filter(name => name.startsWith('GIT_'));
    expect(git.sort()).toEqual([
      'GIT_AUTHOR_NAME',
      'GIT_CONFIG_COUNT',
      'GIT_CONFIG_KEY_0',
      'GIT_CONFIG_KEY_1',
      'GIT_CONFIG_VALUE_0',
      'GIT_CONFIG_VALUE_1',
      'GIT_EDITOR',
      'GIT_PAGER',
      'GIT_SEQUENCE_EDITOR',
      'GIT_TERMINAL_PROMPT',
    ]);
    expect(env).toMatchObject({
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'gc.auto',
      GIT_CONFIG_VALUE_0: '0',
      GIT_CONFIG_KEY_1: 'maintenance.auto',
      GIT_CONFIG_VALUE_1: 'false',
      GIT_TERMINAL_PROMPT: '0',
    });
  });

  test('who commits is said once more, for programs that hide the user’s configuration from git', () => {
    const profile = new AgentRegistry({ agents: {} }).require('gemini');
    const committer = { name: 'Sam "S" Doe', email: 'sam@example.invalid' };
    expect(agentEnvironment(caller, profile, launchContext({ committer }))).toMatchObject({
      GIT_CONFIG_COUNT: '4',
      GIT_CONFIG_KEY_2: 'user.name',
      GIT_CONFIG_VALUE_2: 'Sam "S" Doe',
      GIT_CONFIG_KEY_3: 'user.email',
      GIT_CONFIG_VALUE_3: 'sam@example.invalid',
    });
  });

  test('what the user has switched off stays off; what says that another agent is around stays out', () => {
    const profile = new AgentRegistry({ agents: {} }).require('claude');
    const off = { DO_NOT_TRACK: '1', DISABLE_TELEMETRY: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
    const around = { CLAUDECODE: '1', CLAUDE_CODE_ENTRYPOINT: 'cli', CLAUDE_CODE_SSE_PORT: '1' };
    const env = agentEnvironment({ ...off, ...around }, profile, launchContext());
    expect(env).toMatchObject(off);
    for (const name of Object.keys(around)) expect(env).not.toHaveProperty(name);
  });

  test('the demo agent needs no network, so it starts without extra certificates', () => {
    expect(environmentOf('demo')).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
    expect(environmentOf('mine', { command: 'mine' })).toHaveProperty('NODE_EXTRA_CA_CERTS', '/etc/ca.pem');
  });

  test('an own program gets what its settings name; secrets are borrowed, not written down', () => {
    const env = environmentOf('mine', {
      command: 'mine',
      env: {
        KEY: '{env:OPENAI_API_KEY}',
        URL: 'postgres://app:{env:DATABASE_PASSWORD}@db',
        MISSING: '{env:NOT_THERE}',
        EMPTY: '',
        HERE: '{worktree}/bin',
        CM_RUN_ID: 'forged',
      },
    });
    expect(env).toMatchObject({
      KEY: 'sk-oai',
      URL: 'postgres://app:hunter2@db',
      EMPTY: '',
      HERE: '/tmp/shop-wt043/bin',
      CM_RUN_ID: 'run0123456789abc',
    });
    expect(env).not.toHaveProperty('MISSING');
    expect(env).not.toHaveProperty('OPENAI_API_KEY');
  });

  test('a title that reads like a borrowed secret stays a title', () => {
    const profile = new AgentRegistry({ agents: { mine: { command: 'mine', env: { T: '{title}' } } } }).require('mine');
    const context = launchContext({ title: '{env:DATABASE_PASSWORD}' });
    expect(agentEnvironment(caller, profile, context).T).toBe('{env:DATABASE_PASSWORD}');
    expect(profile.launch(context).env).toMatchObject({ T: '{env:DATABASE_PASSWORD}', CM_KEY: 'US-043' });
  });

  test('setup and checks get the variables of the settings, those that these let through, and ports of their own', () => {
    const mine = { JAVA_HOME: '/opt/java', DATABASE_URL: 'postgres://localhost', CI_TOKEN: 't', OTHER: 'x' };
    const settings = {
      env: { NODE_ENV: 'test', TOKEN: '{env:CI_TOKEN}', NONE: '{env:MISSING}' },
      passEnv: ['DATABASE_*'],
    };
    const env = commandEnvironment({ ...caller, ...mine }, launchContext(), settings);
    expect(env).toMatchObject({
      JAVA_HOME: '/opt/java',
      DATABASE_URL: 'postgres://localhost',
      NODE_ENV: 'test',
      TOKEN: 't',
      CM_SLOT: '2',
      CM_PORT_BASE: '21020',
    });
    expect(env).not.toHaveProperty('OTHER');
    expect(env).not.toHaveProperty('NONE');
  });

  test('setup and checks get the run and the usual names, no key of any service', () => {
    const env = commandEnvironment(caller, launchContext(), { env: {}, passEnv: [] });
    expect(env).toMatchObject({
      PATH: '/usr/bin',
      HTTPS_PROXY: 'http://proxy:3128',
      CM_KEY: 'US-043',
      GIT_EDITOR: ':',
    });
    for (const name of ['ANTHROPIC_API_KEY', 'DATABASE_PASSWORD', 'GIT_DIR', 'NODE_OPTIONS']) {
      expect(env).not.toHaveProperty(name);
    }
  });
});
