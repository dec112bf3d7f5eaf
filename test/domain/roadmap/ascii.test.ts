import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idAt } from '../../../source/domain/roadmap/ids.ts';
import { isTargetBranch, targetBranchPattern } from '../../../source/domain/text/names.ts';

// Texts of ASCII alone are read by patterns of their own, which say the same.

const pieces = [
  'US-',
  'bug-',
  'PRIORITY',
  ' ',
  '#',
  '-',
  '7',
  '10',
  '.',
  'XX',
  'x',
  '_',
  'A',
  '/',
  '@{',
  '.lock',
  '..',
];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map(some => some.join(''));

test('an id is found in ASCII as in any text', () => {
  fc.assert(
    fc.property(text, one => {
      expect(idAt(one, 0)).toEqual(idAt(`${one} é`, 0));
    }),
    { numRuns: 2000 },
  );
  expect(idAt('US-7é', 0)).toBeNull();
});

test('the name of a branch is judged in ASCII as in any text', () => {
  fc.assert(
    fc.property(text, one => {
      expect(isTargetBranch(one)).toBe(targetBranchPattern.test(one));
    }),
    { numRuns: 2000 },
  );
  expect(['größe', 'ветка', 'a\u202eb'].map(isTargetBranch)).toEqual([true, true, false]);
});
