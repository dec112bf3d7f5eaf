import { programs } from '../../../source/agents/programs/index.ts';
import { AgentRegistry } from '../../../source/agents/registry.ts';
import type { AgentProfile, ReaderEvent } from '../../../source/ports/agents.ts';
import { readAll } from '../programs/agent-runs.ts';

/** Every reader that settings can name. */
export const readerNames = ['text', 'json-lines', ...programs.map(({ name }) => name), 'demo'];

const registry = new AgentRegistry({
  agents: Object.fromEntries(readerNames.map(reader => [`with-${reader}`, { command: 'x', reader }])),
});

/** A program that is read by this reader. */
export function readBy(reader: string): AgentProfile {
  return registry.require(`with-${reader}`);
}

/** What a reader makes of these events (or lines, where they are texts) and of what stands on the error stream. */
export function read(reader: string, events: readonly unknown[], err: readonly string[] = []): readonly ReaderEvent[] {
  const out = events.map(event => (typeof event === 'string' ? event : JSON.stringify(event)));
  return readAll(readBy(reader), out, err);
}
