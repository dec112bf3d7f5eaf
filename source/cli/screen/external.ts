import { setImmediate } from 'node:timers/promises';
import { attachTerminal } from '../../adapters/processes/terminal.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import { CmError } from '../../domain/errors.ts';
import { isAlive } from '../../domain/instance.ts';
import type { ExternalRequest } from '../../ui/index.tsx';
import { askYes } from '../output/prompt.ts';
import type { Context } from '../session/context.ts';
import { editText, openInEditor, showInPager } from './open-file.ts';
import { type CoordinatorClient, isInteractive, resumeRun, whyNoTerminal } from './resume-agent.ts';
import { signOnTerminal } from './sign-on-terminal.ts';

/**
 * What the screen hands its terminal over for: the user's pager or editor, or the terminal of an interactive agent, which is resumed first
 * where it has ended. Returns null on success, else one sentence why not.
 */
export function openExternal(
  context: Context,
  handle: CoordinatorHandle,
): (request: ExternalRequest) => Promise<string | null> {
  return async request => {
    const registry = new AgentRegistry(context.settings);
    if (request.type === 'pager') {
      await stopReadingKeys();
      return showInPager(request.text, process.env);
    }
    if (request.type === 'text') {
      await stopReadingKeys();
      return editText(request.text, request.taken, process.env);
    }
    if (request.type === 'sign') {
      await stopReadingKeys();
      return signOnTerminal(context.root, process.env);
    }
    const instance = handle.state().instances.find(({ runId }) => runId === request.runId);
    if (instance === undefined) return 'That run no longer exists.';
    if (request.type === 'editor') {
      await stopReadingKeys();
      return openInEditor(instance.worktreePath, request.path, request.line, process.env);
    }
    const obstacle = whyNoTerminal(registry, instance);
    if (obstacle !== null) return obstacle;
    try {
      if (!isAlive(instance.state)) {
        await resumeRun(clientOf(handle), instance, request.message ?? '', { ask: askYes });
      }
      if (!isInteractive(registry, instance)) return null;
      await stopReadingKeys();
      return await attachTerminal(context.stateDir, instance);
    } catch (error) {
      if (error instanceof CmError) return error.message;
      throw error;
    }
  };
}

/** The screen has left raw mode, but our stdin would still take half of the keys from the program on the terminal. */
async function stopReadingKeys(): Promise<void> {
  // A pause ends the reading only once nobody listens any more, which a stream notices in the next tick.
  await setImmediate();
  process.stdin.pause();
}

function clientOf(handle: CoordinatorHandle): CoordinatorClient {
  return {
    send: command => handle.send(command),
    until: (runIds, done) =>
      new Promise(resolve => {
        const check = () => {
          const runs = handle.state().instances.filter(({ runId }) => runIds.includes(runId));
          if (!runs.every(done)) return;
          unsubscribe();
          resolve(runs);
        };
        const unsubscribe = handle.subscribe(check);
        check();
      }),
  };
}
