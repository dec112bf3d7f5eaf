import { isAbsolute } from 'node:path';
import { requireTmux } from '../../adapters/processes/terminal.ts';
import { findProgram } from '../../agents/launch/probe.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import { CmError } from '../../domain/errors.ts';
import type { Item } from '../../domain/item.ts';
import type { Settings } from '../../domain/settings.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Context } from './context.ts';
import { sourcesOf } from './sources.ts';

/**
 * Refuses an agent that nobody knows, and one that nobody knows for a fallback, before anything is made for it.
 * @throws CmError (exit code 2) that lists the names there are
 */
export function requireAgent(settings: Pick<Settings, 'agent' | 'agents' | 'fallbackAgents'>): void {
  const registry = new AgentRegistry(settings);
  for (const name of [settings.agent, ...settings.fallbackAgents]) registry.require(name);
}

/** What is wrong with the programs that planned items ask for by name: one clause for each of them. */
export function wrongPrograms(settings: Pick<Settings, 'agents'>, items: readonly Item[]): readonly string[] {
  const registry = new AgentRegistry(settings);
  return items.flatMap(({ key, status, agentProgram }) => {
    if (status !== 'planned' || agentProgram === null) return [];
    const asks = `${key} asks for ${sanitizeLine(agentProgram, 60)}`;
    const profile = registry.get(agentProgram);
    if (profile === undefined) return [`${asks}, which is no agent`];
    const there = findProgram(profile.settings.command, { env: process.env, cwd: '/dev/null' }) !== null;
    return there ? [] : [`${asks}, which is not there`];
  });
}

/**
 * Refuses an agent whose program is not there, or the tmux that it runs in, which would leave a worktree behind for every item that it
 * cannot begin.
 * @throws CmError (exit code 3) that says how to get it
 */
export function requireProgram(settings: Pick<Settings, 'agent' | 'agents'>): void {
  const { name, install, settings: agent } = new AgentRegistry(settings).require(settings.agent);
  if (agent.interactive) requireTmux();
  const program = agent.wrapper[0] ?? agent.command;
  // One that is named relative to its worktree, or looked for along a PATH of its own, is found or missed there.
  if ((program.includes('/') && !isAbsolute(program)) || agent.env.PATH !== undefined) return;
  if (findProgram(program, { env: process.env, cwd: '/dev/null' }) !== null) return;
  throw new CmError(
    `The agent "${name}" cannot be started, since "${program}" is not there. ${install} Or choose another with "cm-tui config set agent NAME".`,
    3,
  );
}

/** As `requireProgram`, where anything is planned that could need it; what only waits to land needs no agent. */
export async function requireProgramForPlanned(context: Context): Promise<void> {
  const { roadmap } = await sourcesOf(context).read();
  if (roadmap.items.some(item => item.status === 'planned' && item.agentProgram === null))
    requireProgram(context.settings);
}
