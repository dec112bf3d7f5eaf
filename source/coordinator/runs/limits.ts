import type { AgentUsage } from '../../domain/cost/agent-usage.ts';
import { costCapsOf } from '../../domain/cost/caps.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance, InstanceState } from '../../domain/instance.ts';
import type { Message } from '../state/messages.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';

type Heard<T extends Message['type']> = Extract<Message, { readonly type: T }>;

/** No window of a subscription is longer than a week; what claims to be is not believed. */
const longestCooldownMs = 7 * 24 * 3_600_000;
const firstCooldownMs = 60_000;
const longestUnknownMs = 15 * 60_000;

/** The agent reported its result. The last one counts; the same one again changes nothing. */
export function resultReported(transition: Transition, { runId, ok, message, asks, up }: Heard<'reported'>): void {
  const instance = transition.instance(runId);
  if (instance === undefined || !isAtWork(instance)) return;
  const words = sanitizeReason(message);
  if (instance.result?.ok === ok && instance.result.message === words) return;
  transition.record({ type: 'result-reported', runId, ok, message: words, ...(asks === true ? { asks } : {}), up });
}

/** Its program did not permit a command. The log is read again after a restart: what is known is not recorded twice. */
export function commandRefused(transition: Transition, { runId, words, number }: Heard<'refused'>): void {
  const instance = transition.instance(runId);
  if (instance === undefined || !isAtWork(instance) || number <= (instance.refused?.count ?? 0)) return;
  transition.record({ type: 'command-refused', runId, words: sanitizeReason(words) });
}

/** What a run used, reported when it has ended. */
export function usageReported(transition: Transition, runId: RunId, usage: AgentUsage): void {
  transition.record({ type: 'usage-reported', runId, ...usage });
}

/** A limit of the settings is over: the run's whole tree is ended, and what that means is known before it happens. */
export function limitReached(transition: Transition, { runId, cause, seconds }: Heard<'limit-reached'>): void {
  const instance = transition.instance(runId);
  if (instance?.state !== 'running' || (cause === 'result' && instance.result === undefined)) return;
  const reason = limitSentence(cause, seconds, costCapsOf(transition.state.settings.costCapUsd).run ?? 0);
  transition.record({ type: 'end-requested', runId, cause, reason });
  if (!transition.busy('process.kill', runId)) transition.start({ type: 'process.kill', runId });
}

function limitSentence(cause: Heard<'limit-reached'>['cause'], seconds: number, costCap: number): string {
  const time = `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  switch (cause) {
    case 'result':
      return `reported its result and was still running ${time} later`;
    case 'silence':
      return `printed nothing for ${time} (noOutputTimeout)`;
    case 'time':
      return `did not finish within ${time} (agentTimeout)`;
    case 'cost':
      return `had cost $${costCap.toFixed(2)} before it was done (costCapUsd, run)`;
  }
}

/**
 * The outcome of a run that cm-tui stopped itself, before git is asked: a result that it reported counts, whatever its exit code; without
 * one the limit's sentence is the reason for its failure. Null: nothing against it.
 */
export function endingVerdict(
  { reason }: NonNullable<Instance['ending']>,
  result: { readonly ok: boolean } | null,
): { readonly state: InstanceState; readonly reason: string } | null {
  return result === null ? { state: 'failed', reason } : null;
}

/** How long an agent pauses that hit a limit without an end: longer each time that it did not help. */
function unknownCooldown(tries: number): number {
  return Math.min(firstCooldownMs * 2 ** tries, longestUnknownMs);
}

/** A rate limit pauses new spawns with that agent for every item; its running ones continue. The longest of several limits counts. */
export function rateLimited(transition: Transition, { agent, until, runId }: Heard<'cooldown'>): void {
  const instance = transition.instance(runId);
  const wanted = until ?? transition.at + unknownCooldown(instance?.waits?.tries ?? 0);
  const end = Math.round(Math.min(wanted, transition.at + longestCooldownMs));
  const known = transition.state.cooldowns[agent] ?? 0;
  const marked = instance?.limited === true;
  if (end <= transition.at || (marked && end <= known)) return;
  transition.record({ type: 'cooldown-started', agent, until: Math.max(end, known), runId });
}

function isAtWork({ state }: Instance): boolean {
  return state === 'running' || state === 'stopping' || state === 'completed';
}
