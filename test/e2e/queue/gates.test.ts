import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../helpers/programs/product.ts';
import { landings, statusOf } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];

interface Told {
  readonly state: string;
  readonly reason: string | null;
}

async function told(one: Product): Promise<Readonly<Record<string, Told>>> {
  const { instances } = await statusOf(one);
  return Object.fromEntries(instances.map(({ key, state, reason }) => [key, { state, reason }]));
}

describe('what may land, from outside', () => {
  it('a file of another owner is warned of where ownership only warns, and lands only when a person says so', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-001', files: ['src/core.js'] }],
      files: {
        'src/core.js': 'x\n',
        'docs/AGENT_OWNERSHIP.md': '| File | Owner |\n|---|---|\n| src/ | backend |\n| docs/ | code_developer |\n',
      },
      settings: { ownershipPolicy: 'warn' },
      agent: 'echo changed >> src/core.js; git commit -qam "Work of $CM_KEY"',
    });
    const sentence = 'src/core.js belongs to backend, not to code_developer';
    const plan = await one.json<{ ready: string[]; warnings: unknown }>('plan', '--json');
    expect(plan.warnings).toEqual([{ id: 'US-001', reasons: [{ code: 'ownership', detail: sentence }] }]);
    expect(plan.ready).toEqual(['US-001']);
    const unattended = await one.run(...headless);
    expect(unattended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`US-001 is ready for review: warning: ${sentence}.`),
    });
    const events = unattended.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const warnings = [{ code: 'ownership', path: 'src/core.js', message: sentence }];
    expect(events.find(({ type }) => type === 'instance-judged')).toMatchObject({ violations: [], warnings });
    const { instances, queue } = await statusOf(one);
    expect([instances[0]?.warnings, queue[0]?.state]).toEqual([warnings, 'awaiting-approval']);
    expect(await one.run('merge', '--all-clean')).toMatchObject({ code: 1 });
    expect(await one.run('merge', 'US-001')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('US-001 landed on roadmap'),
      stderr: expect.stringContaining(`US-001: warning: ${sentence}.`),
    });
    expect((await one.run('start', '--help')).stdout).toContain(
      '--approve clean never approves a branch with a warning',
    );
  });

  it('of seven agents only the one that behaves lands; each other has its reason, and all work is still there', async () => {
    const ids = [1, 2, 3, 4, 5, 6, 7].map(n => `US-00${n}`);
    const one = temporaryProduct({
      // The sixth does not say what it will touch.
      items: ids.map(id => (id === 'US-006' ? { id } : { id, files: [`out/${id}.txt`] })),
      files: {
        'guide/how.md': '# How\n',
        'docs/AGENT_OWNERSHIP.md': '| File | Owner |\n|---|---|\n| guide/ | architect |\n| out/ | code_developer |\n',
      },
      settings: { maxParallel: 7 },
      agent: [
        'work() { mkdir -p out; echo "$CM_KEY" > "out/$CM_KEY.txt"; git add -A; git commit -qm "Work of $CM_KEY"; }',
        'case $CM_KEY in',
        'US-001) echo x > elsewhere.txt; work ;;',
        'US-002) mkdir -p out; ln -s /etc/passwd "out/$CM_KEY.txt"; git add -A; git commit -qm link ;;',
        'US-003) exit 0 ;;',
        'US-004) work; echo half >> "out/$CM_KEY.txt" ;;',
        'US-005) work; exit 3 ;;',
        'US-006) echo mine > guide/how.md; work ;;',
        'US-007) work ;;',
        'esac',
      ].join('\n'),
    });
    expect((await one.run(...headless)).code).toBe(1);
    const all = await told(one);
    expect(Object.fromEntries(ids.map(id => [id, all[id]?.state]))).toEqual({
      'US-001': 'blocked',
      'US-002': 'blocked',
      'US-003': 'no-work',
      'US-004': 'needs-attention',
      'US-005': 'failed',
      'US-006': 'blocked',
      'US-007': 'merged',
    });
    const reasons = ids.map(id => all[id]?.reason ?? '');
    expect(reasons[0]).toContain("elsewhere.txt is outside the item's scope");
    expect(reasons[1]).toContain('out/US-002.txt is a link that leads out of the repository');
    expect(reasons[2]).toContain('without a commit');
    expect(reasons[3]).toContain('left uncommitted: out/US-004.txt');
    expect(reasons[4]).toContain('exit code 3');
    expect(reasons[5]).toContain('guide/how.md belongs to architect');
    expect(landings(one)).toEqual(['Merge US-007 parallel execution']);
    for (const { branchName, worktreePath } of (await statusOf(one)).instances) {
      expect(existsSync(worktreePath)).toBe(true);
      if (branchName === 'roadmap-003') continue;
      expect(one.git('log', '--format=%s', `roadmap..${branchName}`), branchName).toBe(
        branchName === 'roadmap-007' ? '' : one.git('log', '-1', '--format=%s', branchName),
      );
    }
  });

  it.runIf(isLong)(
    'shapes that broke the paper system wait for a person: runtime state, a folder that becomes a link, the ROADMAP',
    async () => {
      const one = temporaryProduct({
        items: [
          { id: 'US-001', files: ['data/'] },
          { id: 'US-002' },
          { id: 'US-003' },
          { id: 'US-004', files: ['tool.sh'] },
          { id: 'US-005' },
        ],
        files: {
          'data/items/a.json': '{}\n',
          'data/items/b.json': '{}\n',
          'data/agent_status/x.json': '{}\n',
          'tool.sh': '',
        },
        settings: { unknownScope: 'parallel', maxParallel: 5 },
        agent: [
          'case $CM_KEY in',
          'US-001) git rm -rqf data/items; ln -s ../shared data/items; git add -A; git commit -qm link ;;',
          'US-002) git rm -qf data/agent_status/x.json; git commit -qm gone ;;',
          // Two that each set their own status, as the paper system did.
          'US-003|US-005) sed -i "/$CM_KEY/,/Status/s/Planned/Complete/" docs/roadmap/ROADMAP.md; git commit -qam done ;;',
          'US-004) chmod +x tool.sh; git commit -qam run ;;',
          'esac',
        ].join('\n'),
      });
      expect((await one.run(...headless)).code).toBe(1);
      const all = await told(one);
      expect(Object.values(all).map(({ state }) => state)).toEqual(Array(5).fill('blocked'));
      expect(all['US-001']?.reason).toContain('the folder data/items with 2 files is replaced by a symbolic link');
      expect(all['US-002']?.reason).toContain('data/agent_status/x.json is written by programs while they run');
      for (const key of ['US-003', 'US-005'])
        expect(all[key]?.reason).toContain('whose status lines only the coordinator writes');
      expect(all['US-004']?.reason).toContain('tool.sh becomes executable');
      expect(landings(one)).toEqual([]);
      // Accepted once, and only as far as it was accepted.
      expect((await one.run('merge', 'US-004')).code).toBe(1);
      expect(await one.run('merge', 'US-004', '--accept')).toMatchObject({ code: 0, stderr: '' });
      expect(landings(one)).toEqual(['Merge US-004 parallel execution']);
      const journal = one.read('.git/cm-tui/journal.jsonl');
      expect(journal).toContain('"accepted":["mode tool.sh"]');
    },
  );

  it.runIf(isLong)(
    'runtime files deleted on one branch and changed on another never collide on the target',
    async () => {
      const one = temporaryProduct({
        items: [{ id: 'US-001' }, { id: 'US-002' }],
        files: { 'data/agent_status/x.json': '{}\n' },
        settings: { unknownScope: 'parallel' },
        agent: [
          'if [ $CM_KEY = US-001 ]; then git rm -qf data/agent_status/x.json; else echo changed > data/agent_status/x.json; fi',
          'mkdir -p out; echo "$CM_KEY" > "out/$CM_KEY.txt"; git add -A; git commit -qm "Work of $CM_KEY"',
        ].join('\n'),
      });
      expect((await one.run(...headless)).code).toBe(1);
      expect(Object.values(await told(one)).map(({ state }) => state)).toEqual(['blocked', 'blocked']);
      expect(one.read('data/agent_status/x.json')).toBe('{}\n');
    },
  );
});

