import { describe, expect, it } from 'vitest';
import { makeItem } from '../../helpers/core/planning.ts';
import { Scene } from '../../helpers/core/scene.ts';

const known = (id: string) => ({ kind: 'known', paths: [`source/${id}/**`] }) as const;

describe('the names of a run', () => {
  it('of an ad-hoc item are its own beside an item of the ROADMAP, whichever comes first', () => {
    const one = new Scene([makeItem('US-001')], { maxParallel: 8 });
    one.ready();
    one.command({ type: 'run', item: makeItem('new', { prompt: 'one', scope: known('new') }) });
    expect(one.run()).toMatchObject({ key: 'TASK-1', slug: 'task-1', branchName: 'roadmap-task-1' });
    one.command({ type: 'spawn', id: 'US-001' });
    expect(one.run()).toMatchObject({ key: 'US-001', slug: '001' });
  });

  it('of an item that the ROADMAP got later are its own, too', () => {
    const one = new Scene([], { maxParallel: 8 });
    one.ready();
    one.command({ type: 'run', item: makeItem('new', { prompt: 'one', scope: known('new') }) });
    expect(one.run().slug).toBe('001');
    one.readSources([makeItem('US-001')]);
    one.command({ type: 'spawn', id: 'US-001' });
    expect(one.run()).toMatchObject({ slug: 'us-001', branchName: 'roadmap-us-001' });
  });
});
