import type { RunId } from '../domain/ids.ts';
import type { Instance } from '../domain/instance.ts';
import type { CoordinatorEvent } from '../ports/events.ts';
import { fold } from './fold/fold.ts';
import type { Effect } from './state/effects.ts';
import { sanitizeReason } from './state/sentences.ts';
import type { State } from './state/state.ts';

type Started = Extract<Effect, { readonly effectId: number }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'effectId'> : never;
type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/**
 * One call of `update` at work: collects facts and effects and keeps the state in step with them.
 * It mutates itself only; every state it hands out is a value of its own.
 */
export class Transition {
  state: State;
  readonly effects: Effect[] = [];
  readonly at: number;
  readonly #entropy: string;
  #ids = 0;

  constructor(state: State, at: number, entropy: string) {
    this.state = state;
    this.at = at;
    this.#entropy = entropy;
  }

  /** States a fact: folded at once, journaled by the runtime before any later effect is performed. */
  record(event: WithoutTime<CoordinatorEvent>): void {
    const fact: CoordinatorEvent = { ...event, at: this.at };
    this.state = { ...this.state, ...fold(this.state, fact) };
    this.effects.push({ type: 'record', event: fact });
  }

  /** Starts an effect whose outcome will come back under the returned id. */
  start(effect: WithoutId<Started>): number {
    const effectId = this.state.nextEffectId;
    this.change({
      nextEffectId: effectId + 1,
      inFlight: { ...this.state.inFlight, [effectId]: { kind: effect.type, runId: effect.runId } },
    });
    this.effects.push({ ...effect, effectId });
    return effectId;
  }

  /** Emits an effect that has no outcome. */
  emit(effect: Exclude<Effect, Started>): void {
    this.effects.push(effect);
  }

  /** Ends an effect; false where its id is not under way (a stale outcome, to be dropped). */
  finish(effectId: number): boolean {
    if (!(effectId in this.state.inFlight)) return false;
    const { [effectId]: _done, ...inFlight } = this.state.inFlight;
    this.change({ inFlight });
    return true;
  }

  /** Lets running effects continue, but ignores their answers. */
  abandon(kind: Started['type'], runId: RunId): void {
    const kept = Object.entries(this.state.inFlight).filter(([, one]) => one.kind !== kind || one.runId !== runId);
    this.change({ inFlight: Object.fromEntries(kept) });
  }

  change(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
  }

  instance(runId: RunId): Instance | undefined {
    return this.state.instances.find(instance => instance.runId === runId);
  }

  /** True where an effect of that kind (for that run, if given) is under way. */
  busy(kind: Started['type'], runId?: RunId): boolean {
    return Object.values(this.state.inFlight).some(
      flight => flight.kind === kind && (runId === undefined || flight.runId === runId),
    );
  }

  /** True where worktree and branch of a run are being removed. */
  isRemoving(runId: RunId): boolean {
    return this.busy('git.clean', runId) || this.busy('git.discard', runId);
  }

  notice(level: 'info' | 'warning' | 'error', text: string, runId: RunId | null = null): void {
    this.record({ type: 'notice-raised', level, text: sanitizeReason(text), runId });
  }

  /** A number from 0 to 1 for a purpose, the same for the same message. */
  chance(purpose: string): number {
    let hash = 2166136261;
    for (const letter of `${this.#entropy} ${purpose}`) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619);
    return (hash >>> 0) / 2 ** 32;
  }

  /** A fresh run id, unique within the turn, from the message's entropy. */
  newRunId(): RunId {
    const index = this.#ids++;
    return index === 0 ? this.#entropy : this.#entropy.slice(0, -2) + index.toString(36).padStart(2, '0');
  }
}
