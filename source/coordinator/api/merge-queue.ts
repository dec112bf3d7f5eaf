import { type Instance, waitsToLand } from '../../domain/instance.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import type { CoordinatorAccess } from './parallel-execution-coordinator.ts';

/** The merge queue as a thin face over state and commands. */
export class MergeQueue {
  readonly #reach: CoordinatorAccess;

  constructor(reach: CoordinatorAccess) {
    this.#reach = reach;
  }

  /** What waits to land, in the order in which it was requested. */
  async entries(): Promise<readonly Instance[]> {
    return (await this.#reach.state()).instances.filter(({ state }) => waitsToLand(state));
  }

  /** Approves one branch, accepting these violations once (as `code path`), or every branch that is clean, in scope and owned. */
  approve(id: string | 'all-clean', accept: readonly string[] = []): Promise<CommandAnswer> {
    return this.#reach.send(
      id === 'all-clean' ? { type: 'approve-all' } : { type: 'approve', id, ...(accept.length > 0 ? { accept } : {}) },
    );
  }
}

/** On its way through the queue: nothing has to be done but wait. */
export function isOnItsWay(state: Instance['state']): boolean {
  return state === 'queued' || state === 'checking' || state === 'landing' || state === 'completed';
}
