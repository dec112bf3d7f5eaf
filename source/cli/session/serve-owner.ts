import { createCallers } from '../../adapters/processes/table/callers.ts';
import { type ControlServer, serveControl } from '../../adapters/socket/server.ts';
import { runsOf } from '../../coordinator/api/admission.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Command } from '../../ports/commands.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Context } from './context.ts';

/** Serves viewers and commands of our other processes. A run that asks for more than reading is refused, and the user is notified. */
export function serveOwner({ stateDir }: Context, runtime: Runtime): Promise<ControlServer> {
  const heard = new Set<string>();
  const onRefused = (runId: RunId, { type }: Command): void => {
    const key = runtime.state().instances.find(one => one.runId === runId)?.key ?? 'an agent';
    const text = `A process of ${key} asked cm-tui to ${requestNames[type] ?? type}. Refused: only you can decide that.`;
    // An agent that keeps asking is reported once.
    if (heard.has(text)) return;
    heard.add(text);
    runtime.tell('warning', text);
  };
  return serveControl(stateDir, runtime, { callers: createCallers(() => runsOf(runtime.state())), onRefused });
}

/** What the commands do, after "asked cm-tui to"; commands that are verbs already are left out. */
const requestNames: Partial<Record<Command['type'], string>> = {
  spawn: 'start a run',
  run: 'start a run',
  retry: 'start a run',
  resume: 'resume a run',
  answer: 'answer an agent',
  say: 'send an agent a message',
  interrupt: 'interrupt an agent',
  'edit-item': 'change an item',
  'remove-item': 'remove an item',
  cancel: 'cancel a run',
  approve: 'land a branch',
  'approve-all': 'land branches',
  reject: 'reject a branch',
  'resume-queue': 'resume landing',
  clean: 'remove worktrees',
  'set-mode': 'switch the work loop',
  pause: 'pause or resume new runs',
  undo: 'undo a landing',
  export: 'create a branch',
  jump: 'change the merge queue',
  hold: 'change the merge queue',
  requeue: 'change the merge queue',
  retarget: 'land work on another branch',
  pin: 'prefer an item',
  dismiss: 'dismiss a run',
  'stop-all': 'stop all runs',
};
