import { expect, it } from 'vitest';
import { refusalOf, runsOf } from '../../source/coordinator/api/admission.ts';
import { makeItem } from '../helpers/core/planning.ts';
import { agent, Scene } from '../helpers/core/scene.ts';

function atWork() {
  const one = new Scene([makeItem('US-001')], { checks: [['test']] });
  one.ready();
  return { one, runId: one.running().runId };
}

it('a person may give commands; a run may not, and is told whose it is', () => {
  const { one, runId } = atWork();
  expect(refusalOf({ kind: 'person' }, one.state)).toBeNull();
  expect(refusalOf({ kind: 'run', runId }, one.state)).toMatch(
    /^Refused: this process belongs to the run of US-001, and agents have read-only access/,
  );
  expect(refusalOf({ kind: 'run', runId: 'another' }, one.state)).toMatch(/belongs to the run of an agent,/);
});

it('nobody is taken for a person who cannot be told from one', () => {
  expect(refusalOf({ kind: 'unknown', why: 'no\u0007 such process' }, { instances: [] })).toBe(
    'Refused: cm-tui cannot tell who is asking (no␇ such process). Use the cm-tui command, on this machine and as the user who started it.',
  );
});

it('a caller may belong to an agent that lives, and to the checks of a branch', () => {
  const { one, runId } = atWork();
  expect(runsOf(one.state)).toMatchObject({ leaders: [{ runId, process: agent }] });
  expect(runsOf(one.state).ids()).toEqual([runId]);
  const checked = new Scene([makeItem('US-001')], { checks: [['test']] });
  checked.ready();
  const { runId: id } = checked.prepared();
  expect(runsOf(checked.state).ids()).toHaveLength(2);
  expect(runsOf(checked.state).ids()[0]).toBe(id);
});
