import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from '../../adapters/processes/run-folder.ts';
import { writeFresh } from '../../adapters/regular-file.ts';
import type { FleetPort } from '../../ports/fleet/fleet.ts';
import type { Context } from '../session/context.ts';

/** Where the depot lies unless the settings name another place. */
export function depotOf({ settings, stateDir }: Pick<Context, 'settings' | 'stateDir'>): string {
  return settings.fleet.depot ?? join(stateDir, 'depot.git');
}

/** Other machines. What speaks with them is loaded with the first call: a coordinator without an engine never loads it. */
export function lateFleet(context: Context): FleetPort {
  let opened: ReturnType<typeof open> | null = null;
  const fleet = () => {
    opened ??= open(context);
    return opened;
  };
  return {
    dispatch: async dispatch => (await fleet()).dispatch(dispatch),
    cancel: async (...run) => (await fleet()).cancel(...run),
    observe: async () => (await fleet()).observe(),
    listen(on) {
      const stop = fleet().then(
        one => one.listen(on),
        () => () => undefined,
      );
      return () => void stop.then(end => end());
    },
    bringHome: async ref => (await fleet()).bringHome(ref),
    createBranch: async (...branch) => (await fleet()).createBranch(...branch),
    forget: async (...run) => (await fleet()).forget(...run),
    tell: async (...word) => (await fleet()).tell(...word),
    keepLog: (slug, tail) => keepLog(context.stateDir, slug, tail),
    close: async () => (opened === null ? undefined : (await opened).close()),
  };
}

/** Beside the logs of runs of this machine; one that is there already stays. */
function keepLog(stateDir: string, slug: string, tail: string): void {
  const folder = runFolder(join(stateDir, 'runs'), slug);
  const file = join(folder, 'out.log');
  if (tail === '' || existsSync(file)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFresh(file, tail);
}

async function open(context: Context): Promise<Omit<FleetPort, 'keepLog'>> {
  const { settings, stateDir, commonDir } = context;
  const { engine, insecure, pools } = settings.fleet;
  const [{ createFleet }, { openDepot }] = await Promise.all([
    import('../../adapters/fleet/fleet.ts'),
    import('../../adapters/git/depot/depot.ts'),
  ]);
  const depot = openDepot(commonDir, depotOf(context));
  return createFleet({ engine: engine ?? '', insecure, pools: Object.keys(pools), stateDir, depot });
}
