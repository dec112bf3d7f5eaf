import { chmodSync, existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentStatus } from '../helpers/programs/fake-agents.ts';
import { committingAgent, type Product, type ProductOptions } from '../helpers/programs/product.ts';
import { temporaryProduct } from '../helpers/programs/temporary-product.ts';
import { isLong } from '../helpers/tiers.ts';

/** A repository with a place in which everything that runs without being allowed to leaves a mark. */
function hostile(options: ProductOptions): Product & { readonly mark: string; marks(): string[] } {
  const one = temporaryProduct(options);
  const mark = join(one.base, 'marks');
  one.write(join(mark, 'here'), '');
  return Object.assign(one, { mark, marks: () => readdirSync(mark).filter(name => name !== 'here') });
}

function hook(one: Product, name: string, line: string): void {
  const path = join(one.root, '.git/hooks', name);
  one.write(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
}

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const item = { id: 'US-041', files: ['out/US-041.txt'] };
/** Every command that only looks. */
const looks = [
  ['status', '--json'],
  ['plan', '--json'],
  ['roadmap', '--json'],
  ['doctor', '--json'],
  ['config', 'get'],
];
const look = (one: Product) => Promise.all(looks.map(args => one.run(...args)));
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('opening a repository runs nothing from it (S17)', () => {
  it('settings in a tracked file start nothing, copy nothing and land nothing until they are accepted', async () => {
    const one = hostile({ items: [item] });
    const touch = (name: string) => `touch ${one.mark}/${name}`;
    const settings = {
      agent: 'evil',
      agents: {
        evil: { command: 'sh', args: ['-c', touch('agent')], versionArgs: ['-c', touch('version')] },
        script: { wrapper: ['sh', '-c', touch('wrapper')] },
      },
      setup: [touch('setup')],
      checks: [touch('checks')],
      copy: ['.env'],
      approve: 'clean',
      worktreeRoot: `${one.base}/elsewhere`,
      promptTemplate: '/etc/passwd',
      maxParallel: 2,
    };
    one.write('.cm-tui.json', JSON.stringify(settings));
    one.write('.gitignore', '.env\n');
    one.commit('Settings of a stranger');
    one.write('.env', 'TOKEN=of-the-user\n');

    for (const { stderr } of await look(one)) expect(stderr).toContain('ignored until you accept');
    const running = await one.run('start', '--headless', '--exit-when-idle');
    expect(running.stderr).toMatch(/\.cm-tui\.json sets agent, agents, setup.*"cm-tui config trust [0-9a-f]{16}"/);
    expect(one.marks()).toEqual([]);
    const [instance] = (await one.json<AgentStatus>('status', '--json')).instances;
    expect(instance).toMatchObject({ agent: 'script', state: 'awaiting-approval' });
    expect(instance?.worktreePath).toBe(`${one.base}/shop-wt041`);
    expect(existsSync(join(instance?.worktreePath ?? '', '.env'))).toBe(false);
    expect(existsSync(`${one.base}/elsewhere`)).toBe(false);

    const hash = /config trust ([0-9a-f]{16})/.exec(running.stderr)?.[1] ?? '';
    one.write('.cm-tui.json', JSON.stringify({ ...settings, maxParallel: 3 }));
    expect(await one.run('config', 'trust', hash)).toMatchObject({ code: 2 });
    expect((await one.run('config', 'trust', hash.slice(0, 8))).code).toBe(2);
    one.write('.cm-tui.json', JSON.stringify(settings));
    expect(await one.run('config', 'trust', hash)).toMatchObject({ code: 0 });
    expect((await one.run('status')).stderr).toBe('');
    expect(one.marks()).toEqual([]);
  });

  it('hooks, a file system monitor, filters and drivers of the repository are not run by our git (S8, S1.3)', async () => {
    const one = hostile({ items: [item], settings: { checks: [['test', '-f', 'out/US-041.txt']] } });
    for (const name of [
      'post-checkout',
      'reference-transaction',
      'post-merge',
      'post-index-change',
      'pre-commit',
      'commit-msg',
      'post-commit',
    ]) {
      // An agent's own git runs hooks as the agent; whatever our git does has no run id.
      hook(one, name, `[ -n "$CM_RUN_ID" ] || touch ${one.mark}/${name}`);
    }
    one.git('config', 'core.fsmonitor', `[ -n "$CM_RUN_ID" ] || touch ${one.mark}/fsmonitor; false`);
    one.git('config', 'diff.external', `touch ${one.mark}/diff`);
    one.git('config', 'core.pager', `touch ${one.mark}/pager`);
    one.git('config', 'core.sshCommand', `touch ${one.mark}/ssh`);
    one.git('config', 'credential.helper', `!touch ${one.mark}/credential`);
    one.git('config', 'gpg.program', `${one.mark}/gpg`);
    one.git('config', 'commit.gpgSign', 'true');
    // Whoever wants signatures from here names the program with git's own settings, so they are switched off.
    one.configure({
      sign: 'never',
      checks: [['test', '-f', 'out/US-041.txt']],
      agents: {
        script: {
          command: `${one.base}/agent.sh`,
          env: { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'commit.gpgSign', GIT_CONFIG_VALUE_0: 'false' },
        },
      },
    });
    await look(one);
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect((await one.run('diff', 'US-041')).stdout).toContain('work of US-041');
    expect(await one.run('clean', '--yes')).toMatchObject({ code: 0 });
    expect(one.marks()).toEqual([]);
  });
});

describe('names that would be commands (S4, S5, S7)', () => {
  it('an item with a hostile title runs nothing and shows nothing but text', async () => {
    const one = hostile({ items: [] });
    const title = `$(touch ${one.mark}/title) \`touch ${one.mark}/tick\` ; touch ${one.mark}/semi \u001b]0;owned\u0007\u202e`;
    one.write(
      'docs/roadmap/ROADMAP.md',
      `# Roadmap\n\n### US-041: ${title}\n\n**Status**: 📝 Planned\n**Files**: \`out/US-041.txt\`\n`,
    );
    one.commit('Plan');
    const shown = [
      await one.run(...headless),
      ...(await look(one)),
      await one.run('status'),
      await one.run('logs', 'US-041'),
    ];
    for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toMatch(control);
    expect(one.marks()).toEqual([]);
    expect(one.git('log', '--merges', '--format=%s', 'roadmap')).toBe('Merge US-041 parallel execution');
  });

  it.runIf(isLong)(
    'branches with names that are commands or escape codes are no targets and break nothing',
    async () => {
      const names = ['$(id)', 'a;b', 'x`id`', '\u009b31mred', 'a\u202eb'];
      const one = hostile({ items: [item] });
      for (const name of names) one.git('branch', name);
      for (const { stdout, stderr } of await look(one)) expect(stdout + stderr).not.toMatch(control);
      expect(await one.run(...headless)).toMatchObject({ code: 0, stderr: '' });
      for (const name of names) {
        one.git('symbolic-ref', 'HEAD', `refs/heads/${name}`);
        const refused = await one.run(...headless);
        expect(refused.code).not.toBe(0);
        expect(refused.stdout + refused.stderr).not.toMatch(control);
        expect(one.git('rev-parse', name)).not.toBe(one.git('rev-parse', 'roadmap'));
      }
      const odd = ['--upload-pack=x', '-x', '../main', 'a..b', '$(id)'];
      const answers = await Promise.all(odd.map(name => one.run('status', `--target=${name}`)));
      const seen = answers.map(({ code, stderr }) => ({ code, lines: stderr.trim().split('\n').length }));
      expect(seen).toEqual(odd.map(() => ({ code: 2, lines: 1 })));
    },
  );
});

describe('what an agent leaves behind', () => {
  it('a git hook or setting that it planted is run by nobody else, and its secrets stay its own (S8, S13)', async () => {
    const token = `sk-ant-${'a1B2'.repeat(8)}`;
    const one = hostile({
      items: [item],
      agent: [
        committingAgent,
        'env',
        `echo "using ${token}"`,
        'common=$(git rev-parse --git-common-dir)',
        'printf "#!/bin/sh\\ntouch %s/hook\\n" "$MARKS" > "$common/hooks/post-merge"',
        'cp "$common/hooks/post-merge" "$common/hooks/reference-transaction"',
        'cp "$common/hooks/post-merge" "$common/hooks/post-checkout"',
        'chmod +x "$common"/hooks/*',
        'git config core.fsmonitor "touch $MARKS/fsmonitor; false"',
      ].join('\n'),
    });
    one.configure({
      agents: { script: { command: `${one.base}/agent.sh`, env: { MARKS: one.mark, MY_TOKEN: '{env:LENT_TOKEN}' } } },
    });
    Object.assign(one.env, {
      GITHUB_TOKEN: 'not-for-agents-1',
      LENT_TOKEN: 'lent-for-agents-2',
      GIT_SSH_COMMAND: 'evil',
    });
    const { stdout } = await one.run('start', '--headless', '--exit-when-idle');
    await one.run('diff', 'US-041');
    const shown = (await one.run('logs', 'US-041')).stdout;
    const raw = (await one.run('logs', '--raw', 'US-041')).stdout;
    expect(one.marks()).toEqual([]);
    expect(raw).toContain('MY_TOKEN=lent-for-agents-2');
    expect(raw).not.toContain('not-for-agents-1');
    expect(raw).not.toContain('GIT_SSH_COMMAND');
    expect(shown).toContain('MY_TOKEN=[redacted]');
    expect(raw).toContain(token);
    expect(shown).toContain('using [redacted]');
    expect(shown).not.toContain(token);
    expect(stdout).not.toContain('lent-for-agents-2');
    const journal = one.read('.git/cm-tui/journal.jsonl');
    expect(journal).not.toContain('lent-for-agents-2');
    expect(one.read('.git/cm-tui/runs/041/run.json')).not.toContain('lent-for-agents-2');
  });

  it('links out of the repository and files outside of it are not copied, and do not land (S10, S11)', async () => {
    const one = hostile({
      items: [{ id: 'US-041', files: ['out/**'] }],
      agent: 'mkdir -p out; ln -s /etc/passwd out/link; git add -A; git commit -qm link',
    });
    writeFileSync(join(one.base, 'outside'), 'private');
    one.write('.gitignore', '*.env\nlinked/\n');
    one.commit('Ignore');
    symlinkSync(join(one.base, 'outside'), join(one.root, 'link.env'));
    symlinkSync(one.base, join(one.root, 'linked'));
    one.configure({ copy: ['link.env', 'linked/outside'] });
    const refused = await one.run(...headless);
    expect(refused.code).toBe(1);
    const [instance] = (await one.json<AgentStatus>('status', '--json')).instances;
    expect(instance).toMatchObject({
      state: 'blocked',
      reason: expect.stringContaining('leads out of the repository'),
    });
    expect(existsSync(join(instance?.worktreePath ?? '', 'link.env'))).toBe(false);
    expect(existsSync(join(instance?.worktreePath ?? '', 'linked'))).toBe(false);
    one.configure({ copy: ['../outside'] });
    expect((await one.run('status')).code).toBe(2);
  });
});

it('a git that the repository brings along is not ours (S9)', async () => {
  const one = hostile({ items: [item] });
  one.write('bin/git', `#!/bin/sh\ntouch ${one.mark}/git\nexit 1\n`);
  chmodSync(join(one.root, 'bin/git'), 0o755);
  Object.assign(one.env, {
    PATH: `${one.root}/bin:bin:.:${one.env.PATH ?? ''}`,
    GIT_DIR: '/nowhere',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: `touch ${one.mark}/env`,
  });
  await look(one);
  expect((await one.json<AgentStatus>('status', '--json')).instances).toEqual([]);
  expect(one.marks()).toEqual([]);
});
