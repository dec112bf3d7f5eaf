import { dirname } from 'node:path';
import {
  type AgentOverride,
  type AgentSettings,
  type CommandSetting,
  defaultSandboxOptions,
} from '../../domain/settings.ts';
import type { AgentProfile, HostConfig } from '../../ports/agents.ts';
import { launchVariables } from '../launch/environment.ts';
import { fillPlaceholders } from '../launch/placeholders.ts';
import { plainSettings } from '../launch/program.ts';
import type { AcpProgram } from './programs.ts';
import { createAcpReader } from './reader.ts';

/** An ask waits so long for a person, in seconds, unless settings say otherwise. */
const askTimeout = 600;

/**
 * The profile of a program that speaks the Agent Client Protocol: what is started is the host (`cm-tui acp-host`), which starts the program
 * and speaks with it.
 * @param self how to start this program again
 */
export function makeAcpProfile(
  program: AcpProgram,
  override: AgentOverride,
  self: readonly string[],
  checks: readonly CommandSetting[],
): AgentProfile {
  const settings: AgentSettings = {
    ...plainSettings(program.command, program.args),
    mode: program.mode,
    ...override,
    protocol: 'acp',
    reader: 'acp',
    interactive: false,
    resume: ['{session}'],
    prompt: 'stdin',
    env: { ...program.env, ...override.env },
    sandboxOptions: { ...defaultSandboxOptions, ...override.sandboxOptions },
  };
  const { install = `Install "${settings.command}", or fix agents.${program.name}.command.`, passEnv, tried } = program;
  return {
    name: program.name,
    settings,
    install,
    ...(passEnv === undefined ? {} : { passEnv }),
    ...(tried === undefined ? {} : { tried }),
    createReader: createAcpReader,
    launch(context) {
      const command = [...settings.wrapper, settings.command, ...settings.args, ...settings.extraArgs];
      const config: HostConfig = {
        command: command.map(word => fillPlaceholders(word, context)),
        runFolder: dirname(context.promptFile),
        session: context.session,
        mode: settings.mode,
        model: settings.model,
        effort: settings.effort,
        authMethod: settings.authMethod,
        permissions: settings.permissions,
        checks: checks.map(check => (typeof check === 'string' ? check : check.join(' '))),
        askTimeoutSeconds: settings.askTimeout ?? askTimeout,
      };
      const [file = process.execPath, ...script] = self;
      return {
        file,
        args: [...script, 'acp-host', JSON.stringify(config)],
        env: launchVariables(settings.env, context),
        stdin: context.prompt,
        sessionId: null,
      };
    },
  };
}
