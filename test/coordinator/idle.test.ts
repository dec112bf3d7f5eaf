import { expect, test } from 'vitest';
import { nothingToRead } from '../../source/coordinator/state/idle.ts';
import { parseRoadmap } from '../../source/domain/roadmap/parse.ts';
import { stateWith } from '../helpers/core/fake-handle.ts';

const nothing = stateWith([]);

test('says why there was nothing to do', () => {
  const empty = { ...nothing, roadmap: parseRoadmap('# Plans\n\nSoon.\n', { path: 'ROADMAP.md' }) };
  expect(nothingToRead(empty)).toContain('ROADMAP.md has no item that can be read');
  const done = { ...nothing, roadmap: parseRoadmap('## US-001: A ✅\n', { path: 'ROADMAP.md' }) };
  expect(nothingToRead(done)).toBeNull();
  expect(nothingToRead({ ...nothing, roadmap: { path: null, items: [], problems: [] } })).toBeNull();
});
