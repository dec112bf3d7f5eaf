import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gate, landings, statesOf, statusOf } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const work =
  'mkdir -p out && echo "work of $CM_KEY" > "out/$CM_KEY.txt" && git add -A && git commit -qm "Work of $CM_KEY"';
/** The user's own checkout, as an agent would find it. */
const main = 'main=$(dirname "$(git rev-parse --path-format=absolute --git-common-dir)")';

describe('an agent that reaches out of its worktree', () => {
  it('pauses landing when its own files change in the checkout of the user, until that is accepted', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/', 'app.txt'] }],
      files: { 'app.txt': 'as it was\n' },
      agent: `${main}; echo escaped > "$main/app.txt"; ${work}`,
    });
    expect((await one.run(...headless)).code).toBe(1);
    expect(await statesOf(one)).toEqual({ 'US-041': 'queued' });
    const { queuePaused } = await statusOf(one);
    expect(queuePaused).toContain('while US-041 ran, app.txt changed outside its worktree');
    expect((await one.run('queue')).stdout).toContain('Resume it with "cm-tui queue resume"');
    expect(landings(one)).toEqual([]);
    expect(await one.run('merge', 'US-041')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Resume landing with "cm-tui queue resume"'),
    });
    // A look later finds the same, and says nothing new.
    expect((await one.run(...headless)).code).toBe(1);
    expect((await one.run('queue', 'resume')).code).toBe(0);
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(landings(one)).toEqual(['Merge US-041 parallel execution']);
    expect(one.read('app.txt')).toBe('escaped\n');
  });

  it.runIf(isLong)('pauses landing when it changes what git may run for the user', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/'] }],
      agent: `git config core.fsmonitor /tmp/evil; ${main}; echo evil > "$main/.git/hooks/pre-commit"; ${work}`,
    });
    expect((await one.run(...headless)).code).toBe(1);
    const { queuePaused } = await statusOf(one);
    expect(queuePaused).toContain('what git runs or shows for you changed');
    expect(queuePaused).toContain('core.fsmonitor');
    expect(queuePaused).toContain('hooks/pre-commit');
  });

  it('that takes the stash of the user lands nothing of it, and everything comes back by the commands that are told', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/', 'app.txt'] }],
      files: { 'app.txt': 'as it was\n' },
      agent: `git stash pop -q; ${work}; git branch -D feature; git worktree remove --force ../mine`,
    });
    one.git('branch', 'feature', one.git('commit-tree', '-m', 'Mine', '-p', 'HEAD', 'HEAD^{tree}'));
    one.git('worktree', 'add', '-q', '-b', 'wip', `${one.base}/mine`);
    one.write('app.txt', 'private\n');
    one.git('stash', 'push', '-q', '-m', 'mine');
    const stash = one.git('rev-parse', 'stash');
    expect((await one.run(...headless)).code).toBe(1);
    const { queuePaused, queue, instances } = await statusOf(one);
    expect(queue[0]).toMatchObject({ state: 'blocked', violations: [{ code: 'stash', path: stash }] });
    expect(queuePaused).toContain('while US-041 ran, the stash entry "On roadmap: mine" is gone');
    const told = instances[0]?.outside ?? [];
    const commands = told.map(text => /\(to restore: (.*)\)$/.exec(text)?.[1] ?? '');
    expect(commands.map(command => command.split(' ').slice(1, 3).join(' '))).toEqual([
      'stash store',
      'branch feature',
      'worktree add',
    ]);
    for (const command of commands) execFileSync('sh', ['-c', command], { cwd: one.root, env: one.env, stdio: 'pipe' });
    expect(one.git('stash', 'list')).toContain('mine');
    expect(one.git('branch', '--list', 'feature')).toContain('feature');
    expect(existsSync(`${one.base}/mine/app.txt`)).toBe(true);
    // Accepting what landing was paused for is not accepting the branch.
    expect((await one.run('queue', 'resume')).code).toBe(0);
    expect((await one.run(...headless)).code).toBe(1);
    expect(landings(one)).toEqual([]);
    expect(one.git('show', 'roadmap:app.txt')).toBe('as it was');
    expect(one.git('for-each-ref', 'refs/cm/user')).toBe('');
  });

  it.runIf(isLong)(
    'that resets and deletes what the user had not committed: landing pauses, and it comes back by the command that is told',
    async () => {
      const one = temporaryProduct({
        items: [{ id: 'US-041', files: ['out/'] }],
        files: { 'app.txt': 'as it was\n' },
        agent: `${main}; git -C "$main" checkout -q -- app.txt; rm "$main/notes.txt"; ${work}`,
      });
      one.write('app.txt', 'private\n');
      one.write('notes.txt', 'new\n');
      expect((await one.run(...headless)).code).toBe(1);
      const { queuePaused, instances } = await statusOf(one);
      expect(queuePaused).toContain('while US-041 ran, what you had not committed of app.txt (and 1 more)');
      const command = /\(to restore: (.*)\)$/.exec(instances[0]?.outside?.[0] ?? '')?.[1] ?? '';
      execFileSync('sh', ['-c', command], { cwd: one.base, env: one.env, stdio: 'pipe' });
      expect([one.read('app.txt'), one.read('notes.txt')]).toEqual(['private\n', 'new\n']);
      expect(landings(one)).toEqual([]);
    },
  );

  it('that removes its own worktree can still land what it committed, once a person has said so', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/'] }],
      agent: `${work}; d=$PWD; cd /; rm -rf "$d"`,
    });
    expect((await one.run(...headless)).code).toBe(1);
    expect(await statesOf(one)).toEqual({ 'US-041': 'awaiting-approval' });
    expect((await one.run('merge', 'US-041')).code).toBe(0);
    expect(landings(one)).toEqual(['Merge US-041 parallel execution']);
  });

  it('pauses landing when it makes git show something else than it stores, and what is stored is checked', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/'] }],
      settings: { checks: [['sh', '-c', '! grep -r evil out']] },
      agent: [
        'mkdir -p out; echo evil > out/tool; git add -A; git commit -qm tool',
        'evil=$(git rev-parse HEAD:out); fine=$(echo fine | git hash-object -w --stdin)',
        'git replace "$evil" "$(printf "100644 blob %s\\ttool\\n" "$fine" | git mktree)"',
        'common=$(git rev-parse --git-common-dir); git rev-parse HEAD > "$common/info/grafts"',
        'git rev-parse HEAD > "$common/shallow"; git checkout -q -f HEAD -- .; git reset -q --hard',
      ].join('\n'),
    });
    expect((await one.run(...headless)).code).toBe(1);
    const { queuePaused } = await statusOf(one);
    expect(queuePaused).toContain('while US-041 ran, what git runs or shows for you changed');
    for (const name of ['replacement of', 'info/grafts', 'shallow']) expect(queuePaused).toContain(name);
    expect(one.git('show', 'roadmap-041:out/tool')).toBe('fine');
    expect((await one.run('diff', 'US-041')).stdout).toContain('+evil');
    expect((await one.run('queue', 'resume')).code).toBe(0);
    await one.run(...headless);
    expect(await statesOf(one)).toEqual({ 'US-041': 'checks-failed' });
  });

  it.runIf(isLong)('pauses landing when it moves the target by itself', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/'] }],
      agent: `${work}; git update-ref refs/heads/roadmap HEAD`,
      branch: 'roadmap',
    });
    one.git('switch', '-qc', 'elsewhere');
    one.configure({ targetBranch: 'roadmap' });
    await one.run(...headless);
    expect((await statusOf(one)).queuePaused).toContain('its commits appeared on roadmap, though nobody landed them');
  });

  it('is not suspected for what the user does meanwhile: that is shown, and landing goes on', async () => {
    const one = temporaryProduct({
      items: [
        { id: 'US-041', files: ['out/'] },
        { id: 'US-042', files: ['more/'] },
      ],
      files: { 'mine.txt': 'one\n', 'other.txt': 'two\n' },
    });
    const open = gate(one, 'agents');
    one.write(
      `${one.base}/agent.sh`,
      `#!/bin/sh\n${open.wait}\n${work.replaceAll('out', '"$(test $CM_KEY = US-041 && echo out || echo more)"')}\n`,
    );
    one.write('other.txt', 'uncommitted before\n');
    const running = one.start(...headless);
    await running.event(event => event.type === 'instance-started' && event.priorityId === 'US-042');
    one.write('mine.txt', 'edited meanwhile\n');
    one.write('notes.txt', 'new\n');
    one.git('config', 'user.nickname', 'ada');
    open.open();
    const first = await running.event(event => event.type === 'outside-changed');
    expect(first.places).toEqual(['mine.txt', 'notes.txt']);
    expect(await running.exit).toMatchObject({ code: 0 });
    expect(landings(one)).toHaveLength(2);
    expect([one.read('mine.txt'), one.read('other.txt'), one.read('notes.txt')]).toEqual([
      'edited meanwhile\n',
      'uncommitted before\n',
      'new\n',
    ]);
  });

  it.runIf(isLong)('is seen even when the coordinator is killed while it runs', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-041', files: ['out/', 'app.txt'] }],
      files: { 'app.txt': 'as it was\n' },
    });
    const open = gate(one, 'agents');
    one.write(`${one.base}/agent.sh`, `#!/bin/sh\n${open.wait}\n${main}; echo escaped > "$main/app.txt"; ${work}\n`);
    const running = one.start(...headless);
    await running.event(event => event.type === 'instance-started');
    running.kill('SIGKILL');
    await running.exit;
    open.open();
    expect((await one.run(...headless)).code).toBe(1);
    expect((await statusOf(one)).queuePaused).toContain('app.txt changed outside its worktree');
  });
});
