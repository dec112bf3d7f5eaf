import type { Command } from '../ports/commands.ts';
import { command } from './commands.ts';
import { refused } from './state/answers.ts';
import type { Transition } from './transition.ts';

/** Carries out a command and answers it. One that comes before the repository has been read is kept until then. */
export function take(transition: Transition, wanted: Command, requestId: string): void {
  const { ready, kept, startProblem } = transition.state;
  if (ready) transition.emit({ type: 'answer', requestId, answer: command(transition, wanted) });
  else if (startProblem !== null) transition.emit({ type: 'answer', requestId, answer: refused(startProblem) });
  else transition.change({ kept: [...kept, { requestId, command: wanted }] });
}

/** The repository has been read: carries out what was kept, in order. */
export function carryOutKept(transition: Transition): void {
  const { kept } = transition.state;
  if (kept.length === 0) return;
  transition.change({ kept: [] });
  for (const one of kept) take(transition, one.command, one.requestId);
}

/** The repository could not be read: whoever waits hears why, and so does everybody who asks later. */
export function refuseKept(transition: Transition, why: string): void {
  const { kept } = transition.state;
  transition.change({ kept: [], startProblem: why });
  for (const one of kept) take(transition, one.command, one.requestId);
}
