import { join } from 'node:path';
import { createProcesses } from '../../../adapters/processes/processes.ts';
import { type ProbeResult, type ProbeWorld, probeAgents, probeTools } from '../../../agents/launch/probe.ts';
import { trySandboxes } from '../../../agents/launch/sandbox-probe.ts';
import { AgentRegistry } from '../../../agents/registry.ts';
import type { ExitCode } from '../../../domain/errors.ts';
import type { Settings } from '../../../domain/settings.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson } from '../../output/output.ts';
import { type Context, openContext } from '../../session/context.ts';
import {
  type Check,
  checkMessage,
  coordinatorCheck,
  diskCheck,
  journalCheck,
  measureWorktrees,
  repositoryChecks,
  settingsChecks,
  sourceChecks,
  userSettings,
  type WorktreeSize,
  worktreesCheck,
} from './doctor-checks.ts';
import { hooksCheck, prefixCheck, signingCheck, targetsCheck, upstreamCheck } from './doctor-landing.ts';
import { showChecks, toolCheck } from './doctor-show.ts';

/** The document of `cm-tui doctor --json`. `ok` is false if something prevents work. */
interface Report {
  readonly ok: boolean;
  readonly repo: string | null;
  readonly target: string | null;
  readonly checks: readonly Check[];
  readonly agents: readonly ProbeResult[];
  readonly worktrees: readonly WorktreeSize[];
}

/** `cm-tui doctor [--json]`: what is there and what is missing; exit 3 if something prevents work. Changes nothing. */
export async function doctorCommand(options: GlobalOptions & { readonly json?: boolean }): Promise<ExitCode> {
  const report = await examine(options);
  if (options.json === true) writeJson(report);
  else showChecks(report.checks, report.ok);
  return report.ok ? 0 : 3;
}

async function examine(options: GlobalOptions): Promise<Report> {
  // Programs can be checked without a repository.
  const opened = await openContext(options).catch((error: unknown) => checkMessage(error));
  const context = typeof opened === 'string' ? null : opened;
  const settings = context?.settings ?? (await userSettings());
  const processes = createProcesses({ runsDir: join(context?.stateDir ?? '', 'runs') });
  const world: ProbeWorld = { run: processes.run, env: process.env, cwd: context?.root ?? process.cwd() };
  const agent = options.agent ?? settings.agent;
  const [tools, agents, sandboxes, protocol, inside, worktrees] = await Promise.all([
    probeTools(world),
    readAgents(settings, world),
    sandboxChecks(settings, world, agent),
    options.agent === undefined ? [] : protocolCheckOf(settings, options.agent),
    typeof opened === 'string' ? [problem('repository', opened)] : insideChecks(opened, world),
    context === null ? [] : measureWorktrees(context).catch(() => []),
  ]);
  const programs = [
    ...tools.map(tool => toolCheck(tool, tool.name === 'git')),
    ...agentChecks(agents, agent),
    ...sandboxes,
    ...protocol,
  ];
  const checks = [...programs, ...inside, ...(context === null ? [] : [worktreesCheck(worktrees)])];
  return {
    ok: !checks.some(check => check.status === 'problem'),
    repo: context?.root ?? null,
    target: context?.target ?? null,
    checks,
    agents: typeof agents === 'string' ? [] : agents,
    worktrees,
  };
}

/** The agents of the settings, or why a configured agent is invalid. */
async function readAgents(settings: Settings, world: ProbeWorld): Promise<readonly ProbeResult[] | string> {
  try {
    return await probeAgents(new AgentRegistry(settings), world);
  } catch (error) {
    return checkMessage(error);
  }
}

/** Of settings that are invalid the agents say so. */
async function sandboxChecks(settings: Settings, world: ProbeWorld, chosen: string): Promise<readonly Check[]> {
  const trials = await Promise.resolve(settings)
    .then(own => trySandboxes(new AgentRegistry(own), world))
    .catch(() => []);
  return trials.map(({ agent, sandbox, problem: wrong }) => ({
    name: `sandbox of ${agent}`,
    status: wrong === null ? 'ok' : agent === chosen ? 'problem' : 'note',
    text: wrong ?? `${sandbox} works`,
  }));
}

/** Only what is asked for by its name is started. */
async function protocolCheckOf(settings: Settings, name: string): Promise<readonly Check[]> {
  return (await import('./doctor-agent.ts')).protocolCheck(settings, name).catch(() => []);
}

async function insideChecks(context: Context, world: ProbeWorld): Promise<readonly Check[]> {
  const groups: readonly (readonly [string, Promise<readonly Check[]>])[] = [
    ['repository', repositoryChecks(context, world)],
    ['signing', signingCheck(context)],
    ['hooks', hooksCheck(context)],
    ['branches', prefixCheck(context)],
    ['upstream', upstreamCheck(context)],
    ['target', targetsCheck(context)],
    ['ROADMAP', sourceChecks(context)],
    ['settings', settingsChecks(context)],
    ['disk', diskCheck(context)],
    ['coordinator', coordinatorCheck(context)],
    ['journal', journalCheck(context)],
    ['machines', fleetChecksOf(context)],
  ];
  const results = await Promise.all(
    groups.map(([name, checks]) => checks.catch((error: unknown) => [problem(name, checkMessage(error))])),
  );
  return results.flat();
}

/** What speaks with other machines is loaded only where there are some. */
async function fleetChecksOf(context: Context): Promise<readonly Check[]> {
  if (context.settings.fleet.engine === null) return [];
  return (await import('./doctor-fleet.ts')).fleetChecks(context);
}

/** Only the agent in use is required. */
function agentChecks(agents: readonly ProbeResult[] | string, chosen: string): readonly Check[] {
  if (typeof agents === 'string') return [problem('agents', agents)];
  const checks = agents.map(agent => (agent.name === chosen ? chosenCheck(agent) : toolCheck(agent, false)));
  if (agents.some(({ name }) => name === chosen)) return checks;
  const names = agents.map(({ name }) => name).join(', ');
  const text = `Unknown agent "${sanitizeLine(chosen, 60)}". Use one of ${names}, or add it to the settings.`;
  return [...checks, problem('agent', text)];
}

function chosenCheck(agent: ProbeResult): Check {
  const check = toolCheck(agent, true);
  const text = agent.found
    ? `${check.text}; used for new runs`
    : `Used for new runs, but not installed. ${agent.install} Or choose another agent with "cm-tui config set agent NAME".`;
  return { ...check, text };
}

function problem(name: string, text: string): Check {
  return { name, status: 'problem', text };
}
