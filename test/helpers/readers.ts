import { AgentRegistry } from '../../source/agents/registry.ts';
import type { AgentProfile, ReaderEvent } from '../../source/ports/agents.ts';
import { readAll } from './agent-runs.ts';

export const readerNames = [
  'text',
  'json-lines',
  'claude',
  'codex',
  'gemini',
  'aider',
  'opencode',
  'copilot',
  'cursor',
  'qwen',
  'demo',
] as const;

type ReaderName = (typeof readerNames)[number];

const registry = new AgentRegistry({
  agents: Object.fromEntries(readerNames.map(reader => [`with-${reader}`, { command: 'x', reader }])),
});

/** A program that is read by this reader. */
export function readBy(reader: ReaderName): AgentProfile {
  return registry.require(`with-${reader}`);
}

/** What a reader makes of these events (or lines, where they are texts) and of what stands on the error stream. */
export function read(
  reader: ReaderName,
  events: readonly unknown[],
  err: readonly string[] = [],
): readonly ReaderEvent[] {
  const out = events.map(event => (typeof event === 'string' ? event : JSON.stringify(event)));
  return readAll(readBy(reader), out, err);
}
