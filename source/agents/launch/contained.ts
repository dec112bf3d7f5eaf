import type { AgentProfile, HostConfig, LaunchContext } from '../../ports/agents.ts';
import { type Started, sandboxed } from './sandbox.ts';

/**
 * The command of a run, in the sandbox that its agent's settings ask for. Over the Agent Client Protocol what is started is our own host: only
 * the program that it starts is inside, so that questions can be answered and messages sent from outside.
 * @throws CmError where the worktree, or the settings, do not allow it
 */
export function contained(profile: AgentProfile, command: Started, context: LaunchContext): Started {
  const { protocol, sandbox } = profile.settings;
  const last = command.args.at(-1);
  if (protocol !== 'acp' || sandbox === 'off' || last === undefined) return sandboxed(profile, command, context);
  const config = JSON.parse(last) as HostConfig;
  const [file = '', ...args] = config.command;
  const { env, ...inside } = sandboxed(profile, { file, args, env: command.env }, context);
  const wrapped = { ...config, command: [inside.file, ...inside.args] };
  return { file: command.file, args: [...command.args.slice(0, -1), JSON.stringify(wrapped)], env };
}
