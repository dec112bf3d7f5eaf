import type { ExitCode } from '../domain/errors.ts';
import { isAlive } from '../domain/instance.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { runScreen } from '../ui/index.tsx';
import type { OwnedRuntime } from './compose.ts';
import type { Context } from './context.ts';

/** Shows the screen until the user leaves; `stop` ends every agent first, otherwise they go on and the next start adopts them. */
export async function runOnScreen({ runtime, begin }: OwnedRuntime, context: Context): Promise<ExitCode> {
  // The first frame is drawn by the call below; looking at the repository comes after it.
  setImmediate(() => void begin().catch((error: unknown) => runtime.tell('error', messageOf(error))));
  await runScreen({
    handle: runtime,
    settings: context.settings,
    stdin: process.stdin,
    stdout: process.stdout,
    onLeave: choice => (choice === 'stop' ? stopAll(runtime) : undefined),
    now: Date.now,
  });
  return 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Ends every agent and waits until each has been judged, so that what it did is known to the next start. */
async function stopAll(runtime: Runtime): Promise<void> {
  await runtime.send({ type: 'stop-all' });
  await new Promise<void>(resolve => {
    const look = () => {
      if (runtime.state().instances.some(({ state }) => isAlive(state) || state === 'completed')) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = runtime.subscribe(look);
    look();
  });
}
