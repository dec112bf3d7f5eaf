import { expect, test } from 'vitest';
import { byPriority } from '../../../source/coordinator/state/planning.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { Scene } from '../../helpers/core/scene.ts';

test('items with a priority go first, the most urgent first, and the rest keep their order', () => {
  const items = [
    makeItem('US-1'),
    makeItem('US-2', { priority: 3 }),
    makeItem('US-3', { priority: null }),
    makeItem('US-4', { priority: 1 }),
    makeItem('US-5', { priority: 3 }),
  ];
  expect(byPriority(items).map(({ id }) => id)).toEqual(['US-4', 'US-2', 'US-5', 'US-1', 'US-3']);
  expect(byPriority(items)).toBe(byPriority(items));
  const without = [makeItem('US-1'), makeItem('US-2')];
  expect(byPriority(without)).toBe(without);
});

test('where fewer can run than are ready, the most urgent ones run', () => {
  const items = ['US-1', 'US-2', 'US-3'].map((id, at) => makeItem(id, { priority: 3 - at }));
  const scene = new Scene(items, { maxParallel: 2 });
  scene.ready();
  expect(scene.state.plan.ready).toEqual(['US-3', 'US-2']);
});
