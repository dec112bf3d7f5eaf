import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { landings, statesOf, statusOf } from '../../helpers/programs/queue-product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
const item = (id: string) => ({ id, files: [`out/${id}.txt`] });

describe('taking a landing back', () => {
  it.runIf(isLong)(
    'moves the target and the checkout back while nothing has come after it, and can land it again',
    async () => {
      const one = temporaryProduct({ items: [item('US-041')], files: { 'mine.txt': 'one\n' } });
      const before = one.git('rev-parse', 'roadmap');
      expect(await one.run(...headless)).toMatchObject({ code: 0 });
      const landed = one.git('rev-parse', 'roadmap');
      one.write('mine.txt', 'uncommitted\n');
      const undone = await one.run('undo');
      expect(undone).toMatchObject({ code: 0, stderr: '' });
      expect(undone.stdout).toContain('Reverted US-041 on roadmap');
      expect(one.git('rev-parse', 'roadmap')).toBe(before);
      expect(one.git('status', '--porcelain')).toBe(' M mine.txt');
      expect(one.read('mine.txt')).toBe('uncommitted\n');
      expect(one.read('docs/roadmap/ROADMAP.md')).toContain('📝 Planned');
      expect(existsSync(join(one.root, 'out/US-041.txt'))).toBe(false);
      expect(one.git('for-each-ref', '--format=%(objectname)', 'refs/cm/cand')).toBe(landed);
      expect((await one.run('undo')).stderr).toContain('No landing to undo');
      // It is not landed again by itself, nor taken for work that has to be done anew.
      expect((await one.run(...headless)).code).toBe(1);
      expect(await statesOf(one)).toEqual({ 'US-041': 'blocked' });
      expect(await one.run('merge', 'US-041')).toMatchObject({ code: 0 });
      expect(one.read('out/US-041.txt')).toBe('work of US-041\n');
    },
  );

  it.runIf(isLong)('refuses, changing nothing, where the user has changed what landed', async () => {
    const one = temporaryProduct({ items: [item('US-041')] });
    await one.run(...headless);
    const landed = one.git('rev-parse', 'roadmap');
    one.write('out/US-041.txt', 'mine now\n');
    const refused = await one.run('undo', 'US-041');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('out/US-041.txt');
    expect(one.git('rev-parse', 'roadmap')).toBe(landed);
    expect(one.read('out/US-041.txt')).toBe('mine now\n');
    expect(await statesOf(one)).toEqual({ 'US-041': 'merged' });
  });

  it('reverts through the queue once something has come after it', async () => {
    const one = temporaryProduct({ items: [item('US-041'), item('US-042')], settings: { maxParallel: 1 } });
    await one.run(...headless);
    expect(landings(one)).toHaveLength(2);
    const undone = await one.run('undo', 'US-041');
    expect(undone).toMatchObject({ code: 0, stderr: '' });
    expect(undone.stdout).toContain('cm-tui merge US-041-UNDO');
    expect(existsSync(join(one.root, 'out/US-041.txt'))).toBe(true);
    expect((await statusOf(one)).queue.map(({ key, state }) => [key, state])).toEqual([
      ['US-041-UNDO', 'awaiting-approval'],
    ]);
    expect((await one.run('merge', 'US-041-UNDO')).stderr).toBe('');
    expect(existsSync(join(one.root, 'out/US-041.txt'))).toBe(false);
    expect(one.read('out/US-042.txt')).toBe('work of US-042\n');
    const roadmap = one.read('docs/roadmap/ROADMAP.md');
    expect(roadmap.match(/✅ Complete/g)).toHaveLength(1);
    expect(one.git('status', '--porcelain')).toBe('');
    const { instances } = await statusOf(one);
    expect(instances.find(({ key }) => key === 'US-041')?.reason).toContain('reverted by');
    expect((await one.run('undo', 'US-041')).stderr).toContain('is already reverted');
    // What took it back can be taken back itself: then the landing stands again.
    expect(await one.run('undo')).toMatchObject({ code: 0, stderr: '' });
    expect(one.read('out/US-041.txt')).toBe('work of US-041\n');
    expect(one.read('docs/roadmap/ROADMAP.md').match(/✅ Complete/g)).toHaveLength(2);
    const after = (await statusOf(one)).instances;
    expect(after.find(({ key }) => key === 'US-041')?.reason).toBeNull();
    expect(after.find(({ key }) => key === 'US-041-UNDO')?.state).toBe('blocked');
  });

  it.runIf(isLong)('sets the status back, too, that stood in a commit of its own', async () => {
    const one = temporaryProduct({ items: [item('US-041')] });
    one.write('docs/roadmap/ROADMAP.md', `${one.read('docs/roadmap/ROADMAP.md')}a note\n`);
    await one.run(...headless);
    one.git('commit', '-qam', 'A note');
    await one.run(...headless);
    expect(one.git('log', '-1', '--format=%s')).toBe('Set US-041 to complete');
    expect(await one.run('undo')).toMatchObject({ code: 0, stderr: '' });
    expect(await one.run('merge', 'US-041-UNDO')).toMatchObject({ code: 0 });
    expect(one.read('docs/roadmap/ROADMAP.md')).not.toContain('✅');
    expect(one.read('docs/roadmap/ROADMAP.md')).toContain('a note');
  });
});

describe('what would land can stand on a branch of its own', () => {
  it('for a pull request: nothing lands, nothing is pushed, and no branch is ever moved', async () => {
    const one = temporaryProduct({ items: [item('US-041')] });
    await one.run('start', '--headless', '--exit-when-idle');
    const target = one.git('rev-parse', 'roadmap');
    const exported = await one.run('merge', 'US-041', '--to-branch', 'pr/us-041');
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect(one.git('rev-parse', 'pr/us-041^1')).toBe(target);
    expect(one.git('rev-parse', 'pr/us-041^2')).toBe(one.git('rev-parse', 'roadmap-041'));
    expect(one.git('show', 'pr/us-041:out/US-041.txt')).toBe('work of US-041');
    expect(one.git('rev-parse', 'roadmap')).toBe(target);
    const again = await one.run('merge', 'US-041', '--to-branch', 'pr/us-041');
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toContain('branch pr/us-041 already exists');
    expect((await one.run('merge', 'US-041', '--to-branch', '-x')).code).not.toBe(0);
    expect(await one.run('merge', 'US-041')).toMatchObject({ code: 0 });
  });
});

describe('squashed landings', () => {
  it.runIf(isLong)('prove themselves by their trailer: never landed twice, cleaned up, and taken back', async () => {
    const one = temporaryProduct({
      items: [item('US-041'), item('US-042')],
      settings: { squash: true, maxParallel: 1 },
    });
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(one.git('log', '--merges', '--format=%s', 'roadmap')).toBe('');
    const tip = one.git('rev-parse', 'roadmap');
    expect(one.git('log', '-1', '--format=%(trailers:key=Cm-Head,valueonly)', 'roadmap').trim()).toBe(
      one.git('rev-parse', 'roadmap-042'),
    );
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
    expect(one.git('rev-parse', 'roadmap')).toBe(tip);
    expect(await one.run('undo', 'US-041')).toMatchObject({ code: 0 });
    expect(await one.run('merge', 'US-041-UNDO')).toMatchObject({ code: 0 });
    expect(existsSync(join(one.root, 'out/US-041.txt'))).toBe(false);
    const cleaned = await one.run('clean', '--yes');
    expect(cleaned).toMatchObject({ code: 0, stderr: '' });
    expect(one.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n')).toEqual(['roadmap']);
  });
});
