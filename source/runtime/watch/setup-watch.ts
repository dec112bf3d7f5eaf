import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import { isAlive } from '../../domain/instance.ts';
import type { SettingsLook } from '../../ports/outside.ts';
import { settingsBetween } from './outside-changes.ts';

interface Begun {
  readonly settings: SettingsLook;
  /** Runs whose agents had ended by then. */
  readonly over: ReadonlySet<RunId>;
}

/**
 * Tells what the user's own `setup` changes of the settings and hooks of the repository (`npm ci` with husky sets `core.hooksPath`), so that
 * no agent is blamed for it. While an agent is at work as well, nobody can tell whose change it is, and it stays a change to be reviewed.
 */
export class SetupWatch {
  readonly #read: () => Promise<SettingsLook>;
  readonly #state: () => State;
  readonly #begun = new Map<RunId, Begun>();

  constructor(read: () => Promise<SettingsLook>, state: () => State) {
    this.#read = read;
    this.#state = state;
  }

  /** The setup of a run is about to begin. */
  async before(runId: RunId): Promise<void> {
    const over = new Set(this.#withAgents().flatMap(one => (isAlive(one.state) ? [] : [one.runId])));
    this.#begun.set(runId, { settings: await this.#read(), over });
  }

  /** It has ended: brings a look from before it up to what it has left. Null: it changed nothing, or it is not known to be its change. */
  async after(runId: RunId): Promise<((look: SettingsLook) => SettingsLook) | null> {
    const begun = this.#begun.get(runId);
    this.#begun.delete(runId);
    if (begun === undefined) return null;
    const now = await this.#read();
    const alone = this.#withAgents().every(one => begun.over.has(one.runId));
    const changes = settingsBetween(begun.settings, now);
    if (!alone || changes.length === 0) return null;
    const names = changes.map(({ path }) => path);
    return look => ({
      executables: amended(look.executables, { names, from: begun.settings.executables, to: now.executables }),
      ...(look.settings === undefined
        ? {}
        : { settings: amended(look.settings, { names, from: begun.settings.settings ?? {}, to: now.settings ?? {} }) }),
    });
  }

  #withAgents() {
    return this.#state().instances.filter(({ process }) => process !== null);
  }
}

type Digests = Readonly<Record<string, string>>;

/** What was as it was before the setup is as the setup left it; what somebody had changed before stays a change. */
function amended(
  look: Digests,
  { names, from, to }: { readonly names: readonly string[]; readonly from: Digests; readonly to: Digests },
): Digests {
  const changed = new Set(names.filter(name => look[name] === from[name]));
  const rest = Object.entries(look).filter(([name]) => !changed.has(name));
  return Object.fromEntries([...rest, ...Object.entries(to).filter(([name]) => changed.has(name))]);
}
