import type { RunPlan, RunSignals } from '../../coordinator/state/handle.ts';
import type { AgentUsage } from '../../domain/cost/agent-usage.ts';
import type { RunId } from '../../domain/ids.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { LogsPort } from '../../ports/logs.ts';

const activityLength = 200;

interface Live {
  activity: string | null;
  usage: AgentUsage | null;
  /** Commands that were refused, counted from where its present part begins. */
  refusals: number;
  /** Messages and interruptions, counted in the same way. */
  said: number;
  plan: RunPlan | null;
}

/** What the runs' own output says of this moment: kept in memory only. */
export class LiveSignals {
  readonly #logs: LogsPort;
  readonly #runs = new Map<RunId, Live>();

  constructor(logs: LogsPort) {
    this.#logs = logs;
  }

  /** The run's output is read from now on. */
  follow(runId: RunId): void {
    this.#runs.set(runId, { activity: null, usage: null, refusals: 0, said: 0, plan: null });
  }

  follows(runId: RunId): boolean {
    return this.#runs.has(runId);
  }

  does(runId: RunId, activity: string | null): void {
    const live = this.#runs.get(runId);
    if (live !== undefined) live.activity = activity === null ? null : sanitizeLine(activity, activityLength);
  }

  /** Counts one more refused command; how many there have been. */
  refusals(runId: RunId): number {
    const live = this.#runs.get(runId);
    if (live === undefined) return 1;
    live.refusals++;
    return live.refusals;
  }

  /** Counts one more message or interruption; how many there have been. */
  saidTo(runId: RunId): number {
    const live = this.#runs.get(runId);
    if (live === undefined) return 1;
    live.said++;
    return live.said;
  }

  plans(runId: RunId, { done, total, current }: RunPlan): void {
    const live = this.#runs.get(runId);
    if (live === undefined) return;
    live.plan = { done, total, current: current === null ? null : sanitizeLine(current, activityLength) };
  }

  /** What it has used so far; a part that is missing this time stays as it was. */
  used(runId: RunId, { inputTokens, outputTokens, costUsd, ofSession }: AgentUsage): void {
    const live = this.#runs.get(runId);
    if (live === undefined) return;
    live.usage = {
      inputTokens: inputTokens ?? live.usage?.inputTokens ?? null,
      outputTokens: outputTokens ?? live.usage?.outputTokens ?? null,
      costUsd: costUsd ?? live.usage?.costUsd ?? null,
      ...(ofSession === true ? { ofSession } : {}),
    };
  }

  usageOf(runId: RunId): AgentUsage | null {
    return this.#runs.get(runId)?.usage ?? null;
  }

  all(): Readonly<Record<RunId, RunSignals>> {
    const all: Record<RunId, RunSignals> = {};
    for (const [runId, { activity, usage, plan }] of this.#runs) {
      const known = plan === null ? {} : { plan };
      all[runId] = { activity, usage, lastOutput: this.#logs.lastOutput(runId), ...known };
    }
    return all;
  }
}
