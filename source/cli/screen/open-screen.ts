import { basename } from 'node:path';
import { ActivityReader } from '../../adapters/activity/activity-file.ts';
import { failpoint } from '../../adapters/failpoint.ts';
import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import type { ExitCode } from '../../domain/errors.ts';
import { isAlive } from '../../domain/instance.ts';
import { runScreen, type ScreenControls } from '../../ui/index.tsx';
import type { Context } from '../session/context.ts';
import { openExternal } from './external.ts';
import { saveText } from './save-text.ts';

/** What is shown: our coordinator or another's. */
export interface Show {
  readonly handle: CoordinatorHandle;
  readonly crashed: Promise<never>;
  readonly onOpen: (controls: ScreenControls) => void;
}

/**
 * Shows the screen until the user quits, the terminal goes away or something breaks (then it rejects, with the terminal restored).
 * `stop` ends every agent first; otherwise they continue and the next start adopts them.
 */
export async function runOnScreen(context: Context, { handle, crashed, onOpen }: Show): Promise<ExitCode> {
  await runScreen({
    handle,
    name: basename(context.root),
    settings: context.settings,
    stdin: process.stdin,
    stdout: process.stdout,
    openExternal: openExternal(context, handle),
    openActivity: () => {
      const reader = new ActivityReader(context.stateDir);
      return () => reader.read();
    },
    suggestScopes: async ids => (await import('../scopes/suggest.ts')).suggestScopes(context, handle.state(), ids),
    saveText: (path, text) => saveText(process.cwd(), path, text),
    onLeave: choice => (choice === 'stop' ? stopAll(handle) : undefined),
    onOpen,
    crashed,
    now,
  });
  return 0;
}

function now(): number {
  failpoint('screen.draw');
  return Date.now();
}

/** Stops every agent and waits until each run has been evaluated, so that the next start knows the result. */
async function stopAll(handle: CoordinatorHandle): Promise<void> {
  await handle.send({ type: 'stop-all' });
  await new Promise<void>(resolve => {
    const check = () => {
      if (handle.state().instances.some(({ state }) => isAlive(state) || state === 'completed')) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = handle.subscribe(check);
    check();
  });
}
