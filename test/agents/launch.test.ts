import { describe, expect, test } from 'vitest';
import { acpPrograms } from '../../source/agents/acp/programs.ts';
import { AgentRegistry } from '../../source/agents/registry.ts';
import type { AgentSettings } from '../../source/domain/settings.ts';
import { launchContext } from '../helpers/programs/agent-runs.ts';
import { agentTraits } from '../helpers/programs/fake-agents.ts';

const all = agentTraits();
const self = ['/usr/bin/node', '/opt/cm-tui/cli.js'];

function launchOf(name: string, settings: Partial<AgentSettings> = {}, context = launchContext()) {
  return new AgentRegistry({ agents: { [name]: settings } }, self).require(name).launch(context);
}

describe('command lines of the built-in agents', () => {
  test('claude: prompt on stdin, verbose stream, a session id of ours', () => {
    const launch = launchOf('claude');
    expect(launch.file).toBe('claude');
    expect(launch.args.slice(0, 4)).toEqual(['-p', '--verbose', '--output-format', 'stream-json']);
    expect(launch.stdin).toBe('Do the thing.');
    expect(launch.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(launch.args.slice(-2)).toEqual(['--session-id', launch.sessionId]);
  });

  test('claude may commit in the plain form and with -C for its worktree, and nothing else', () => {
    const { args } = launchOf('claude');
    const rules = (args[args.indexOf('--allowedTools') + 1] ?? '').split(',');
    expect(rules).toContain('Bash(git commit:*)');
    expect(rules).toContain('Bash(git -C /tmp/shop-wt043 commit:*)');
    const verbs = '(?:add|commit|status|diff|log|show|rm|mv|restore)';
    for (const rule of rules) expect(rule).toMatch(new RegExp(`^Bash\\(git (?:-C /tmp/shop-wt043 )?${verbs}:\\*\\)$`));
  });

  test('claude resumes without choosing another session id', () => {
    const launch = launchOf('claude', {}, launchContext({ session: 'abc', prompt: 'Go on.' }));
    expect(launch.args.slice(-2)).toEqual(['--resume', 'abc']);
    expect(launch).toMatchObject({ stdin: 'Go on.', sessionId: null });
  });

  test('codex: exec with a sandbox in the worktree, prompt on stdin, never --full-auto', () => {
    const launch = launchOf('codex', { model: 'gpt-x', extraArgs: ['-c', 'model_reasoning_effort="high"'] });
    expect(launch.args).toEqual([
      'exec',
      '--json',
      '--sandbox',
      'workspace-write',
      '--skip-git-repo-check',
      '-C',
      '/tmp/shop-wt043',
      '--model',
      'gpt-x',
      '-c',
      'model_reasoning_effort="high"',
      '-',
    ]);
    expect(launch.stdin).toBe('Do the thing.');
  });

  test('codex resumes without -C and -s, which it would refuse, and may write all the same', () => {
    const { args } = launchOf('codex', {}, launchContext({ session: 't1' }));
    const write = ['-c', 'sandbox_mode="workspace-write"'];
    expect(args).toEqual(['exec', 'resume', 't1', '--json', '--skip-git-repo-check', ...write, '-']);
  });

  const last = all.filter(({ lastWords }) => lastWords !== undefined);
  test.each(last)('$name: prompt as the last argument, nothing on stdin', ({ name, lastWords }) => {
    const { prompt, promptFile } = launchContext();
    const end = lastWords?.map(word => word.replace('{promptFile}', promptFile).replace('{prompt}', prompt));
    const launch = launchOf(name);
    expect(launch.args.slice(-(end?.length ?? 0))).toEqual(end);
    expect(launch.stdin).toBeNull();
  });

  test('copilot: a session id of ours, since it tells its own only at the end', () => {
    const { args, sessionId } = launchOf('copilot');
    expect(sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(args.slice(-4)).toEqual(['--session-id', sessionId, '-p', 'Do the thing.']);
  });

  const thinking = all.filter(({ effort }) => effort !== undefined);
  test.each(thinking)('$name is told how hard to think, after its model', ({ name, effort: words = [] }) => {
    const { args } = launchOf(name, { model: 'm', effort: 'high' });
    const at = args.indexOf('m');
    expect(args.slice(at + 1, at + 1 + words.length)).toEqual(words);
  });

  test.each(all.filter(({ effort }) => effort === undefined))('$name has no such option, and says so', ({ name }) => {
    expect(() => launchOf(name, { effort: 'high' })).toThrow(
      `The agent "${name}" has no option for effort. Remove agents.${name}.effort`,
    );
  });

  test('demo: this very program, without a word of the prompt', () => {
    const launch = launchOf('demo', { extraArgs: ['--seconds', '15'] });
    expect(launch.file).toBe('/usr/bin/node');
    expect(launch.args).toEqual(['/opt/cm-tui/cli.js', 'demo-agent', '--session', launch.sessionId, '--seconds', '15']);
  });

  test('an interactive run starts the program with the prompt in its terminal', () => {
    const launch = launchOf('claude', { interactive: true, extraArgs: ['--allowedTools', 'Bash(npm test:*)'] });
    const session = ['--session-id', launch.sessionId];
    const mode = ['--permission-mode', 'acceptEdits'];
    // Without the dashes the prompt would be one more tool that is allowed.
    expect(launch.args).toEqual([...mode, ...session, '--allowedTools', 'Bash(npm test:*)', '--', 'Do the thing.']);
    expect(launch.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(launch.stdin).toBeNull();
  });

  test('an interactive run goes on by the session that it was given', () => {
    const { args } = launchOf('claude', { interactive: true }, launchContext({ session: 'abc', prompt: 'Go on.' }));
    expect(args).toEqual(['--permission-mode', 'acceptEdits', '--resume', 'abc', '--', 'Go on.']);
  });

  test('aider cannot resume, and says so', () => {
    expect(() => launchOf('aider', {}, launchContext({ session: 's' }))).toThrow(/cannot resume a session\. Set/);
  });
});

describe('settings', () => {
  test("another command keeps the profile's arguments", () => {
    const launch = launchOf('claude', { command: '/opt/fake-claude' });
    expect([launch.file, launch.args[0]]).toEqual(['/opt/fake-claude', '-p']);
  });

  test("own arguments are the user's: nothing is mixed in but the prompt", () => {
    const launch = launchOf('codex', { args: ['exec', '--json', '-'] });
    expect(launch.args).toEqual(['exec', '--json', '-']);
    expect(launchOf('gemini', { args: ['--prompt={prompt}'] }).args).toEqual(['--prompt=Do the thing.']);
  });

  test('a wrapper stands in front and knows the worktree', () => {
    const launch = launchOf('aider', { wrapper: ['bwrap', '--bind', '{worktree}', '{worktree}', '--'] });
    expect([launch.file, ...launch.args.slice(0, 5)]).toEqual([
      'bwrap',
      '--bind',
      '/tmp/shop-wt043',
      '/tmp/shop-wt043',
      '--',
      'aider',
    ]);
  });
});

describe('any command', () => {
  test('without a word about the prompt nothing is appended and stdin is empty', () => {
    const launch = launchOf('mine', { command: 'mine', args: ['--quiet'] });
    expect(launch).toMatchObject({ file: 'mine', args: ['--quiet'], stdin: null, sessionId: null });
  });

  test('prompt: argument appends it unless a placeholder holds it', () => {
    expect(launchOf('mine', { command: 'mine', prompt: 'argument' }).args).toEqual(['Do the thing.']);
    expect(launchOf('mine', { command: 'mine', prompt: 'argument', args: ['-f', '{promptFile}'] }).args).toEqual([
      '-f',
      '/tmp/prompt.md',
    ]);
  });

  test('prompt: stdin and file', () => {
    expect(launchOf('mine', { command: 'mine', prompt: 'stdin' })).toMatchObject({ args: [], stdin: 'Do the thing.' });
    expect(launchOf('mine', { command: 'mine', prompt: 'file' })).toMatchObject({
      args: ['/tmp/prompt.md'],
      stdin: null,
    });
  });

  test('placeholders are filled once, inside a word too, and never by a shell', () => {
    const args = ['{id}', 'x={key}', '{title}', '{branch}@{base}', '{unknown}', '{worktree}/{promptFile}'];
    expect(launchOf('mine', { command: 'mine', args }).args).toEqual([
      'US-043',
      'x=US-043',
      'Coupons; $(id) {prompt} `x`',
      `roadmap-043@${'a'.repeat(40)}`,
      '{unknown}',
      '/tmp/shop-wt043//tmp/prompt.md',
    ]);
  });

  test('a prompt that looks like an option stays a prompt, one too long becomes a pointer to its file', () => {
    const settings = { command: 'mine', prompt: 'argument' } as const;
    expect(launchOf('mine', settings, launchContext({ prompt: '--rm -rf' })).args).toEqual(['\n--rm -rf']);
    const [long] = launchOf('mine', settings, launchContext({ prompt: 'x'.repeat(200_000) })).args;
    expect(long).toContain('/tmp/prompt.md');
    expect(long?.length).toBeLessThan(300);
  });

  test('no argument holds NUL, which no program can be started with', () => {
    expect(launchOf('mine', { command: 'mine', args: ['{title}'] }, launchContext({ title: 'a\0b' })).args).toEqual([
      'ab',
    ]);
  });
});

describe('registry', () => {
  test('knows the built-in agents and the user’s own', () => {
    const registry = new AgentRegistry({ agents: { mine: { command: 'mine' } } }, self);
    expect(registry.names()).toEqual([
      ...all.map(({ name }) => name),
      'demo',
      ...acpPrograms.map(({ name }) => name),
      'mine',
    ]);
    expect(registry.get('nobody')).toBeUndefined();
    expect(() => registry.require('nobody')).toThrow(/Unknown agent "nobody"\. Use one of claude, /);
  });

  test('refuses an agent without a program, and a reader that does not exist', () => {
    expect(() => new AgentRegistry({ agents: { mine: { args: ['x'] } } }, self)).toThrow(/Set agents.mine.command/);
    expect(() => new AgentRegistry({ agents: { mine: { command: 'm', reader: 'toString' } } }, self)).toThrow(
      /Invalid agents.mine.reader "toString"\. Use one of text, /,
    );
  });

  test('a reader of another program can be chosen', () => {
    const registry = new AgentRegistry({ agents: { mine: { command: 'mine', reader: 'claude' } } }, self);
    const line = JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: 'ok' });
    expect(registry.require('mine').createReader().read(line, 'out')).toContainEqual({
      type: 'result',
      ok: true,
      message: 'ok',
    });
  });
});

describe('an agent that only reads', () => {
  const reading = (name: string, settings: Partial<AgentSettings> = {}) =>
    AgentRegistry.reading({ agents: { [name]: settings } }, name, self).launch(launchContext());

  test.each([
    ['claude', ['--permission-mode', 'plan']],
    ['codex', ['--sandbox', 'read-only']],
    ['gemini', ['--approval-mode', 'plan']],
    ['qwen', ['--approval-mode', 'plan']],
    ['opencode', ['--agent', 'plan']],
    ['cursor', ['--mode', 'ask']],
    ['pi', ['--tools', 'read,grep,find,ls']],
  ])('%s starts in its read-only mode, whatever the settings permit otherwise', (name, words) => {
    const { args, stdin } = reading(name, { extraArgs: ['--yolo'], args: ['--force'] });
    expect(args.join(' ')).toContain(words.join(' '));
    for (const word of ['--yolo', '--force', 'acceptEdits', 'workspace-write', 'auto_edit', '--allow-all-tools'])
      expect(args.join(' ')).not.toContain(word);
    expect(stdin === null ? args.at(-1) : stdin).toBe('Do the thing.');
  });

  test('opencode is denied everything else, copilot is permitted nothing', () => {
    expect(reading('opencode').env.OPENCODE_PERMISSION).toContain('"*":"deny"');
    expect(reading('copilot').args).not.toContain('--allow-all-tools');
  });

  test('reviewArgs stand in place of all arguments; a program of yours without them keeps its own', () => {
    expect(reading('claude', { reviewArgs: ['-p', '--mine'], extraArgs: ['--yolo'] }).args).toEqual(['-p', '--mine']);
    expect(reading('mine', { command: 'bot', args: ['--do', '{prompt}'] }).args).toEqual(['--do', 'Do the thing.']);
  });

  test('over the Agent Client Protocol nothing but reading is permitted, without a question', () => {
    const config = (name: string) =>
      JSON.parse(reading(name, { protocol: 'acp', permissions: 'all' }).args.at(-1) ?? '');
    expect(config('gemini')).toMatchObject({ mode: 'plan', permissions: 'read', askTimeoutSeconds: 0 });
    expect(config('kimi')).toMatchObject({ mode: null, permissions: 'read' });
  });
});
