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
  // Drawing is most of the way to the first frame: it is loaded while the repository is found.
  const drawing = screen ? import('./on-screen.ts') : null;
  const context = await openContext(options);
  const owned = await openRuntime(context, options.auto === true || !screen ? 'auto' : 'manual');
  const { runtime } = owned;
  const control = await serveControl(context.stateDir, runtime);
  try {
    if (drawing !== null) return await (await drawing).runOnScreen(owned, context);
    printEvents(runtime);
    await owned.begin();
    const problems = runtime.state().repository?.problems ?? [];
    if (problems.length > 0) throw new CmError(problems.join(' '), 3);
    return await runHeadless(owned, options);
  } finally {
    control.close();
    owned.close('left');
  }
}
