import { expect, it } from 'vitest';
import { defaultFleetSettings } from '../../../source/domain/fleet/settings.ts';
import type { FleetObservation, Said } from '../../../source/ports/fleet/fleet.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { head, Scene } from '../../helpers/core/scene.ts';

const esc = '\u001b]0;pwned\u0007\u001b[2J\u009b1m\r\nfaked line';
const worker = {
  name: 'w1',
  key: 'key-w1',
  fingerprint: 'fp',
  pools: ['default'],
  slots: 2,
  running: [],
  draining: false,
  welcome: true,
  version: '1',
  cpuPercent: 10,
  memoryPercent: 20,
  silentMs: 1000,
};
const seen: FleetObservation = {
  listeningMs: 600_000,
  workers: [worker],
  heard: {},
  unread: [],
  claims: {},
  jobs: [],
  refused: [],
};

/** A run with its accepted worker, which lies. */
function atWork(): Scene {
  const fleet = { ...defaultFleetSettings, engine: 'redis://127.0.0.1', local: false };
  const one = new Scene([makeItem('US-001')], { fleet });
  one.ready();
  one.send({ type: 'fleet-observed', seen, asOf: one.state.instances });
  one.command({ type: 'accept-worker', worker: 'w1', key: 'key-w1' });
  one.command({ type: 'spawn', id: 'US-001' });
  return one;
}

const process = { pid: 7, startTime: esc, bootId: esc };
const ended = {
  what: 'ended',
  exitCode: 0,
  lost: null,
  limit: esc,
  head,
  dirty: [esc],
  operation: esc,
  tail: esc,
} as const;
const words: readonly Said[] = [
  { what: 'started', process },
  { what: 'session', sessionId: esc },
  { what: 'result', ok: false, message: esc },
  { what: 'result', ok: true, message: esc, asks: true },
  { what: 'cooldown', agent: esc, until: null },
  { what: 'refused', why: esc },
  ended,
];

it.each(words.map(said => [said.what, said] as const))(
  'no escape code of a worker reaches the state or a fact: %s',
  (_, said) => {
    const one = atWork();
    const { runId } = one.run();
    const hear = (what: Said) =>
      one.send({ type: 'fleet-report', report: { runId, epoch: 1, worker: 'w1', key: 'key-w1', said: what } });
    hear({ what: 'claimed' });
    if (said.what !== 'refused') hear({ what: 'started', process: { pid: 7, startTime: '1', bootId: 'b' } });
    const { facts } = said.what === 'started' ? atWorkSaying(said) : hear(said);
    const text = JSON.stringify([facts, one.state]);
    expect(text).not.toMatch(/\\u001b|\\u009b|\\u0007|\\r|\\n/);
    if (said.what !== 'cooldown') expect(facts.length).toBeGreaterThan(0);
  },
);

function atWorkSaying(said: Said) {
  const one = atWork();
  return one.send({
    type: 'fleet-report',
    report: { runId: one.run().runId, epoch: 1, worker: 'w1', key: 'key-w1', said },
  });
}

it('a result that is late, or of another dispatch, changes nothing of the run', () => {
  const one = atWork();
  const { runId } = one.run();
  const before = one.run();
  for (const epoch of [2, 7])
    one.send({ type: 'fleet-report', report: { runId, epoch, worker: 'w1', key: 'key-w1', said: ended } });
  expect({ ...one.run(), remote: { ...one.run().remote, late: undefined } }).toEqual({
    ...before,
    remote: { ...before.remote, late: undefined },
  });
});
