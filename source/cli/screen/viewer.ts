import { join } from 'node:path';
import { createLogs } from '../../adapters/logs/logs.ts';
import { followOwner, type RemoteHandle } from '../../adapters/socket/viewer.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError, type ExitCode, messageOf } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import { recallLogs } from '../../runtime/recall.ts';
import type { ScreenControls } from '../../ui/index.tsx';
import { openRuntime } from '../session/compose.ts';
import type { Context } from '../session/context.ts';
import { createLauncher } from '../session/launcher.ts';
import { notifyByCommand } from '../session/notify.ts';
import { redactorOf } from '../session/redactor.ts';
import { retryWhileLocked } from '../session/retry-lock.ts';
import { serveOwner } from '../session/serve-owner.ts';
import { followSettings } from '../session/settings/follow-settings.ts';
import { sourcesOf } from '../session/sources.ts';
import type { Show } from './open-screen.ts';
import { SwitchableHandle } from './switchable-handle.ts';

/** How often a viewer whose owner has gone looks for a new one. */
const pollMs = 2000;

/**
 * Shows and follows the coordinator of another process. When that goes away the person is asked whether to take over; otherwise the
 * next owner is followed. Throws exit 4 if the owner serves nobody.
 */
export async function view(
  context: Context,
  run: (show: Pick<Show, 'handle' | 'onOpen'>) => Promise<ExitCode>,
): Promise<ExitCode> {
  const owner = await retryWhileLocked(context, () => follow(context));
  const viewer = new Viewer(context, owner);
  try {
    return await run({ handle: viewer.handle, onOpen: controls => viewer.opened(controls) });
  } finally {
    viewer.close();
  }
}

async function follow(context: Context): Promise<RemoteHandle> {
  const { stateDir, settings } = context;
  const logs = createLogs({ runsDir: join(stateDir, 'runs'), redact: redactorOf(settings) });
  const launcher = createLauncher(context, sourcesOf(context));
  const handle = await followOwner(stateDir, logs);
  if (handle === null) throw new CmError('Another cm-tui is using the repository. Try again.', 4);
  const tracked = new Set<RunId>();
  const track = ({ instances }: State): void => {
    for (const { runId, slug, agent, startTime, endTime } of instances) {
      if (startTime === null || endTime !== null || tracked.has(runId)) continue;
      tracked.add(runId);
      logs.track(
        runId,
        slug,
        () => launcher.createReader(agent),
        () => undefined,
        { fromStart: false },
      );
    }
  };
  track(handle.state());
  recallLogs(logs, launcher, handle.state());
  handle.subscribe(() => track(handle.state()));
  return {
    ...handle,
    close() {
      logs.close();
      handle.close();
    },
  };
}

class Viewer {
  readonly handle: SwitchableHandle;
  readonly #context: Context;
  #controls: ScreenControls | null = null;
  #pid = 0;
  /** Ends what is shown now: the connection to an owner, or our own coordinator. */
  #end: () => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(context: Context, owner: RemoteHandle) {
    this.#context = context;
    this.handle = new SwitchableHandle(owner);
    this.#show(owner);
  }

  opened(controls: ScreenControls): void {
    this.#controls = controls;
    controls.showMessage(
      `Read-only view: cm-tui with pid ${this.#pid} owns this repository and receives your commands.`,
      'info',
    );
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#end();
  }

  #show(owner: RemoteHandle): void {
    this.#pid = owner.pid;
    this.#end();
    this.#end = () => owner.close();
    this.handle.change(owner);
    owner.onGone(() => void this.#ownerGone());
  }

  async #ownerGone(): Promise<void> {
    if (this.#closed) return;
    const takeOver = await this.#controls?.ask('Take over?', [
      `The cm-tui that owned this repository (pid ${this.#pid}) has ended or does not respond. Its agents keep running.`,
      'Yes: this cm-tui becomes the owner. No: it stays a viewer and follows the next owner.',
    ]);
    if (this.#closed) return;
    if (takeOver === true && (await this.#takeOver())) return;
    if (takeOver !== true)
      this.#controls?.showMessage('No cm-tui owns the repository now. Nothing starts or lands.', 'warning');
    this.#findOwner();
  }

  async #takeOver(): Promise<boolean> {
    try {
      const owned = await openRuntime(this.#context, 'keep');
      const control = await serveOwner(this.#context, owned.runtime);
      const endNotifying = notifyByCommand(this.#context, owned.runtime);
      const endFollowing = followSettings(this.#context, owned.runtime);
      this.#end();
      this.#end = () => {
        control.close();
        endNotifying();
        endFollowing();
        owned.close('left');
      };
      this.handle.change(owned.runtime);
      await owned.begin();
      owned.runtime.recallLogs();
      this.#controls?.showMessage('This cm-tui now owns the repository.', 'info');
      return true;
    } catch (error) {
      this.#controls?.showMessage(messageOf(error), 'error');
      return false;
    }
  }

  #findOwner(): void {
    this.#timer = setTimeout(() => {
      follow(this.#context).then(
        owner => {
          if (this.#closed) return owner.close();
          this.#show(owner);
          this.#controls?.showMessage(`Following cm-tui with pid ${owner.pid}.`, 'info');
        },
        () => this.#findOwner(),
      );
    }, pollMs);
  }
}
