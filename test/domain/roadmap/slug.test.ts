import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slugOf } from '../../../source/domain/roadmap/slug.ts';

describe('slugOf', () => {
  test.each([
    ['US-043', 1, '043'],
    ['US-7', 1, '007'],
    ['US-0043', 1, '043'],
    ['US-1234', 1, '1234'],
    ['PRIORITY-2.65', 1, '002-65'],
    ['PRIORITY-10', 1, '010'],
    ['BUG-7', 1, '007'],
    ['US-043', 2, '043-2'],
    ['PRIORITY-2.65', 3, '002-65-3'],
    ['US-014@3688', 1, '014'],
    ['BUG-XXX', 1, 'bug-xxx'],
    ['Tâche: à faire!', 1, 'tache-a-faire'],
    ['../../etc', 1, 'etc'],
    ['-x', 1, 'x'],
    ['漢字', 1, 'item'],
    ['', 1, 'item'],
    [`a${'-b'.repeat(60)}`, 1, `a${'-b'.repeat(19)}`],
  ])('%s, attempt %i', (key, attempt, slug) => {
    expect(slugOf(key, attempt, () => false)).toBe(slug);
  });

  test('two items never share one', () => {
    const taken = new Set<string>();
    const slugs = ['US-010', 'PRIORITY-10', 'BUG-10', 'US-2', 'PRIORITY-2.2'].map(key => {
      const slug = slugOf(key, 1, candidate => taken.has(candidate));
      taken.add(slug);
      return slug;
    });
    expect(slugs).toEqual(['010', '010-2', '010-3', '002', '002-2']);
    expect(slugOf('US-2', 2, candidate => taken.has(candidate))).toBe('002-3');
  });

  test('is safe in paths and refs, whatever the key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: -3, max: 9 }), (key, attempt) => {
        const slug = slugOf(key, attempt, () => false);
        expect(slug).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
        expect(slug.length).toBeLessThanOrEqual(80);
      }),
    );
  });
});
