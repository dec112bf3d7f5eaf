import { setTimeout as sleep } from 'node:timers/promises';
import { currentOwner } from '../../adapters/lock/lock.ts';
import { CmError } from '../../domain/errors.ts';
import type { Context } from './context.ts';

/** Commands hold the repository only briefly, and a new coordinator serves its socket a moment after taking it. */
const patienceMs = 5000;
const pauseMs = 50;
/** How often in a row it has to leave a question open: on a busy machine a start of a program can keep it from one answer. */
const silentAsks = 4;

/**
 * Retries while another cm-tui holds the repository and responds: it may release it, or start serving. One that does not respond is
 * stopped or hangs, and is refused (exit 4).
 */
export async function retryWhileLocked<T>(context: Context, attempt: () => Promise<T>): Promise<T> {
  await refuseSilent(context);
  for (const until = Date.now() + patienceMs; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRefusal(error) || Date.now() >= until) throw error;
    }
    await sleep(pauseMs);
    await refuseSilent(context);
  }
}

/** Another cm-tui owns the repository. */
export function isRefusal(error: unknown): error is CmError {
  return error instanceof CmError && error.exitCode === 4;
}

async function refuseSilent({ commonDir, stateDir }: Context): Promise<void> {
  for (let asked = 1; ; asked++) {
    const owner = await currentOwner({ commonDir, stateDir });
    if (owner.kind !== 'owned' || owner.answers) return;
    if (asked < silentAsks) continue;
    throw new CmError(
      `cm-tui already runs here (pid ${owner.pid}, since ${new Date(owner.since).toISOString()}) and does not respond. Resume it with fg, or stop it.`,
      4,
    );
  }
}
