import { describe, expect, it } from 'vitest';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
interface StatusJson {
  readonly instances: readonly {
    readonly priorityId: string;
    readonly state: string;
    readonly status: string;
    readonly slug: string;
    readonly reason: string | null;
    readonly worktreePath: string;
  }[];
}

describe('a run', () => {
  it('that something unknown killed is interrupted, not failed', async () => {
    const shop = temporaryProduct({ agent: 'kill -KILL $$', settings: { attemptLimit: 1 } });
    expect((await shop.run(...headless)).code).toBe(1);
    const { instances } = await shop.json<StatusJson>('status', '--json');
    expect(instances).toMatchObject([{ state: 'interrupted', reason: expect.stringContaining('SIGKILL') }]);
  });

  it('has the worktree that git names, wherever worktreeRoot leads, and lands with four trailers', async () => {
    const shop = temporaryProduct({ settings: { worktreeRoot: '../trees/./here//', branchPrefix: 'cm/x-' } });
    expect((await shop.run(...headless)).code).toBe(0);
    const { instances } = await shop.json<StatusJson>('status', '--json');
    expect(instances.map(({ worktreePath }) => worktreePath)).toEqual([`${shop.base}/trees/here/shop-wt041`]);
    expect(shop.git('worktree', 'list', '--porcelain')).toContain(`worktree ${shop.base}/trees/here/shop-wt041\n`);
    expect(shop.git('branch', '--list', 'cm/x-041')).toContain('cm/x-041');
    const trailers = shop.git('log', '-1', '--format=%(trailers:only,unfold)').trim().split('\n');
    expect(trailers.map(line => line.split(':')[0]).sort()).toEqual(['Cm-Base', 'Cm-Checks', 'Cm-Head', 'Cm-Task']);
    expect(trailers).toContain('Cm-Checks: none');
  });

  it.runIf(isLong)(
    'is cleaned up with the files that were copied into it, as long as they are mere copies',
    async () => {
      const shop = temporaryProduct({
        items: [
          { id: 'US-041', files: ['out/US-041.txt'] },
          { id: 'US-042', files: ['out/US-042.txt'] },
        ],
        files: { '.gitignore': '.env\nsecrets/\n' },
        agent:
          'cat .env && mkdir -p out && echo x > "out/$CM_KEY.txt" && git add out && git commit -qm w && test $CM_KEY = US-041 || echo own >> secrets/key',
        settings: { copy: ['.env', 'secrets'] },
      });
      shop.write('.env', 'TOKEN=1\n');
      shop.write('secrets/key', 'k\n');
      expect((await shop.run(...headless)).code).toBe(0);
      const cleaned = await shop.run('clean', '--yes');
      expect(cleaned.stdout).toContain('would be lost: secrets/ (ignored)');
      expect(shop.git('branch', '--list', 'roadmap-0*').split('\n')).toEqual(['+ roadmap-042']);
      expect([shop.read('.env'), shop.read('secrets/key')]).toEqual(['TOKEN=1\n', 'k\n']);
    },
  );

  it.runIf(isLong)(
    'of PRIORITY 10 and one of US-010 have worktrees of their own, and so has PRIORITY 10.2',
    async () => {
      const shop = temporaryProduct({
        items: [
          { id: 'PRIORITY 10', files: ['out/PRIORITY-10.txt'] },
          { id: 'US-010', files: ['out/US-010.txt'] },
          { id: 'PRIORITY 10.2', files: ['out/PRIORITY-10.2.txt'] },
        ],
      });
      expect((await shop.run(...headless)).code).toBe(0);
      const { instances } = await shop.json<StatusJson>('status', '--json');
      expect(new Set(instances.map(({ worktreePath }) => worktreePath)).size).toBe(3);
      expect(instances.map(({ state }) => state)).toEqual(['merged', 'merged', 'merged']);
      const messages = shop.git('log', '--merges', '--format=%s').split('\n').sort();
      expect(messages).toEqual(
        ['PRIORITY-10', 'PRIORITY-10.2', 'US-010'].map(key => `Merge ${key} parallel execution`),
      );
    },
  );
});

describe('a run without a screen', () => {
  it('hears signals from its first event on, and never calls it a success to be cut short', async () => {
    const shop = temporaryProduct({ agent: 'exec sleep 3' });
    const cut = shop.start(...headless);
    await cut.event(({ type }) => type === 'coordinator-started');
    cut.kill('SIGTERM');
    expect((await cut.exit).code).toBe(130);
    expect(cut.events.at(-1)).toMatchObject({ type: 'coordinator-stopped', reason: 'SIGTERM' });
  });

  it('says at its end what is left and why', async () => {
    const shop = temporaryProduct({
      items: [
        { id: 'US-041', files: ['out/**'] },
        { id: 'US-042', dependsOn: ['US-041'] },
      ],
      agent: 'exit 7',
    });
    const ended = await shop.run(...headless);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toBe(
      'US-041 failed: exit code 7.\nUS-042 waits: US-041 has not landed; its last run failed.\n',
    );
  });
});
