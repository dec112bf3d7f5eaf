import { describe, expect, it } from 'vitest';
import { allItems } from '../../../source/coordinator/state/planning.ts';
import { makeItem, unknownScope } from '../../helpers/core/planning.ts';
import { Scene } from '../../helpers/core/scene.ts';

const items = ['US-001', 'US-002', 'US-003'].map(id => makeItem(id, { scope: unknownScope }));

function scene(roadmapStatus: 'commit' | 'off' = 'commit'): Scene {
  const made = new Scene(items, { roadmapStatus });
  made.ready();
  return made;
}

const set = { type: 'set-scopes', scopes: [{ id: 'US-002', paths: ['src/a.ts'], dependsOn: ['US-001'] }] } as const;

function item(one: Scene, id: string) {
  return allItems(one.state).find(other => other.id === id);
}

describe('scopes that a person sets', () => {
  it('count at once, and are then written into the ROADMAP', () => {
    const one = scene();
    const { facts, effects, answer } = one.command(set);
    expect(answer?.ok).toBe(true);
    expect(facts.map(({ type }) => type)).toEqual(['scopes-set']);
    expect(effects).toContainEqual({ type: 'scopes.write', priorityIds: ['US-002'] });
    expect(item(one, 'US-002')).toMatchObject({ scope: { kind: 'known', paths: ['src/a.ts'] }, dependsOn: ['US-001'] });
    expect(one.state.scopesWriting).toEqual(['US-002']);
  });

  it('stay in the state where the file could not be written, with the reason', () => {
    const one = scene();
    one.command(set);
    one.send({ type: 'scopes-written', priorityIds: ['US-002'], result: { written: [], problem: 'it is dirty' } });
    expect(one.state.scopesWriting).toEqual([]);
    expect(one.state.notices.at(-1)?.text).toContain("US-002 is kept in cm-tui's own state: it is dirty");
    expect(item(one, 'US-002')?.scope.kind).toBe('known');
  });

  it('are dropped once the source says something else', () => {
    const one = scene();
    one.command(set);
    const said = items.map(other =>
      other.id === 'US-002' ? { ...other, scope: { kind: 'known', paths: ['src/b.ts'] } as const } : other,
    );
    one.readSources(said);
    expect(one.state.scopes).toEqual({});
    expect(item(one, 'US-002')?.scope.paths).toEqual(['src/b.ts']);
  });

  it('are not written where cm-tui may not write into the ROADMAP', () => {
    const one = scene('off');
    const { effects } = one.command(set);
    expect(effects.some(({ type }) => type === 'scopes.write')).toBe(false);
    expect(item(one, 'US-002')?.scope.kind).toBe('known');
  });

  it('are refused where they close a circle only together', () => {
    const one = scene();
    const scopes = [
      { id: 'US-001', paths: ['a'], dependsOn: ['US-002'] },
      { id: 'US-002', paths: ['b'], dependsOn: ['US-001'] },
    ];
    expect(one.command({ type: 'set-scopes', scopes }).answer?.message).toContain('cannot depend on US-001');
  });

  it.each([
    ['leave the repository', { id: 'US-001', paths: ['../x'], dependsOn: [] }, 'is not a path inside the repository'],
    ['close a circle', { id: 'US-001', paths: ['a'], dependsOn: ['US-001'] }, 'cannot depend on US-001'],
    ['are of no item', { id: 'US-9', paths: ['a'], dependsOn: [] }, 'Unknown item "US-9"'],
  ])('are refused where they %s', (_, scope, words) => {
    const one = scene();
    const { facts, answer } = one.command({ type: 'set-scopes', scopes: [scope] });
    expect([answer?.ok, facts]).toEqual([false, []]);
    expect(answer?.message).toContain(words);
  });
});
