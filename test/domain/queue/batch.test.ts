import { describe, expect, it } from 'vitest';
import { pickBatch, suspectsAfterFailure, suspectsWithout } from '../../../source/domain/queue/batch.ts';

const queue = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('which branches are checked together', () => {
  it.each([
    ['the first of the queue, as many as fit', null, 4, ['a', 'b', 'c', 'd']],
    [
      'half of those that failed together, and others that fit',
      { runs: ['a', 'b', 'c', 'd'] },
      4,
      ['a', 'b', 'e', 'f'],
    ],
    ['only suspects where half of them fill it', { runs: queue }, 2, ['a', 'b']],
    ['the others, while the last suspect waits', { runs: ['b'] }, 4, ['a', 'c', 'd', 'e']],
    ['the last suspect alone, once they have had their try', { runs: ['b'], alone: 'b' }, 4, ['b']],
    ['what is there, where the one to be checked alone is not', { runs: ['x'], alone: 'x' }, 4, ['a', 'b', 'c', 'd']],
  ] as const)('are %s', (_, suspicion, size, expected) => {
    expect(pickBatch(queue, suspicion, size)).toEqual(expected);
  });

  it('is the last suspect where nobody else waits', () => {
    expect(pickBatch(['b'], { runs: ['b'] }, 4)).toEqual(['b']);
  });
});

describe('who is suspected', () => {
  it('are all of a batch that failed, and then those of it that were suspected before', () => {
    const first = suspectsAfterFailure(null, ['a', 'b', 'c', 'd']);
    expect(first).toEqual({ runs: ['a', 'b', 'c', 'd'] });
    expect(suspectsAfterFailure(first, ['a', 'b', 'e'])).toEqual({ runs: ['a', 'b'] });
  });

  it('are others that failed while the last one waited, which is then checked alone', () => {
    expect(suspectsAfterFailure({ runs: ['a'] }, ['b', 'c'])).toEqual({ runs: ['b', 'c'], alone: 'a' });
  });

  it('are none of those that have landed, and the last one waits for no more than one landing', () => {
    expect(suspectsWithout({ runs: ['a', 'b'] }, 'a', true)).toEqual({ runs: ['b'] });
    expect(suspectsWithout({ runs: ['b'] }, 'c', true)).toEqual({ runs: ['b'], alone: 'b' });
    expect(suspectsWithout({ runs: ['b'], alone: 'b' }, 'b', false)).toBeNull();
    expect(suspectsWithout({ runs: ['b'] }, 'c', false)).toEqual({ runs: ['b'] });
  });
});
