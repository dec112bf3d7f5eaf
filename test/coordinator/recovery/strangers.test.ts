import { expect, test } from 'vitest';
import { strangersOf, type Traces } from '../../../source/coordinator/recovery/strangers.ts';

const known = { ids: new Set(['a'.repeat(16)]), slugs: new Set(['041']) };
const nobody = { ids: new Set<string>(), slugs: new Set<string>() };
const none: Traces = { folders: [], locks: [], living: [], pins: [] };
const ours: Traces = {
  folders: [{ runId: 'a'.repeat(16), slug: '041' }],
  locks: [{ runId: 'a'.repeat(16), path: '/x/shop-wt041' }],
  living: [{ runId: 'a'.repeat(16), slug: '041', process: { pid: 7 } }],
  pins: ['refs/cm/head/041', 'refs/cm/old/041/abc', 'refs/cm/backup/2024'],
};

test('what a journal tells of is no stranger, whether or not it is vouched for', () => {
  for (const vouched of [true, false]) {
    expect(strangersOf(known, ours, vouched)).toEqual([]);
    expect(strangersOf(nobody, none, vouched)).toEqual([]);
  }
});

test('to an empty journal everything of ours is a stranger, each kind named and counted', () => {
  const more = { ...ours, folders: ['041', '042', '043', '044'].map(slug => ({ runId: slug, slug })) };
  expect(strangersOf(nobody, more, false)).toEqual([
    '4 run folders (041, 042, 043, …)',
    '1 worktree (/x/shop-wt041)',
    '3 refs (refs/cm/head/041, refs/cm/old/041/abc, refs/cm/backup/2024)',
    '1 living agent (pid 7)',
  ]);
});

test('a pin that belongs to no run is no stranger to a journal that knows of any', () => {
  expect(strangersOf(known, { ...none, pins: ['refs/cm/backup/2024', 'refs/cm/head/042'] }, false)).toEqual([
    '1 ref (refs/cm/head/042)',
  ]);
});

test('another run under the name of a known one is a stranger where nothing vouches for the journal', () => {
  const other = { ...none, folders: [{ runId: 'b'.repeat(16), slug: '041' }] };
  expect(strangersOf(known, other, true)).toEqual([]);
  expect(strangersOf(known, other, false)).toEqual(['1 run folder (041)']);
});

test('what it names is safe to show', () => {
  const [text] = strangersOf(nobody, { ...none, locks: [{ runId: 'x', path: '/a\u001b[2J' }] }, true);
  expect(text).not.toContain('\u001b');
});
