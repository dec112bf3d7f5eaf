import type { AgentUsage } from './cost/agent-usage.ts';
import { type Instance, isAlive } from './instance.ts';

/** Nothing is known. */
export const noUsage: AgentUsage = { inputTokens: null, outputTokens: null, costUsd: null };

/** Sum of two usages; what is known of one only counts as it is. */
export function addUsage(a: AgentUsage, b: AgentUsage): AgentUsage {
  return {
    inputTokens: add(a.inputTokens, b.inputTokens),
    outputTokens: add(a.outputTokens, b.outputTokens),
    costUsd: add(a.costUsd, b.costUsd),
  };
}

/** What a run has used when its present part has used `part`. */
export function usageWithEarlier({ continued }: Instance, part: AgentUsage): AgentUsage {
  if (continued === undefined) return addUsage(noUsage, part);
  return addUsage(part.ofSession === true ? (continued.beforeSession ?? noUsage) : continued.usage, part);
}

/** The run with what it has used by now; `reported` is what its program says of its present part, null: nothing. */
export function withLiveUsage(instance: Instance, reported: AgentUsage | null): Instance {
  // While the next part is being prepared, what was reported is still that of the last one.
  return reported === null || instance.state === 'preparing'
    ? instance
    : { ...instance, usage: usageWithEarlier(instance, reported) };
}

/** What the runs together, and who read their work, have used that were at work at `since` (milliseconds since 1970) or later. */
export function totalUsage(instances: readonly Instance[], since: number): AgentUsage {
  return instances
    .filter(({ state, endTime }) => isAlive(state) || (endTime ?? 0) >= since)
    .flatMap(({ usage, readings }) => [usage, readings?.usage])
    .reduce<AgentUsage>((total, usage) => (usage === undefined ? total : addUsage(total, usage)), noUsage);
}

function add(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}
