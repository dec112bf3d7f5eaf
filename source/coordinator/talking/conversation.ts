import { type Instance, isAlive } from '../../domain/instance.ts';
import { decideCommand } from '../../domain/permission/permission.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { commandRefused } from '../runs/limits.ts';
import { done, refused } from '../state/answers.ts';
import type { Message } from '../state/messages.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';

type Heard<T extends Message['type']> = Extract<Message, { readonly type: T }>;
type Wanted<T extends Command['type']> = Extract<Command, { readonly type: T }>;

/** Longest message to an agent; what is longer belongs into a file. */
const messageLength = 20_000;

/** What the agent's log says of the conversation with it. */
export function heard(transition: Transition, message: Heard<'asked' | 'answered' | 'said' | 'refused'>): void {
  switch (message.type) {
    case 'asked':
      return asked(transition, message);
    case 'answered':
      return answered(transition, message);
    case 'said':
      return said(transition, message);
    case 'refused':
      return commandRefused(transition, message);
  }
}

/** The agent asks something. Its log is read again after a restart: what is known is not recorded twice. */
function asked(transition: Transition, { runId, ask, words, detail, command }: Heard<'asked'>): void {
  const instance = transition.instance(runId);
  if (instance === undefined || !isAlive(instance.state) || ask <= (instance.asks?.last ?? 0)) return;
  const named = command === undefined ? {} : { command };
  transition.record({ type: 'permission-asked', runId, ask, words: sanitizeReason(words), detail, ...named });
  // A rule that a person has added since the agent was started.
  if (isAllowed(transition.state.allowed?.[instance.agent] ?? [], command))
    transition.start({ type: 'agent.say', runId, saying: { type: 'answer', ask, allow: true } });
}

/** The rules as of the agent's start neither allow nor deny it; what leads to another folder is asked again all the same. */
function isAllowed(rules: readonly string[], command: string | undefined): boolean {
  if (rules.length === 0 || command === undefined) return false;
  return decideCommand(command, { permissions: { allow: rules }, checks: [], isInside: () => false }) === 'allow';
}

function answered(transition: Transition, { runId, ask, allow, by }: Heard<'answered'>): void {
  const open = transition.instance(runId)?.asks?.open ?? [];
  if (open.some(one => one.ask === ask)) transition.record({ type: 'permission-answered', runId, ask, allow, by });
}

/** A message, or an interruption, has reached the agent; `number` counts them in this part of the run. */
function said(transition: Transition, { runId, number, text, now }: Heard<'said'>): void {
  const instance = transition.instance(runId);
  if (instance === undefined || number <= (instance.said ?? 0)) return;
  if (text === null) transition.record({ type: 'turn-interrupted', runId });
  else transition.record({ type: 'message-sent', runId, text: sanitizeReason(text), now });
}

/** It could not be said; whoever waits for its effect waits in vain, so a notice says why. */
export function saidAnswered(transition: Transition, runId: string, problem: string | null): void {
  const key = transition.instance(runId)?.key ?? 'the run';
  if (problem !== null) transition.notice('warning', `${key}: ${problem}`, runId);
}

/** A person's yes or no to the oldest open question, or to the one that is named. */
export function answerAsk(
  transition: Transition,
  instance: Instance,
  { allow, ask, always }: Wanted<'answer'>,
): CommandAnswer {
  const { key, runId } = instance;
  const open = instance.asks?.open ?? [];
  const wanted = ask === undefined ? open[0] : open.find(one => one.ask === ask);
  if (wanted === undefined) {
    const what = ask === undefined || open.length === 0 ? 'asks nothing' : `has no open question ${ask}`;
    return refused(`${key} ${what}. Run "cm-tui asks" for a list.`);
  }
  transition.start({ type: 'agent.say', runId, saying: { type: 'answer', ask: wanted.ask, allow } });
  if (allow && always !== undefined) {
    const { allowed = {} } = transition.state;
    const rules = allowed[instance.agent] ?? [];
    transition.change({ allowed: { ...allowed, [instance.agent]: [...rules, always] } });
    return done(`Allowed from now on: ${sanitizeReason(always)}`, [runId]);
  }
  return done(`${allow ? 'Allowed' : 'Denied'}: ${wanted.words}`, [runId]);
}

/** A message to an agent that is at work. */
export function sayTo(transition: Transition, instance: Instance, { message, now }: Wanted<'say'>): CommandAnswer {
  const { key, runId, state } = instance;
  const text = message.trim().slice(0, messageLength);
  if (text === '') return refused(`Say what ${key} should do.`);
  if (state !== 'running') return refused(`${key} is not at work. Resume it with a message instead.`);
  transition.start({ type: 'agent.say', runId, saying: { type: 'message', text, now: now === true } });
  return done(
    now === true ? `Interrupting ${key} with your message.` : `${key} gets your message when its turn is over.`,
    [runId],
  );
}

export function interrupt(transition: Transition, { key, runId, state }: Instance): CommandAnswer {
  if (state !== 'running') return refused(`${key} is not at work, so there is nothing to interrupt.`);
  transition.start({ type: 'agent.say', runId, saying: { type: 'interrupt' } });
  return done(`Interrupting ${key}. Its session can be resumed with a message.`, [runId]);
}
