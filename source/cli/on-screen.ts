import type { ExitCode } from '../domain/errors.ts';
import { isAlive } from '../domain/instance.ts';
import { runScreen } from '../ui/index.tsx';
import type { OwnedRuntime } from './compose.ts';
import type { Context } from './context.ts';

/** Shows the screen until the user leaves; `stop` ends every agent first, otherwise they go on and the next start adopts them. */
export async function runOnScreen({ runtime }: OwnedRuntime, context: Context): Promise<ExitCode> {
  const { choice } = await runScreen({
    handle: runtime,
    settings: context.settings,
    stdin: process.stdin,
    stdout: process.stdout,
    now: Date.now,
  });
  if (choice === 'stop') {
    await runtime.send({ type: 'stop-all' });
    while (runtime.state().instances.some(instance => isAlive(instance.state))) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
  return 0;
}
