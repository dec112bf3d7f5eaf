import { randomUUID } from 'node:crypto';
import { CmError } from '../../domain/errors.ts';
import { type AgentOverride, type AgentSettings, defaultSandboxOptions } from '../../domain/settings.ts';
import type { AgentProfile, AgentReader, Launch, LaunchContext } from '../../ports/agents.ts';
import { launchVariables } from './environment.ts';
import { fillPlaceholders, holdsPrompt } from './placeholders.ts';

type PromptArguments = Readonly<Partial<Record<AgentSettings['prompt'], readonly string[]>>>;

/** What a file of this folder says about its program; `makeProfile` turns it into a profile. */
export interface Program {
  /** By which it is named in settings, and its reader too. */
  readonly name: string;
  /** Its place where agents are listed, or tried in turn: the lowest comes first. */
  readonly rank: number;
  readonly install: string;
  /** The newest version that was run from the prompt to the landing; absent: none was. */
  readonly tried?: string;
  /** Defaults where the settings say nothing. */
  readonly defaults: AgentSettings;
  /** Replaces `defaults` if the settings ask for an interactive run and name no arguments of their own. */
  readonly interactive?: Partial<AgentSettings> & { readonly promptArgs: PromptArguments };
  /** Its arguments, and variables, to answer one prompt and change nothing; absent: it has no such mode. */
  readonly readOnly?: { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> };
  readonly passEnv?: readonly string[];
  readonly modelArgs?: (model: string) => readonly string[];
  /** Absent: the program has no such option. */
  readonly effortArgs?: (effort: string) => readonly string[];
  /** Arguments that give a fresh run a session id of our choice. */
  readonly sessionArgs?: (sessionId: string) => readonly string[];
  /** Arguments that depend on the run, e.g. what a sandbox must leave writable. */
  readonly runArgs?: (context: LaunchContext) => readonly string[];
  /** Last arguments for each way of passing the prompt, unless a placeholder holds it already. */
  readonly promptArgs?: PromptArguments;
  /** Where it keeps its login and sessions, in the user's home: a sandbox leaves them writable. */
  readonly stateFolders?: readonly string[];
  readonly createReader: () => AgentReader;
  readonly explainExit?: (exitCode: number) => string | null;
}

/**
 * Of gemini and what is made from it: beyond edits only what a commit needs is allowed without asking. `cd` and `tail` are for
 * `cd DIR && git …` and `git … | tail`.
 */
export const shellToolsOfCommit = ['git', 'cd', 'tail'].map(command => `run_shell_command(${command})`).join(',');

/** Settings of an unknown program: a text reader, no prompt passed, `--version` for the probe. */
export function plainSettings(command: string, args: readonly string[] = []): AgentSettings {
  return {
    command,
    args,
    env: {},
    reader: 'text',
    interactive: false,
    resume: [],
    sessionLine: null,
    prompt: 'none',
    versionArgs: ['--version'],
    model: null,
    effort: null,
    extraArgs: [],
    wrapper: [],
    sandbox: 'off',
    sandboxOptions: defaultSandboxOptions,
    protocol: 'stream',
    mode: null,
    permissions: 'edits',
    askTimeout: null,
    authMethod: null,
    reviewArgs: null,
    after: null,
    reviewAgent: null,
  };
}

/**
 * Builds the profile of a program from its description and the user's settings.
 * @throws CmError (exit code 2) if they ask for an effort and the program has no option for it
 */
export function makeProfile(program: Omit<Program, 'rank'>, override: AgentOverride = {}): AgentProfile {
  const interactive = override.interactive === true && override.args === undefined ? program.interactive : undefined;
  const { promptArgs = program.promptArgs, ...changed } = interactive ?? {};
  const settings: AgentSettings = {
    ...program.defaults,
    ...changed,
    ...override,
    env: { ...program.defaults.env, ...override.env },
    sandboxOptions: { ...program.defaults.sandboxOptions, ...override.sandboxOptions },
  };
  if (settings.effort !== null && program.effortArgs === undefined) {
    throw new CmError(
      `The agent "${program.name}" has no option for effort. Remove agents.${program.name}.effort, or use extraArgs.`,
      2,
    );
  }
  // Arguments written by the user are the user's: only what the settings name is added to them.
  const ownArgs = override.args === undefined;
  return {
    name: program.name,
    settings,
    install: program.install,
    ...(program.tried === undefined ? {} : { tried: program.tried }),
    createReader: program.createReader,
    ...(program.passEnv === undefined ? {} : { passEnv: program.passEnv }),
    ...(program.stateFolders === undefined ? {} : { stateFolders: program.stateFolders }),
    ...(program.explainExit === undefined ? {} : { explainExit: program.explainExit }),
    launch: context => launch(program, settings, { ...standardPromptArgs, ...promptArgs }, ownArgs, context),
  };
}

const standardPromptArgs: PromptArguments = { argument: ['{prompt}'], file: ['{promptFile}'] };

function launch(
  program: Omit<Program, 'rank'>,
  settings: AgentSettings,
  promptArgs: PromptArguments,
  ownArgs: boolean,
  context: LaunchContext,
): Launch {
  const resuming = context.session !== null;
  if (resuming && settings.resume.length === 0) {
    throw new CmError(
      `The agent "${program.name}" cannot resume a session. Set agents.${program.name}.resume, or retry the item from scratch.`,
      2,
    );
  }
  const sessionId = !resuming && ownArgs && program.sessionArgs !== undefined ? randomUUID() : null;
  const args = [
    ...(resuming ? settings.resume : settings.args),
    ...(settings.model === null ? [] : (program.modelArgs?.(settings.model) ?? [])),
    ...(settings.effort === null ? [] : (program.effortArgs?.(settings.effort) ?? [])),
    ...(sessionId === null ? [] : (program.sessionArgs?.(sessionId) ?? [])),
    ...(ownArgs ? (program.runArgs?.(context) ?? []) : []),
    ...settings.extraArgs,
  ];
  const command = [
    ...settings.wrapper,
    settings.command,
    ...args,
    ...missingPromptArgs(args, promptArgs[settings.prompt] ?? []),
  ].map(argument => fillPlaceholders(argument, context));
  const [file = settings.command, ...rest] = command;
  return {
    file,
    args: rest,
    env: launchVariables(settings.env, context),
    stdin: settings.prompt === 'stdin' && !settings.interactive ? context.prompt : null,
    sessionId,
  };
}

/** Nothing if the arguments hold the prompt already, by a placeholder or by the same words (codex's `-`). */
function missingPromptArgs(args: readonly string[], promptArgs: readonly string[]): readonly string[] {
  if (args.some(holdsPrompt)) return [];
  return promptArgs.filter(argument => holdsPrompt(argument) || !args.includes(argument));
}
