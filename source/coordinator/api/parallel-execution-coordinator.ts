import type { RunId } from '../../domain/ids.ts';
import type { WaitReason } from '../../domain/plan-types.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { findItem, obstaclesToSpawn } from '../runs/spawning.ts';
import type { State } from '../state/state.ts';
import { type CoordinatorView, statusView } from '../state/status-view.ts';

/** A coordinator within reach: this process's own, or the running one through its socket. */
export interface CoordinatorAccess {
  state(): Promise<State>;
  send(command: Command): Promise<CommandAnswer>;
}

/** The original system's entry point, as a thin face over state and commands (docs/contract.md). */
export class ParallelExecutionCoordinator {
  readonly #reach: CoordinatorAccess;

  constructor(reach: CoordinatorAccess) {
    this.#reach = reach;
  }

  /** Whether an item may be spawned now, and every reason against it. */
  async canSpawnParallelInstance(
    id: string,
    now = Date.now(),
  ): Promise<{ readonly allowed: boolean; readonly reasons: readonly WaitReason[] }> {
    const state = await this.#reach.state();
    const found = findItem(state, id);
    if ('problem' in found) return { allowed: false, reasons: [{ code: 'status', detail: found.problem }] };
    const reasons = obstaclesToSpawn(state, found.item, now);
    return { allowed: reasons.length === 0, reasons };
  }

  /**
   * Spawns an item's agent, also above the capacity, or from the branch of what it waits for, if asked to; the answer says in one sentence
   * what was done or why not.
   */
  spawnParallelInstance(id: string, agent?: string, overCapacity = false, stack = false): Promise<CommandAnswer> {
    const how = {
      ...(agent === undefined ? {} : { agent }),
      ...(overCapacity ? { overCapacity } : {}),
      ...(stack ? { stack } : {}),
    };
    return this.#reach.send({ type: 'spawn', id, ...how });
  }

  /** The document of `cm-tui status --json`. */
  async getParallelStatus(coordinator: CoordinatorView | null, now = Date.now()) {
    return statusView(await this.#reach.state(), coordinator, now);
  }

  /** Removes worktrees and branches of what has landed. Files in no commit go only where they are listed as `confirmedLoss`. */
  cleanupCompletedWorktrees(confirmedLoss: Readonly<Record<RunId, readonly string[]>> = {}): Promise<CommandAnswer> {
    return this.#reach.send({ type: 'clean', ids: [], confirmedLoss });
  }
}
