import type { CoordinatorHandle, RunSignals } from '../../coordinator/state/handle.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { LogsPort } from '../../ports/logs.ts';
import type { TreeUsage } from '../../ports/processes.ts';
import { connectControl } from './client.ts';

/** How often it is asked what the runs do and use. */
const usageEveryMs = 2000;

/** A coordinator that lives in another process, as the screen sees it. */
export interface RemoteHandle extends CoordinatorHandle {
  readonly role: 'viewer';
  /** Of the owner. */
  readonly pid: number;
  /** Calls back once when the owner has gone or does not answer any more. */
  onGone(listener: () => void): void;
  close(): void;
}

/**
 * Follows the owner of a state folder; null when none serves there. `logs` reads the runs' log files, which lie on the same machine.
 * Throws as `connectControl` does.
 */
export async function followOwner(stateDir: string, logs: LogsPort): Promise<RemoteHandle | null> {
  const client = await connectControl(stateDir);
  if (client === null) return null;
  const listeners = new Set<() => void>();
  const first = await client.look();
  let state: State = first.state;
  let usage: Readonly<Record<RunId, TreeUsage>> = first.usage;
  let signals: Readonly<Record<RunId, RunSignals>> = first.signals ?? {};
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  await client.subscribe(next => {
    state = next;
    tell();
  });
  const timer = setInterval(() => {
    if (listeners.size === 0) return;
    Promise.all([client.usage(), client.signals()]).then(
      next => {
        [usage, signals] = next;
        tell();
      },
      // An owner that is gone or silent is reported through onGone.
      () => undefined,
    );
  }, usageEveryMs).unref();
  client.onGone(() => clearInterval(timer));

  return {
    role: 'viewer',
    pid: client.pid,
    logs,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async send(command) {
      try {
        return await client.command(command);
      } catch (error) {
        if (!(error instanceof CmError)) throw error;
        return { ok: false, message: sanitizeLine(error.message), runIds: [] };
      }
    },
    diff: (runId, options) => client.diff(runId, options),
    review: runId => client.review(runId),
    probeClean: () => client.probeClean(),
    usage: () => usage,
    signals: () => signals,
    onGone: listener => client.onGone(listener),
    close() {
      clearInterval(timer);
      client.close();
    },
  };
}
