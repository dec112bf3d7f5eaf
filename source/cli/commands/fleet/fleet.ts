import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setSetting } from '../../../adapters/config/edit.ts';
import { settingsPlaces } from '../../../adapters/config/index.ts';
import { fleetView } from '../../../coordinator/fleet/fleet-view.ts';
import type { State } from '../../../coordinator/state/state.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Command } from '../../../ports/commands.ts';
import { depotOf } from '../../fleet/late-fleet.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeJson, writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { type Context, openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';
import { withSession } from '../../session/session.ts';

export interface FleetCommandOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly engine?: string;
  readonly depot?: string;
  readonly yes?: boolean;
}

const defaultEngine = 'redis://127.0.0.1:6379';

/** `cm-tui fleet [init | accept W | drain W | resume W | forget W]`: agents on other machines; without an action it lists them. */
export async function fleetCommand(
  action: string | undefined,
  worker: string | undefined,
  options: FleetCommandOptions,
): Promise<ExitCode> {
  const context = await openContext(options);
  if (action === undefined) return list(context, options);
  if (action === 'init') return init(context, options);
  if (context.settings.fleet.engine === null)
    throw new CmError('There are no other machines. Begin with "cm-tui fleet init".', 2);
  if (worker === undefined)
    throw new CmError(`Name the worker, as in "cm-tui fleet ${sanitizeLine(action, 40)} W".`, 2);
  const { state } = await readState(context);
  const command = await commandOf(action, worker, state, options);
  if (command === null) return 1;
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send(command);
    if (!answer.ok) throw new CmError(answer.message);
    writeLine(answer.message);
    return 0;
  });
}

async function commandOf(
  action: string,
  worker: string,
  state: State,
  options: FleetCommandOptions,
): Promise<Command | null> {
  switch (action) {
    case 'accept':
      return accept(worker, state, options);
    case 'drain':
      return { type: 'drain-worker', worker, drained: true };
    case 'resume':
      return { type: 'drain-worker', worker, drained: false };
    case 'forget':
      return { type: 'forget-worker', worker };
    default:
      throw new CmError(`Unknown action "${sanitizeLine(action, 40)}". Use init, accept, drain, resume or forget.`, 2);
  }
}

/** A person compares the fingerprint with the one that the worker printed. */
async function accept(worker: string, state: State, options: FleetCommandOptions): Promise<Command | null> {
  const found = (state.machines ?? []).filter(one => one.name === worker);
  const [seen] = found;
  if (seen === undefined)
    throw new CmError(
      `Nothing was heard of ${sanitizeLine(worker, 40)}. Start it with "cm-tui worker --join URL", and cm-tui here.`,
      2,
    );
  if (found.length > 1)
    throw new CmError(`${worker} is there under ${found.length} keys. Give one of these workers another --name.`, 2);
  const { fingerprintOf } = await import('../../../adapters/fleet/sign.ts');
  const fingerprint = fingerprintOf(seen.key);
  writeLine(`Worker ${worker}, fingerprint ${fingerprint}`);
  if (options.yes !== true) {
    if (!canAsk()) throw new CmError('Not a terminal. Compare the fingerprint, then add --yes.', 3);
    if (!(await askYes('Is that what the worker printed?'))) return null;
  }
  return { type: 'accept-worker', worker, key: seen.key };
}

/** Depot, settings, and the line that workers join with. */
async function init(context: Context, options: FleetCommandOptions): Promise<ExitCode> {
  const { commonDir, root, bare, stateDir, settings } = context;
  const engine = options.engine ?? settings.fleet.engine ?? defaultEngine;
  const [{ requireSafe, joinLine }, { loadSigner }, { keyFile }, { createDepot }] = await Promise.all([
    import('../../../adapters/fleet/names.ts'),
    import('../../../adapters/fleet/sign.ts'),
    import('../../../adapters/fleet/key-file.ts'),
    import('../../../adapters/git/depot/create-depot.ts'),
  ]);
  if (!/^(rediss?|postgres(ql)?):\/\/\S+$/.test(engine))
    throw new CmError('--engine is a URL that begins with redis://, rediss:// or postgres://.', 2);
  requireSafe(engine, settings.fleet.insecure);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const depot = options.depot === undefined ? depotOf(context) : resolve(options.depot);
  await createDepot(depot);
  const places = settingsPlaces({ root: bare ? null : root, commonDir, env: process.env });
  await setSetting(places, 'repo', 'fleet.engine', engine);
  if (options.depot !== undefined) await setSetting(places, 'repo', 'fleet.depot', depot);
  const { publicKey } = loadSigner(keyFile(stateDir));
  writeError(`Depot: ${depot}. Settings: ${places.repo}.`);
  writeError('On each other machine (with the path of the depot as it is reached from there):');
  writeLine(`cm-tui worker --join '${joinLine({ engine, depot, key: publicKey })}'`);
  return 0;
}

async function list(context: Context, options: FleetCommandOptions): Promise<ExitCode> {
  const { state } = await readState(context);
  const { engine } = context.settings.fleet;
  const view = fleetView(state);
  const { fingerprintOf } = await import('../../../adapters/fleet/sign.ts');
  const workers = view.workers.map(one => ({ ...one, fingerprint: fingerprintOf(one.key) }));
  if (options.json === true) {
    writeJson({ ...view, workers, depot: depotOf(context) });
    return 0;
  }
  if (engine === null) {
    writeLine('All agents run here. For other machines begin with "cm-tui fleet init".');
    return 0;
  }
  if (workers.length === 0) writeLine('Nothing was heard of any worker yet.');
  for (const { name, word, atWork, slots, pools, contact, version, fingerprint } of workers)
    writeLine(
      sanitizeLine(
        `${name.padEnd(16)} ${word.padEnd(22)} ${`${atWork}/${slots}`.padStart(7)}  ${pools.join(',')}  ${contact}  ${version}  ${fingerprint}`,
        400,
      ),
    );
  return 0;
}
