import { isAbsolute } from 'node:path';
import { requireTmux } from '../../adapters/processes/terminal.ts';
import { findProgram } from '../../agents/launch/probe.ts';
import { sandboxInstall } from '../../agents/launch/sandbox-probe.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import { findInstance, findItem } from '../../coordinator/runs/spawning.ts';
import { agentOfRetry } from '../../coordinator/starting/spawn.ts';
import { allItems } from '../../coordinator/state/planning.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError, messageOf } from '../../domain/errors.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import type { Settings } from '../../domain/settings.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Command } from '../../ports/commands.ts';
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

/** The agent of the next attempt after this run. */
export function agentToStart(state: State, run: Instance): string {
  const item = allItems(state).find(({ id }) => id === run.priorityId);
  return agentOfRetry(run) ?? item?.agentProgram ?? state.settings.agent;
}

/**
 * Why a command of the screen cannot start its agents here, in one short sentence, or null. What another machine may run is not known
 * here.
 */
export function missingPrograms(state: State, command: Command): string | null {
  if (state.fleet !== undefined) return null;
  for (const agent of agentsOf(state, command)) {
    try {
      requireProgram({ ...state.settings, agent });
    } catch (error) {
      const [sentence = ''] = sanitizeLine(messageOf(error), 200).split(/(?<=\.) /);
      return `${sentence} See "cm-tui doctor".`;
    }
  }
  return null;
}

/** The agents that a command starts. */
function agentsOf(state: State, command: Command): readonly string[] {
  const ofItem = (item: Item): readonly string[] => item.agents ?? [item.agentProgram ?? state.settings.agent];
  if (command.type === 'run') return command.agent === undefined ? ofItem(command.item) : [command.agent];
  if (command.type === 'race') return command.agents;
  if (command.type === 'spawn') {
    if (command.agent !== undefined) return [command.agent];
    const found = findItem(state, command.id);
    return 'item' in found ? ofItem(found.item) : [];
  }
  if (command.type !== 'retry' && command.type !== 'resume') return [];
  const run = findInstance(state, command.id);
  if (run === undefined) return [];
  if (command.type === 'resume' || command.inPlace === true) return [run.agent];
  // What could not land is only built and checked again.
  return run.state === 'blocked' || run.state === 'checks-failed' ? [] : [agentToStart(state, run)];
}

/** Like `requireProgram`, if anything planned could need it; work that only waits to land needs no agent. */
export async function requireProgramForPlanned(context: Context): Promise<void> {
  const { roadmap } = await sourcesOf(context).read();
  if (roadmap.items.some(item => item.status === 'planned' && item.agentProgram === null))
    requireProgram(context.settings);
}
