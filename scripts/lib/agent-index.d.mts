/** The text of source/agents/programs/index.ts, from the files beside it. */
export function agentIndex(): string;
