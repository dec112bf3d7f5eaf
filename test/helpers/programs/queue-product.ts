import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectControl } from '../../../source/adapters/socket/client.ts';
import { statusView } from '../../../source/coordinator/state/status-view.ts';
import type { Product, Running } from './product.ts';

/** What the tests of the merge queue read of `status --json`. */
export interface QueueStatus {
  readonly queuePaused: string | null;
  readonly instances: readonly {
    readonly key: string;
    readonly runId: string;
    readonly slug: string;
    readonly state: string;
    readonly reason: string | null;
    readonly landed: string | null;
    readonly worktreePath: string;
    readonly branchName: string;
    readonly outside?: readonly string[];
    readonly violations?: readonly { readonly code: string; readonly path: string }[];
    readonly warnings?: readonly { readonly code: string; readonly path: string }[];
  }[];
  readonly queue: readonly {
    readonly key: string;
    readonly state: string;
    readonly place: number | null;
    readonly waits: string | null;
    readonly head: string | null;
    readonly candidate: string | null;
    readonly violations: readonly { readonly code: string; readonly path: string }[];
    readonly checks: {
      readonly candidate: string;
      readonly outcome: string;
      readonly detail: string;
      readonly lines?: readonly string[];
    } | null;
  }[];
  readonly radar?: readonly { readonly a: string; readonly b: string; readonly paths: readonly string[] }[];
}

export const statusOf = (product: Product): Promise<QueueStatus> => product.json<QueueStatus>('status', '--json');

/** States by key, as the program tells them. */
export async function statesOf(product: Product): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await statusOf(product)).instances.map(({ key, state }) => [key, state]));
}

/** A file outside the repository that a script waits for; `open` lets it go on. */
export function gate(
  product: Product,
  name: string,
): { readonly file: string; readonly wait: string; open(): void; readonly isOpen: boolean } {
  const file = join(product.base, `gate-${name}`);
  return {
    file,
    wait: `while [ ! -e '${file}' ]; do sleep 0.02; done`,
    open: () => writeFileSync(file, ''),
    get isOpen() {
      return existsSync(file);
    },
  };
}

/** Resolves when each of these items has been judged as having finished well. */
export async function finished(running: Running, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await running.event(
      event => event.type === 'instance-judged' && event.priorityId === key && event.state === 'awaiting-approval',
    );
    await running.event(event => event.type === 'merge-predicted' && event.priorityId === key);
  }
}

/** Asks the running coordinator again until `holds` is true of its status; the test's own time limit ends it. */
export async function untilStatus(product: Product, holds: (status: QueueStatus) => boolean): Promise<QueueStatus> {
  let client = await connectControl(join(product.root, '.git/cm-tui'));
  while (client === null) {
    // It is only just being started.
    await new Promise(resolve => setTimeout(resolve, 50));
    client = await connectControl(join(product.root, '.git/cm-tui'));
  }
  try {
    for (;;) {
      const { state } = await client.look();
      const status: QueueStatus = statusView(state, null, Date.now());
      if (holds(status)) return status;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  } finally {
    client.close();
  }
}

/** Subjects of what landed on the target, first landed first. */
export function landings(product: Product): readonly string[] {
  const log = product.git('log', '--first-parent', '--reverse', '--merges', '--format=%s', 'roadmap');
  return log.split('\n').filter(line => line !== '');
}
