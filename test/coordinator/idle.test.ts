import { expect, test } from 'vitest';
import { isIdle, nothingToRead, unfinished } from '../../source/coordinator/state/idle.ts';
import { makePlan } from '../../source/coordinator/state/planning.ts';
import { parseRoadmap } from '../../source/domain/roadmap/parse.ts';
import { fakeItem, stateWith } from '../helpers/core/fake-handle.ts';

const nothing = stateWith([]);

test('waits for no machine that nobody has accepted', () => {
  const fleet = { ...nothing.settings.fleet, engine: 'redis://127.0.0.1:6379', local: false };
  const state = stateWith([fakeItem('US-001')], {
    mode: 'auto',
    settings: { ...nothing.settings, fleet },
  });
  const planned = { ...state, plan: makePlan(state, state.plan.at) };
  expect(planned.plan.ready).toEqual([]);
  expect(isIdle(planned)).toBe(true);
  expect(unfinished(planned)).toEqual([
    'US-001 waits: limit reached: 0 of 0 running (0 here, 0 on other machines); accept a machine with "cm-tui fleet accept", or set fleet.local.',
  ]);
  const accepted = { ...planned, fleet: { accepted: { box: 'key' }, drained: [] } };
  expect(isIdle(accepted)).toBe(false);
  expect(isIdle({ ...accepted, fleet: { accepted: { box: 'key' }, drained: ['box'] } })).toBe(true);
});

test('says why there was nothing to do', () => {
  const empty = { ...nothing, roadmap: parseRoadmap('# Plans\n\nSoon.\n', { path: 'ROADMAP.md' }) };
  expect(nothingToRead(empty)).toContain('ROADMAP.md has no item that can be read');
  const done = { ...nothing, roadmap: parseRoadmap('## US-001: A ✅\n', { path: 'ROADMAP.md' }) };
  expect(nothingToRead(done)).toBeNull();
  expect(nothingToRead({ ...nothing, roadmap: { path: null, items: [], problems: [] } })).toBeNull();
});
