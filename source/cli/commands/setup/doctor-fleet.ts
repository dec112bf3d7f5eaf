import { openEngine } from '../../../adapters/fleet/engine.ts';
import { requireSafe } from '../../../adapters/fleet/names.ts';
import { coordinatorId, fingerprintOf } from '../../../adapters/fleet/sign.ts';
import { inspectDepot } from '../../../adapters/git/depot/inspect-depot.ts';
import { reachDepot } from '../../../adapters/git/depot/worker-git.ts';
import { type ProbeWorld, probeAgents, probeTools } from '../../../agents/launch/probe.ts';
import { AgentRegistry } from '../../../agents/registry.ts';
import { fleetView } from '../../../coordinator/fleet/fleet-view.ts';
import { defaultSettings } from '../../../domain/settings.ts';
import { withoutFullStop } from '../../../domain/text/clause.ts';
import { countOf } from '../../../domain/text/count.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import { depotOf } from '../../fleet/late-fleet.ts';
import type { Context } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';
import type { WorkerFile } from '../../worker/worker-file.ts';
import { type Check, checkMessage } from './doctor-checks.ts';
import { toolCheck } from './doctor-show.ts';

/** On the coordinator's machine: engine, depot, and the workers that were accepted. */
export async function fleetChecks(context: Context): Promise<readonly Check[]> {
  const { engine, insecure } = context.settings.fleet;
  const depot = depotOf(context);
  const [carrier, wrong, machines] = await Promise.all([
    engineChecks(engine ?? '', insecure),
    inspectDepot(depot),
    machineChecks(context),
  ]);
  return [
    ...carrier,
    ...(wrong.length === 0
      ? [
          {
            name: 'depot',
            status: 'ok',
            text: `${escapePath(depot)}: its hook and limits are in force, and it is complete`,
          } as const,
        ]
      : wrong.map((text): Check => ({ name: 'depot', status: 'problem', text }))),
    ...machines,
  ];
}

/** On a worker's machine: whom it obeys, engine, depot, git and agents. Nothing is taken meanwhile. */
export async function workerChecks(file: WorkerFile, insecure: boolean, world: ProbeWorld): Promise<readonly Check[]> {
  const { key, engine, depot } = file.join;
  const trust = `obeys the coordinator with the fingerprint ${fingerprintOf(key)} (${coordinatorId(key)}) only`;
  const asked = file.isWelcome
    ? 'it has accepted this worker'
    : `it has not accepted this worker yet: "cm-tui fleet accept ${file.name}"`;
  const [carrier, reach, [git], agents] = await Promise.all([
    engineChecks(engine, insecure),
    reachDepot(depot),
    probeTools(world),
    probeAgents(new AgentRegistry({ ...defaultSettings, ...file.settings }), world),
  ]);
  const found = agents.filter(one => one.found);
  return [
    {
      name: 'worker',
      status: 'ok',
      text: `${file.name}, fingerprint ${fingerprintOf(file.signer.publicKey)}, ${countOf(file.slots, 'slot')}`,
    },
    { name: 'trust', status: file.isWelcome ? 'ok' : 'note', text: `${trust}; ${asked}` },
    ...carrier,
    { name: 'depot', status: reach === null ? 'ok' : 'problem', text: reach ?? sanitizeLine(depot, 300) },
    ...(git === undefined ? [] : [toolCheck(git, true)]),
    ...found.map(agent => toolCheck(agent, false)),
    ...(found.some(({ name }) => name !== 'demo')
      ? []
      : [
          {
            name: 'agents',
            status: 'problem',
            text: 'No agent is installed here, so every run would be given back. Install one, or name it in worker.json.',
          } as const,
        ]),
  ];
}

async function engineChecks(url: string, insecure: boolean): Promise<readonly Check[]> {
  try {
    requireSafe(url, insecure);
  } catch (error) {
    return [{ name: 'engine', status: 'problem', text: checkMessage(error) }];
  }
  const engine = openEngine(url);
  try {
    const { version, warnings } = await engine.facts();
    const { hostname } = new URL(url);
    return [
      { name: 'engine', status: 'ok', text: sanitizeLine(`${version} at ${hostname} answers`, 200) },
      ...warnings.map((text): Check => ({ name: 'engine', status: 'note', text: sanitizeLine(text, 300) })),
    ];
  } catch (error) {
    const text = `${withoutFullStop(checkMessage(error))}. Start it, or correct fleet.engine.`;
    return [{ name: 'engine', status: 'problem', text }];
  } finally {
    await engine.close();
  }
}

async function machineChecks(context: Context): Promise<readonly Check[]> {
  const { state } = await readState(context);
  const { workers, machines, slots } = fleetView(state);
  const own = process.env.CM_TUI_VERSION ?? 'development';
  const remarks = workers.flatMap(({ name, accepted, version, word }): readonly string[] => [
    ...(accepted ? [] : [`${name} waits to be accepted: "cm-tui fleet accept ${name}".`]),
    ...(accepted && word === 'no contact'
      ? [`Nothing is heard of ${name}. Look at it there with "cm-tui worker --check".`]
      : []),
    ...(version === '' || version === own
      ? []
      : [`${name} runs version ${version}, and this is ${own}. Use the same on both.`]),
  ]);
  const text = `${countOf(machines, 'machine')} accepted, ${countOf(slots, 'slot')}`;
  return [
    { name: 'machines', status: machines === 0 ? 'note' : 'ok', text },
    ...remarks.map((one): Check => ({ name: 'machines', status: 'note', text: sanitizeLine(one, 300) })),
  ];
}
