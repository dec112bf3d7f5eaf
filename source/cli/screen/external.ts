import { setImmediate } from 'node:timers/promises';
import { attachTerminal } from '../../adapters/processes/terminal.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import { CmError } from '../../domain/errors.ts';
import { isAlive } from '../../domain/instance.ts';
import type { ExternalRequest } from '../../ui/index.tsx';
import { askText } from '../output/prompt.ts';
import type { Context } from '../session/context.ts';
import { openInEditor, showInPager } from './open-file.ts';
import { type CoordinatorClient, isInteractive, resumeRun, whyNoTerminal } from './resume-agent.ts';

/**
 * What the screen hands its terminal over for: the user's pager or editor, the terminal of an interactive agent, or the question what
 * an agent that has ended should do next. Answers null when it went well, else one sentence why not.
 */
export function openExternal(
  context: Context,
  handle: CoordinatorHandle,
): (request: ExternalRequest) => Promise<string | null> {
  const registry = new AgentRegistry(context.settings);
  return async request => {
    if (request.type === 'pager') {
      await leaveKeysAlone();
      return showInPager(request.text, process.env);
    }
    const instance = handle.state().instances.find(({ runId }) => runId === request.runId);
    if (instance === undefined) return 'That run is no longer known.';
    if (request.type === 'editor') {
      await leaveKeysAlone();
      return openInEditor(instance.worktreePath, request.path, request.line, process.env);
    }
    const obstacle = whyNoTerminal(registry, instance);
    if (obstacle !== null) return obstacle;
    try {
      if (!isAlive(instance.state)) {
        const question = `What should ${instance.key} do next? (Enter alone: mend what went wrong, Ctrl+C: nothing) `;
        await resumeRun(reachOver(handle), instance, await askText(question));
      }
      if (!isInteractive(registry, instance)) return null;
      await leaveKeysAlone();
      return await attachTerminal(context.stateDir, instance);
    } catch (error) {
      if (error instanceof CmError) return error.message;
      throw error;
    }
  };
}

/** The screen has given up raw mode, but our stdin would go on taking half of the keys from whoever has the terminal now. */
async function leaveKeysAlone(): Promise<void> {
  // Only once nobody listens any more, which a stream notices in the next turn, does a pause end the reading.
  await setImmediate();
  process.stdin.pause();
}

function reachOver(handle: CoordinatorHandle): CoordinatorClient {
  return {
    send: command => handle.send(command),
    until: (runIds, done) =>
      new Promise(resolve => {
        const look = () => {
          const runs = handle.state().instances.filter(({ runId }) => runIds.includes(runId));
          if (!runs.every(done)) return;
          unsubscribe();
          resolve(runs);
        };
        const unsubscribe = handle.subscribe(look);
        look();
      }),
  };
}
