import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programs } from '../../../source/agents/programs/index.ts';
import type { AgentSettings } from '../../../source/domain/settings.ts';

const folder = fileURLToPath(new URL('../../fixtures/fake-agents/', import.meta.url));

/** What the fake of a program says of it; see `introduce` in `test/fixtures/fake-agents/kit.mjs`. */
export interface AgentTraits {
  readonly name: string;
  readonly failureCode: number;
  readonly retryAfterMs?: number | null;
  readonly effort?: readonly string[];
  readonly lastWords?: readonly string[];
  readonly silent?: boolean;
  /** It prints its answer alone: neither which files it changes, nor that it has failed, but on stderr. */
  readonly bare?: boolean;
}

/** Every built-in program, and what it is like. */
export function agentTraits(): readonly AgentTraits[] {
  return [...programs]
    .sort((one, other) => one.rank - other.rank)
    .map(({ name }) => ({
      name,
      ...JSON.parse(execFileSync(process.execPath, [fakeAgentPath(name), '--traits'], { encoding: 'utf8' })),
    }));
}

/** Path of the small program that speaks as agent `name` does. */
export function fakeAgentPath(name: string): string {
  return join(folder, `${name}.mjs`);
}

/**
 * Settings that run the fake of `name` in its place, under the product's own command line.
 * @param switches how it shall misbehave; see `test/fixtures/fake-agents/kit.mjs`
 */
export function fakeAgent(
  name: string,
  switches = '',
  more: Partial<AgentSettings> = {},
): Readonly<Record<string, Partial<AgentSettings>>> {
  return { [name]: { command: fakeAgentPath(name), env: { FAKE_AGENT: switches }, ...more } };
}

/** What `cm-tui status --json` says, as far as the tests of agents look at it. */
export interface AgentStatus {
  readonly instances: readonly {
    readonly key: string;
    readonly slug: string;
    readonly state: string;
    readonly reason: string | null;
    readonly agent: string;
    readonly pid: number | null;
    readonly sessionId: string | null;
    readonly activity: string | null;
    readonly lastOutputTime: string | null;
    readonly worktreePath: string;
    readonly commits: number;
    readonly usage: Usage;
    readonly process: { readonly cpuPercent: number; readonly memoryBytes: number; readonly count: number } | null;
  }[];
  readonly usage: Usage;
  readonly cooldowns: readonly { readonly agent: string; readonly until: string }[];
}

interface Usage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
}
