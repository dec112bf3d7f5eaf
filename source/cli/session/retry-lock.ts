import { setTimeout as sleep } from 'node:timers/promises';
import { currentOwner } from '../../adapters/lock/lock.ts';
import { CmError } from '../../domain/errors.ts';
import type { Context } from './context.ts';

/** Commands hold the repository only briefly, and a new coordinator serves its socket a moment after taking it. */
const patienceMs = 5000;
const pauseMs = 50;

/**
 * Retries while another cm-tui holds the repository and responds: it may release it, or start serving. One that does not respond is
 * stopped or hangs, and is refused at once (exit 4).
 */
export async function retryWhileLocked<T>(context: Context, attempt: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + patienceMs; ; ) {
    await refuseSilent(context);
    try {
      return await attempt();
    } catch (error) {
      if (!isRefusal(error) || Date.now() >= until) throw error;
    }
    await sleep(pauseMs);
  }
}

/** Another cm-tui owns the repository. */
export function isRefusal(error: unknown): error is CmError {
  return error instanceof CmError && error.exitCode === 4;
}

async function refuseSilent({ commonDir, stateDir }: Context): Promise<void> {
  const owner = await currentOwner({ commonDir, stateDir });
  if (owner.kind !== 'owned' || owner.answers) return;
  throw new CmError(
    `cm-tui already runs here (pid ${owner.pid}, since ${new Date(owner.since).toISOString()}) and does not respond. Resume it with fg, or stop it.`,
    4,
  );
}
