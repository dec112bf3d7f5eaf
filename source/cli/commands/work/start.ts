import { CmError, type ExitCode, messageOf } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { ScreenControls } from '../../../ui/index.tsx';
import type { StartOptions } from '../../options.ts';
import { ignoreFurtherHangups, printEvents, waitForIdle, waitForSignal } from '../../output/headless.ts';
import { writeError } from '../../output/output.ts';
import { crashReport, watchForCrashes } from '../../screen/crash.ts';
import { forgetTerminal } from '../../screen/detach-tty.ts';
import { requireAgent, requireProgram, requireProgramForPlanned } from '../../session/agent-check.ts';
import { type OwnedRuntime, openRuntime } from '../../session/compose.ts';
import { type Context, openContext } from '../../session/context.ts';
import { JournalDamage } from '../../session/journal/damage.ts';
import { notifyByCommand } from '../../session/notify.ts';
import { requirePerson } from '../../session/require-person.ts';
import { isRefusal } from '../../session/retry-lock.ts';
import { serveOwner } from '../../session/serve-owner.ts';
import { followSettings } from '../../session/settings/follow-settings.ts';
import { sourcesOf } from '../../session/sources.ts';
import { statusCommand } from '../inspect/status.ts';

/** A signal to end takes at most two seconds, whatever still holds the event loop. */
const lastMs = 1500;

/** `cm-tui [start]`: the full screen, or the same engine without one. */
export async function startCommand(options: StartOptions): Promise<ExitCode> {
  const screen = options.headless !== true;
  const obstacle = screen ? whyNoScreen() : null;
  if (obstacle !== null) {
    await statusCommand(options);
    writeError(obstacle);
    return 3;
  }
  // Loading the screen takes most of the time to the first frame, so it happens while the repository is found.
  const drawing = screen ? import('../../screen/open-screen.ts') : null;
  await requirePerson(options);
  const context = await openContext(options);
  requireAgent(context.settings);
  const { crashed } = watchForCrashes();
  try {
    return await (drawing === null
      ? withoutScreen(context, options, crashed)
      : withScreen(context, options, drawing, crashed));
  } catch (error) {
    endSoon();
    throw error instanceof CmError ? error : crashReport(error, context.stateDir);
  } finally {
    forgetTerminal();
  }
}

/** Why no screen can be drawn here; null: it can. */
function whyNoScreen(): string | null {
  if (!(process.stdin.isTTY && process.stdout.isTTY))
    return 'Not a terminal. Use "cm-tui start --headless" in scripts.';
  return process.env.TERM === 'dumb'
    ? 'This terminal (TERM=dumb) cannot show the screen. Use another terminal, or "cm-tui start --headless".'
    : null;
}

async function withoutScreen(context: Context, options: StartOptions, crashed: Promise<never>): Promise<ExitCode> {
  await requireProgramForPlanned(context);
  const owned = await openRuntime(context, 'auto', trouble => writeError(trouble ?? 'The journal is writable again.'));
  return owning(owned, context, async () => {
    printEvents(owned.runtime);
    const signalled = waitForSignal(options);
    const chosen = chooseGroup(owned, options);
    await Promise.race([owned.begin(), signalled, crashed]);
    await Promise.race([chosen, signalled, crashed]);
    const problems = owned.runtime.state().repository?.problems ?? [];
    if (problems.length > 0) throw new CmError(problems.join(' '), 3);
    const exit = await Promise.race([signalled, waitForIdle(owned, options), crashed]);
    if (exit.reason !== 'idle') endSoon();
    return exit;
  });
}

/** Given before the repository has been read, so that nothing of another group is started first. */
async function chooseGroup({ runtime }: OwnedRuntime, { group }: StartOptions): Promise<void> {
  if (group === undefined) return;
  const answer = await runtime.send({ type: 'set-group', group });
  if (!answer.ok) throw new CmError(answer.message, 2);
}

async function withScreen(
  context: Context,
  options: StartOptions,
  drawing: Promise<typeof import('../../screen/open-screen.ts')>,
  crashed: Promise<never>,
): Promise<ExitCode> {
  // A forge that is slow adds its items later.
  sourcesOf(context, false);
  const owned = await openForScreen(context, options.auto === true ? 'auto' : 'manual');
  const { runOnScreen } = await drawing;
  if (owned === null) {
    const { view } = await import('../../screen/viewer.ts');
    const code = await view(context, show => runOnScreen(context, { ...show, crashed }));
    endSoon();
    return code;
  }
  const { runtime } = owned;
  return owning(owned, context, async () => {
    // The call below draws the first frame; the repository is inspected after it.
    const begin = async (): Promise<void> => {
      const chosen = chooseGroup(owned, options);
      await owned.begin();
      await chosen;
      runtime.recallLogs();
    };
    setImmediate(() => void begin().catch((error: unknown) => runtime.tell('error', messageOf(error))));
    const code = await runOnScreen(context, {
      handle: runtime,
      crashed,
      onOpen: controls => {
        ignoreFurtherHangups();
        setImmediate(() => warnWithoutProgram(context, controls));
      },
    });
    endSoon();
    return { code, reason: 'left' };
  });
}

/** Nothing works without the agent's program, so a missing one is reported before the first spawn. */
function warnWithoutProgram({ settings }: Context, { showMessage }: Pick<ScreenControls, 'showMessage'>): void {
  try {
    requireProgram(settings);
  } catch {
    const name = sanitizeLine(settings.agent, 20);
    showMessage(
      `"${name}" is not installed. Run "cm-tui doctor" to see how to install it, and which agents are available.`,
      'warning',
    );
  }
}

/** Null: another cm-tui owns the repository and can be followed. A damaged journal is rebuilt if the user agrees. */
async function openForScreen(context: Context, mode: 'auto' | 'manual'): Promise<OwnedRuntime | null> {
  try {
    return await openRuntime(context, mode);
  } catch (error) {
    if (isRefusal(error)) return null;
    if (!(error instanceof JournalDamage)) throw error;
    const { agreeOnTerminal, recoverJournal } = await import('../../session/journal/recovery.ts');
    if ((await recoverJournal(context, agreeOnTerminal)) === 'declined') throw error;
    return openRuntime(context, mode);
  }
}

/** Serves commands and viewers while `work` runs. However it ends, the journal is closed and the lock released. */
async function owning(
  owned: OwnedRuntime,
  context: Context,
  work: () => Promise<{ readonly code: ExitCode; readonly reason: string }>,
): Promise<ExitCode> {
  const { runtime } = owned;
  const onContinue = (): void => void runtime.reconcile().catch(() => undefined);
  let reason = 'crashed';
  const control = await serveOwner(context, runtime);
  const endNotifying = notifyByCommand(context, runtime);
  const endFollowing = followSettings(context, runtime);
  process.on('SIGCONT', onContinue);
  try {
    const exit = await work();
    reason = exit.reason;
    return exit.code;
  } catch (error) {
    if (error instanceof CmError) reason = 'refused';
    throw error;
  } finally {
    process.off('SIGCONT', onContinue);
    control.close();
    endNotifying();
    endFollowing();
    owned.close(reason);
  }
}

function endSoon(): void {
  setTimeout(() => process.exit(), lastMs).unref();
}
