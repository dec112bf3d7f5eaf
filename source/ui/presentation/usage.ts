import type { AgentUsage } from '../../domain/cost/agent-usage.ts';

/** `$0.42`; less than a cent is not shown as zero. */
export function money(usd: number): string {
  return usd > 0 && usd < 0.005 ? 'under $0.01' : `$${usd.toFixed(2)}`;
}

/** A number of tokens, rounded: `950 tokens`, `12k tokens`, `1.2M tokens`. */
function tokens(count: number): string {
  if (count < 1000) return `${count} ${count === 1 ? 'token' : 'tokens'}`;
  if (count < 999_500) return `${Math.round(count / 1000)}k tokens`;
  return `${(count / 1e6).toFixed(1)}M tokens`;
}

/** Cost and tokens of a run, as far as known: `$0.42`, `12k tokens`. */
export function usageFacts({ costUsd, inputTokens, outputTokens }: AgentUsage): readonly string[] {
  const all = (inputTokens ?? 0) + (outputTokens ?? 0);
  return [...(costUsd !== null && costUsd > 0 ? [money(costUsd)] : []), ...(all > 0 ? [tokens(all)] : [])];
}

/** The same with exact numbers: `$0.42, 12034 tokens in, 950 tokens out`; null if nothing is known. */
export function usageSentence({ costUsd, inputTokens, outputTokens }: AgentUsage): string | null {
  const facts = [
    ...(costUsd === null ? [] : [money(costUsd)]),
    ...(inputTokens === null ? [] : [`${inputTokens} tokens in`]),
    ...(outputTokens === null ? [] : [`${outputTokens} tokens out`]),
  ];
  return facts.length === 0 ? null : facts.join(', ');
}
