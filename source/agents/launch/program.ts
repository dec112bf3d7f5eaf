import { randomUUID } from 'node:crypto';
import { CmError } from '../../domain/errors.ts';
import type { AgentSettings } from '../../domain/settings.ts';
import type { AgentProfile, AgentReader, Launch, LaunchContext } from '../../ports/agents.ts';
import { launchVariables } from './environment.ts';
import { fillPlaceholders, holdsPrompt } from './placeholders.ts';

type PromptArguments = Readonly<Partial<Record<AgentSettings['prompt'], readonly string[]>>>;

/** What a file of this folder says of its program; `makeProfile` turns it into a profile. */
export interface Program {
  readonly name: string;
  readonly install: string;
  /** What holds where the settings say nothing. */
  readonly defaults: AgentSettings;
  /** Used in place of `defaults` where the settings ask for an interactive run and name no arguments of their own. */
  readonly interactive?: Partial<AgentSettings> & { readonly promptArgs: PromptArguments };
  readonly passEnv?: readonly string[];
  readonly modelArgs?: (model: string) => readonly string[];
  /** Absent: the program has no such option. */
  readonly effortArgs?: (effort: string) => readonly string[];
  /** Arguments that give a fresh run a session id of our choice. */
  readonly sessionArgs?: (sessionId: string) => readonly string[];
  /** Arguments that depend on the run, e.g. what a sandbox must leave writable. */
  readonly runArgs?: (context: LaunchContext) => readonly string[];
  /** What stands at the end for each way of handing over the prompt, unless a placeholder holds it already. */
  readonly promptArgs?: PromptArguments;
  readonly createReader: () => AgentReader;
  readonly explainExit?: (exitCode: number) => string | null;
}

/** Settings of a program about which nothing is known: a text reader, no prompt handed over, `--version` for the probe. */
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
  };
}

/**
 * Builds the profile of a program from its description and what the user's settings say otherwise.
 * @throws CmError (exit code 2) where they ask for an effort and the program has no option for it
 */
export function makeProfile(program: Program, override: Partial<AgentSettings> = {}): AgentProfile {
  const interactive = override.interactive === true && override.args === undefined ? program.interactive : undefined;
  const { promptArgs = program.promptArgs, ...changed } = interactive ?? {};
  const settings: AgentSettings = {
    ...program.defaults,
    ...changed,
    ...override,
    env: { ...program.defaults.env, ...override.env },
  };
  if (settings.effort !== null && program.effortArgs === undefined) {
    throw new CmError(
      `The agent "${program.name}" has no option for effort: take out agents.${program.name}.effort, or say it with extraArgs.`,
      2,
    );
  }
  // Arguments written by the user are the user's: nothing but what the settings name is mixed into them.
  const ownArgs = override.args === undefined;
  return {
    name: program.name,
    settings,
    install: program.install,
    createReader: program.createReader,
    ...(program.passEnv === undefined ? {} : { passEnv: program.passEnv }),
    ...(program.explainExit === undefined ? {} : { explainExit: program.explainExit }),
    launch: context => launch(program, settings, { ...standardPromptArgs, ...promptArgs }, ownArgs, context),
  };
}

const standardPromptArgs: PromptArguments = { argument: ['{prompt}'], file: ['{promptFile}'] };

function launch(
  program: Program,
  settings: AgentSettings,
  promptArgs: PromptArguments,
  ownArgs: boolean,
  context: LaunchContext,
): Launch {
  const resuming = context.session !== null;
  if (resuming && settings.resume.length === 0) {
    throw new CmError(
      `The agent "${program.name}" cannot resume a session: set agents.${program.name}.resume, or retry the item from scratch.`,
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

/** Nothing where the arguments hold the prompt already, be it by a placeholder or by the very same words (codex's `-`). */
function missingPromptArgs(args: readonly string[], promptArgs: readonly string[]): readonly string[] {
  if (args.some(holdsPrompt)) return [];
  return promptArgs.filter(argument => holdsPrompt(argument) || !args.includes(argument));
}
