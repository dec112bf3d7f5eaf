import { basename } from 'node:path';
import { ActivityReader } from '../../adapters/activity/activity-file.ts';
import { settingsChanges } from '../../adapters/config/index.ts';
import { failpoint } from '../../adapters/failpoint.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import type { ExitCode } from '../../domain/errors.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { runScreen, type ScreenControls } from '../../ui/index.tsx';
import { writeLine } from '../output/output.ts';
import { missingPrograms } from '../session/agent-check.ts';
import { placesOf } from '../session/compose.ts';
import type { Context } from '../session/context.ts';
import { ruleFile } from '../settings/rule-file.ts';
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
  const { reason } = await runScreen({
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
    rules: {
      file: ruleFile(context),
      write: async (agent, rule) => (await import('../settings/allow-always.ts')).allowAlways(context, agent, rule),
    },
    suggestScopes: async ids => (await import('../scopes/suggest.ts')).suggestScopes(context, handle.state(), ids),
    agents: () => new AgentRegistry(context.settings).names(),
    cannotStart: command => missingPrograms(handle.state(), command),
    settingsChanges: () => settingsChanges(placesOf(context), handle.state().sealed ?? {}),
    saveText: (path, text) => saveText(process.cwd(), path, text),
    onLeave: choice => (choice === 'stop' ? stopAll(handle) : undefined),
    onOpen,
    crashed,
    now,
  });
  if (reason === 'left') sayWhatContinues(handle.state().instances);
  return 0;
}

/** After the screen has gone: what continues without it. The demo ends its agents itself. */
function sayWhatContinues(instances: readonly Instance[]): void {
  const alive = instances.filter(({ state, agent }) => isAlive(state) && agent !== 'demo').length;
  if (alive > 0) writeLine(`${alive === 1 ? '1 agent keeps' : `${alive} agents keep`} running. Reopen with cm-tui.`);
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
