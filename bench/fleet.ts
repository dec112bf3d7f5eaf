import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSigner, openSealed } from '../source/adapters/fleet/sign.ts';
import { fleetView } from '../source/coordinator/fleet/fleet-view.ts';
import type { Effect } from '../source/coordinator/state/effects.ts';
import { dispatchId } from '../source/domain/fleet/remote-run.ts';
import { defaultFleetSettings } from '../source/domain/fleet/settings.ts';
import type { Instance } from '../source/domain/instance.ts';
import type { FleetObservation, Said } from '../source/ports/fleet/fleet.ts';
import { makeItem } from '../test/helpers/core/planning.ts';
import { base, goodBranch, head, Scene } from '../test/helpers/core/scene.ts';
import type { BenchResult } from './types.ts';

const seconds = 600;
const lookSeconds = 3;
/** A run takes 20 minutes, so that of 500 one ends every 2.4 seconds. */
const runSeconds = 1200;

/**
 * What the coordinator computes while agents work on other machines: its decisions, and opening what workers have signed. The world is in
 * memory and answers at once: git, the engine's own network and the disk are not in these figures.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const few = play(1, 2, 20);
  const many = play(10, 50, 2000);
  return [
    {
      name: 'the core with 500 agents on 10 machines and 2,000 items, share of one core over 10 simulated minutes',
      unit: '%',
      value: many.percent,
      baseline: few.percent,
      baselineName: '2 agents on one machine and 20 items',
      ratio: many.percent / few.percent,
      limit: 30,
      limitOn: 'value',
      note: `${many.ended} runs ended, slowest step ${many.slowest.toFixed(0)} ms, ${(many.journalBytes / 1e6).toFixed(1)} MB journaled`,
    },
    {
      name: 'memory of the same',
      unit: 'MB',
      value: many.heapMb,
      baseline: few.heapMb,
      baselineName: '2 agents on one machine and 20 items',
      ratio: many.heapMb / few.heapMb,
      limit: 400,
      limitOn: 'value',
    },
  ];
}

function play(machines: number, slots: number, count: number) {
  const folder = mkdtempSync(join(tmpdir(), 'cm-tui-bench-'));
  const signer = loadSigner(join(folder, 'key.pem'));
  rmSync(folder, { recursive: true });
  const fleet = { ...defaultFleetSettings, engine: 'redis://127.0.0.1', local: false };
  const items = Array.from({ length: count }, (_, n) =>
    makeItem(`I${n}`, { scope: { kind: 'known', paths: [`source/part${n}/**`, `docs/part${n}.md`] } }),
  );
  const scene = new Scene(items, { fleet }, { mode: 'auto' });
  scene.ready();
  const names = Array.from({ length: machines }, (_, n) => `w${n + 1}`);
  for (const worker of names)
    scene.send({ type: 'fact', event: { type: 'worker-accepted', worker, key: signer.publicKey, at: 1 } });
  let journalBytes = 0;
  let slowest = 0;
  let ended = 0;
  const startedAt = new Map<string, number>();
  const step = (act: () => ReturnType<Scene['send']>, now: number) => {
    const before = process.cpuUsage();
    const came = act();
    const { user, system } = process.cpuUsage(before);
    slowest = Math.max(slowest, (user + system) / 1000);
    for (const fact of came.facts) journalBytes += JSON.stringify(fact).length + 30;
    scene.started.clear();
    for (const effect of came.effects) answer(effect, now);
  };
  const say = (one: Instance, worker: string, said: Said, now: number) => {
    const { runId, remote } = one;
    const epoch = remote?.epoch ?? 1;
    const opened = openSealed(signer.seal({ runId, epoch, worker, said }));
    if (opened === null) throw new Error('a signature is wrong');
    step(() => scene.send({ type: 'fleet-report', report: { runId, epoch, worker, key: opened.key, said } }), now);
  };
  let turn = 0;
  const answer = (effect: Effect, now: number): void => {
    if (!('effectId' in effect) || !('runId' in effect)) return;
    const { effectId, runId } = effect;
    const outcome = (what: Parameters<Scene['answer']>[1]) =>
      step(() => scene.send({ type: 'outcome', effectId, outcome: what }), now);
    const one = scene.state.instances.find(run => run.runId === runId);
    if (one === undefined) return;
    switch (effect.type) {
      case 'fleet.dispatch': {
        outcome({ type: 'dispatched', runId, epoch: one.remote?.epoch ?? 1, problem: null });
        const worker = names[turn++ % names.length] ?? '';
        say(one, worker, { what: 'claimed' }, now);
        say(one, worker, { what: 'started', process: { pid: 7, startTime: '7', bootId: 'b' } }, now);
        // Those of the first moment are at different places in their work.
        startedAt.set(runId, now === 0 ? -(turn * runSeconds) / (machines * slots) : now);
        return;
      }
      case 'fleet.home':
        return outcome({ type: 'came-home', runId, epoch: one.remote?.epoch ?? 1, head, taken: false });
      case 'git.judge': {
        const file = { path: `${one.scope.paths[0]?.replace('**', '')}a.ts`, change: 'M', oldMode: '100644' } as const;
        const files = [{ ...file, newMode: '100644', insertions: 1, deletions: 1, binary: false }];
        const facts = goodBranch({ worktreeExists: false, checkedOut: null, files });
        return outcome({ type: 'judged', runId, facts, result: null });
      }
      case 'git.predict':
        return outcome({ type: 'predicted', runId, head, result: { outcome: 'clean', base, head, tree: head } });
      default:
    }
  };

  const look = (): FleetObservation => {
    const open = scene.state.instances.filter(one => one.remote?.worker != null && one.endTime === null);
    const holding = new Map<string, Instance[]>(names.map(name => [name, []]));
    for (const one of open) holding.get(one.remote?.worker ?? '')?.push(one);
    const idOf = (one: Instance) => dispatchId(one.runId, one.remote?.epoch ?? 1);
    return {
      listeningMs: 600_000,
      workers: names.map((name, n) => ({
        name,
        key: signer.publicKey,
        fingerprint: 'x',
        pools: ['default'],
        slots,
        running: (holding.get(name) ?? []).map(idOf),
        draining: false,
        welcome: true,
        version: '1',
        cpuPercent: (n * 17) % 100,
        memoryPercent: 40,
        silentMs: 1000,
      })),
      heard: Object.fromEntries(open.map(one => [idOf(one), 1000])),
      unread: [],
      claims: Object.fromEntries(
        open.map(one => [idOf(one), { worker: one.remote?.worker ?? '', key: signer.publicKey }]),
      ),
      jobs: [],
      refused: [],
    };
  };

  const began = process.cpuUsage();
  for (let now = 0; now <= seconds; now += lookSeconds) {
    scene.at = 1000 + now * 1000;
    for (const name of names) openSealed(signer.seal({ name, running: [...startedAt.keys()].slice(0, slots) }));
    step(() => scene.send({ type: 'fleet-observed', seen: look(), asOf: scene.state.instances }), now);
    for (const one of scene.state.instances) {
      const since = startedAt.get(one.runId);
      if (since === undefined || now - since < runSeconds || one.remote?.worker == null) continue;
      startedAt.delete(one.runId);
      ended += 1;
      say(one, one.remote.worker, { what: 'result', ok: true, message: 'Done.' }, now);
      const words = { exitCode: 0, lost: null, limit: null, head, dirty: [], operation: null, tail: 'x'.repeat(4000) };
      say(one, one.remote.worker, { what: 'ended', ...words }, now);
    }
    fleetView(scene.state);
  }
  const { user, system } = process.cpuUsage(began);
  globalThis.gc?.();
  const heapMb = process.memoryUsage().heapUsed / 1e6;
  const atWork = fleetView(scene.state).atWork;
  if (atWork < machines * slots * 0.9 - 1) throw new Error(`only ${atWork} of ${machines * slots} slots are at work`);
  return { percent: ((user + system) / 1e6 / seconds) * 100, heapMb, slowest, ended, journalBytes };
}