describe('a branch that does not land is handed back to its agent', () => {
  it('merges the commit it is told, resolves, and lands after a new yes', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-001', files: ['shared.txt'] }],
      files: { 'shared.txt': 'as it was\n' },
      agent: [
        'merge=$(sed -n "s/.*\\(git merge [0-9a-f]\\{40\\}\\).*/\\1/p" "$CM_PROMPT_FILE" | head -1)',
        'if [ -z "$merge" ]; then echo agent > shared.txt; git commit -qam first; exit 0; fi',
        '$merge; printf "mine\\nagent\\n" > shared.txt; git add -A; git commit -qm resolved',
      ].join('\n'),
    });
    const first = one.start('start', '--headless', '--exit-when-idle');
    await first.exit;
    one.write('shared.txt', 'mine\n');
    one.git('commit', '-qam', 'Mine');
    const running = one.start('start', '--headless');
    await running.event(event => event.type === 'merge-predicted' && event.prediction === 'conflict');
    expect((await one.run('merge', 'US-001')).code).toBe(1);
    const resumed = await one.run('attach', 'US-001', '--message', '');
    expect(resumed).toMatchObject({ code: 0, stderr: '' });
    await running.event(event => event.type === 'instance-judged' && event.state === 'awaiting-approval');
    expect(landings(one)).toEqual([]);
    expect(await one.run('merge', 'US-001')).toMatchObject({ code: 0 });
    expect(one.read('shared.txt')).toBe('mine\nagent\n');
    running.kill('SIGTERM');
    await running.exit;
  });

  it.runIf(isLong)('at most twice, then a person has to look', async () => {
    const one = temporaryProduct({
      items: [{ id: 'US-001', files: ['out/'] }],
      settings: { checks: ['exit 1'] },
      agent: 'mkdir -p out; echo x >> out/log.txt; git add -A; git commit -qm "Try again"',
    });
    const running = one.start('start', '--headless', '--approve', 'clean');
    for (let time = 1; time <= 3; time++) {
      const failures = () => running.events.filter(event => event.type === 'landing-stopped').length;
      await running.event(() => failures() === time);
      const result = await one.run('attach', 'US-001', '--message', '');
      if (time <= 2) expect(result).toMatchObject({ code: 0 });
      else {
        expect(result.code).toBe(1);
        expect(result.stderr).toContain('was asked for a fix 2 times already');
      }
    }
    expect(one.read('.git/cm-tui/runs/001/prompt.md')).toContain('the checks, which must pass: exit 1');
    running.kill('SIGTERM');
    await running.exit;
  });
});
