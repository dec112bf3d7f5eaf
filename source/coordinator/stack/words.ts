import { continuesByItself, type Instance, isAlive, stillLanded, waitsToLand } from '../../domain/instance.ts';
import { standsOn } from '../../domain/stack/standing.ts';
import { describeState } from '../../domain/state-labels.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { State } from '../state/state.ts';

/** Why a run cannot land by itself yet; null: it stands on no other run. */
export function standsSentence(state: Pick<State, 'instances'>, instance: Instance): string | null {
  const stack = standsOn(instance);
  if (stack === null) return null;
  const below = belowOf(state, stack.runId);
  const name = below?.key ?? stack.runId;
  const fix =
    below !== undefined && isOpen(below)
      ? `Land ${name} first.`
      : `Keep only its own commits with "cm-tui replay ${instance.key}", or reject it.`;
  return `${instance.key} is stacked on ${name}, which has not landed. ${fix}`;
}

/** Why a run is held that stands on work which will not land by itself; null: it is not. */
export function stackReason(state: Pick<State, 'instances'>, instance: Instance): string | null {
  const stack = standsOn(instance);
  if (stack === null) return null;
  const below = belowOf(state, stack.runId);
  if (below !== undefined && (isOpen(below) || stillLanded(below))) return null;
  const what = below === undefined ? 'is gone' : describeState(below.state, null);
  const name = below?.key ?? stack.runId;
  return sanitizeReason(
    `${name}, on which it is stacked, ${what}; keep only its own commits with "cm-tui replay ${instance.key}", or bring ${name} back`,
  );
}

/** The run that one stands on. */
export function belowOf({ instances }: Pick<State, 'instances'>, runId: string): Instance | undefined {
  return instances.find(one => one.runId === runId);
}

/** It can still land without being begun again. */
export function isOpen({ state, removed, takenBack }: Instance): boolean {
  if (removed !== undefined || takenBack !== undefined) return false;
  return isAlive(state) || waitsToLand(state) || continuesByItself(state) || state === 'needs-attention';
}
