import { serveControl } from '../adapters/socket/server.ts';
import { CmError, type ExitCode } from '../domain/errors.ts';
import { openRuntime } from './compose.ts';
import { openContext } from './context.ts';
import { printEvents, runHeadless } from './headless.ts';
import { writeError } from './output.ts';
import type { StartOptions } from './program.ts';
import { status } from './status.ts';

/** `cm-tui [start]`: the full screen, or the same engine without one. */
export async function start(options: StartOptions): Promise<ExitCode> {
  const screen = options.headless !== true;
  if (screen && !(process.stdin.isTTY && process.stdout.isTTY)) {
    await status(options);
    writeError('This is no terminal, so there is no screen: use "cm-tui start --headless" in scripts.');
    return 3;
  }
  const context = await openContext(options);
  const mode = options.auto === true || !screen ? 'auto' : 'manual';
  const owned = await openRuntime(context, mode, screen ? undefined : printEvents);
  const { runtime } = owned;
  const problems = runtime.state().repository?.problems ?? [];
  if (!screen && problems.length > 0) {
    owned.close('the repository cannot take it');
    throw new CmError(problems.join(' '), 3);
  }
  const control = await serveControl(context.stateDir, runtime);
  try {
    if (!screen) return await runHeadless(owned, options);
    const { runOnScreen } = await import('./on-screen.ts');
    return await runOnScreen(owned, context);
  } finally {
    control.close();
    owned.close('left');
  }
}
