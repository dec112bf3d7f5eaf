import { isAbsolute } from 'node:path';
import { requireTmux } from '../../adapters/processes/terminal.ts';
import { findProgram } from '../../agents/launch/probe.ts';
import { sandboxInstall } from '../../agents/launch/sandbox-probe.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import { CmError } from '../../domain/errors.ts';
import type { Item } from '../../domain/item.ts';
import type { Settings } from '../../domain/settings.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Context } from './context.ts';
import { sourcesOf } from './sources.ts';

/**
 * Refuses an unknown agent or unknown fallback agent before anything is created for it.
 * @throws CmError (exit code 2) that lists the known names
 */
export function requireAgent(settings: Pick<Settings, 'agent' | 'agents' | 'fallbackAgents'>): void {
  const registry = new AgentRegistry(settings);
  for (const name of [settings.agent, ...settings.fallbackAgents]) registry.require(name);
}

/** What is wrong with the programs that planned items name: one clause each. */
export function wrongPrograms(settings: Pick<Settings, 'agents'>, items: readonly Item[]): readonly string[] {
  const registry = new AgentRegistry(settings);
  return items.flatMap(({ key, status, agentProgram }) => {
    if (status !== 'planned' || agentProgram === null) return [];
    const asks = `${key} asks for ${sanitizeLine(agentProgram, 60)}`;
    const profile = registry.get(agentProgram);
    if (profile === undefined) return [`${asks}, an unknown agent`];
    const installed = findProgram(profile.settings.command, { env: process.env, cwd: '/dev/null' }) !== null;
    return installed ? [] : [`${asks}, which is not installed`];
  });
}

/**
 * Refuses an agent whose program, or the tmux it needs, is not installed: every item would leave a worktree behind.
 * @throws CmError (exit code 3) that says how to install it
 */
export function requireProgram(settings: Pick<Settings, 'agent' | 'agents'>): void {
  const { name, install, settings: agent } = new AgentRegistry(settings).require(settings.agent);
  if (agent.interactive) requireTmux();
  const { sandbox } = agent;
  if (sandbox !== 'off' && findProgram(sandbox, { env: process.env, cwd: '/dev/null' }) === null) {
    throw new CmError(
      `Cannot start agent "${name}" in its sandbox: "${sandbox}" is not installed. ${sandboxInstall[sandbox]} Or run "cm-tui config set agents.${name}.sandbox off".`,
      3,
    );
  }
  // A container brings its own programs.
  if (sandbox === 'podman' || sandbox === 'docker') return;
  const program = agent.wrapper[0] ?? agent.command;
  // A command relative to its worktree, or on a PATH of its own, can only be found there.
  if ((program.includes('/') && !isAbsolute(program)) || agent.env.PATH !== undefined) return;
  if (findProgram(program, { env: process.env, cwd: '/dev/null' }) !== null) return;
  throw new CmError(
    `Cannot start agent "${name}": "${program}" is not installed. ${install} Or choose another agent with "cm-tui config set agent NAME".`,
    3,
  );
}

/** Like `requireProgram`, if anything planned could need it; work that only waits to land needs no agent. */
export async function requireProgramForPlanned(context: Context): Promise<void> {
  const { roadmap } = await sourcesOf(context).read();
  if (roadmap.items.some(item => item.status === 'planned' && item.agentProgram === null))
    requireProgram(context.settings);
}
