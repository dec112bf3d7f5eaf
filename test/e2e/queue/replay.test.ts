import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Product, ProductOptions } from '../../helpers/programs/product.ts';
import { landings, statesOf, statusOf } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

function product(items: ProductOptions['items'], agent: string): Product {
  const one = temporaryProduct({ items });
  one.write(join(one.base, 'agent.sh'), `#!/bin/sh\nset -e\nmkdir -p out\n${agent}\n`);
  return one;
}

const headless = ['start', '--headless', '--exit-when-idle'];
const approving = [...headless, '--approve', 'clean'];

it('what was amended away on the target stays away, and only the own commits of the runs go on, however often it is killed', async () => {
  const items = ['US-041', 'US-042'].map(id => ({ id, files: [`out/${id}.txt`] }));
  const one = product(
    items,
    'while [ ! -e "$0.open" ]; do sleep 0.02; done; echo mine > out/$CM_KEY.txt; git add -A; git commit -qm "$CM_KEY"',
  );
  one.write('secret.txt', 'secret\n');
  one.commit('Oops');
  const running = one.start(...approving);
  for (const id of ['US-041', 'US-042'])
    await running.event(event => event.type === 'instance-started' && event.priorityId === id);
  one.git('rm', '-q', 'secret.txt');
  one.write('out/US-042.txt', 'of the user\n');
  one.git('add', '-A');
  one.git('commit', '-q', '--amend', '-m', 'Without the secret');
  one.write(join(one.base, 'agent.sh.open'), '');
  expect((await running.exit).code).toBe(1);
  const { instances, queuePaused } = await statusOf(one);
  expect(queuePaused).toBeNull();
  for (const { key, state, reason } of instances) {
    expect(state).toBe('needs-attention');
    expect(reason).toMatch(/bring back a commit that roadmap no longer holds: [0-9a-f]{10} "Oops"/);
    expect(reason).toContain(`"cm-tui replay ${key}" keeps only its own commits`);
  }
  expect(landings(one)).toEqual([]);

  const conflict = await one.run('replay', 'US-042', '--json');
  expect(conflict.code).toBe(1);
  expect(JSON.parse(conflict.stdout)).toMatchObject({
    replayed: false,
    state: 'needs-attention',
    conflicts: ['out/US-042.txt'],
  });

  const old = one.git('rev-parse', 'roadmap-041');
  expect((await one.with({ CM_FAILPOINT: 'git.replay.pinned:kill' }).run('replay', 'US-041')).code).toBeNull();
  expect(one.git('rev-parse', 'roadmap-041')).toBe(old);
  // The next start asks for it again, and dies when it is done but nobody has heard of it.
  expect((await one.with({ CM_FAILPOINT: 'git.replay.after:kill' }).run(...headless)).code).toBeNull();
  await one.run(...headless);
  expect(await statesOf(one)).toMatchObject({ 'US-041': 'awaiting-approval', 'US-042': 'needs-attention' });
  expect(one.git('log', '--format=%s', 'roadmap..roadmap-041')).toBe('US-041');
  expect(one.git('rev-parse', `refs/cm/old/041/${old}`)).toBe(old);
  expect(one.gitIn(`${one.root}-wt041`, 'status', '--porcelain')).toBe('');

  expect(await one.run('merge', 'US-041')).toMatchObject({ code: 0 });
  expect(one.git('ls-tree', '-r', '--name-only', 'roadmap')).not.toContain('secret.txt');
  expect(existsSync(join(one.root, 'secret.txt'))).toBe(false);
  expect(one.git('rev-list', 'roadmap').split('\n')).not.toContain(one.git('rev-parse', `${old}~1`));
});

it('a run that only brought its branch up to date has no work: nothing is complete, nothing is paused, and what needs it waits', async () => {
  const items = [
    { id: 'US-041', files: ['out/US-041.txt'] },
    { id: 'US-042', files: ['out/US-042.txt'] },
    { id: 'US-043', files: ['out/US-043.txt'], dependsOn: ['US-042'] },
  ];
  const one = product(
    items,
    [
      'if [ "$CM_KEY" = US-042 ]; then',
      '  while ! git log --format=%s roadmap | grep -q "Merge US-041"; do sleep 0.05; done',
      '  exec git merge -q --ff-only roadmap',
      'fi',
      'echo mine > out/$CM_KEY.txt; git add -A; git commit -qm "$CM_KEY"',
    ].join('\n'),
  );
  const result = await one.run(...approving);
  expect(result.code).toBe(1);
  expect(await statesOf(one)).toEqual({ 'US-041': 'merged', 'US-042': 'no-work' });
  const { queuePaused, instances } = await statusOf(one);
  expect(queuePaused).toBeNull();
  expect(instances.find(({ key }) => key === 'US-042')?.reason).toBe(
    'ended without a commit of its own; all it holds came from roadmap',
  );
  expect(one.read('docs/roadmap/ROADMAP.md').match(/✅ Complete/g)).toHaveLength(1);
  // The user goes on in its worktree: brought up to date by hand, it is still no work and no alarm.
  one.write('more.txt', 'more\n');
  one.commit('More');
  one.gitIn(`${one.root}-wt042`, 'rebase', '-q', 'roadmap');
  await one.run(...headless);
  expect(await statesOf(one)).toEqual({ 'US-041': 'merged', 'US-042': 'no-work' });
  expect((await statusOf(one)).queuePaused).toBeNull();
});
