import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readRegularText, writeFresh } from '../../adapters/regular-file.ts';
import { contained } from '../../agents/launch/contained.ts';
import { agentEnvironment, commandEnvironment } from '../../agents/launch/environment.ts';
import { buildPrompt } from '../../agents/launch/prompt.ts';
import { readingPrompt } from '../../agents/launch/reading-prompt.ts';
import { createTextReader } from '../../agents/programs/plain.ts';
import { safeReader } from '../../agents/reading/reader-kit.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import { CmError, messageOf } from '../../domain/errors.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { portBaseOf } from '../../domain/queue/run-slot.ts';
import { foldersFor } from '../../domain/scope/sparse-folders.ts';
import type { Settings } from '../../domain/settings.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import type { LaunchContext } from '../../ports/agents.ts';
import type { SourcesPort } from '../../ports/sources.ts';
import type { Launcher } from '../../runtime/deps.ts';
import type { Context } from './context.ts';
import { revertRequest } from './revert-run.ts';

type PromptOf = (instance: Instance, item: Item) => Promise<string>;

/**
 * Builds command lines, environments and prompts from the agents' profiles; prompts are stored in the run's folder. `promptFor`: in place of
 * the usual prompt.
 */
export function createLauncher(context: Context, sources: SourcesPort, promptFor?: PromptOf): Launcher {
  const { stateDir, root } = context;
  const registry = registryOf(context);

  const contextOf = (instance: Instance, prompt: string): LaunchContext => ({
    runId: instance.runId,
    id: instance.priorityId,
    key: instance.key,
    title: instance.title,
    branch: instance.branchName,
    base: instance.base ?? '',
    worktree: instance.worktreePath,
    slot: instance.slot ?? 1,
    portBase: portBaseOf(instance.slot ?? 1, context.stateDir),
    promptFile: promptFileOf(instance),
    prompt,
    committer: null,
    session: null,
  });
  const promptFileOf = (instance: Instance) => join(stateDir, 'runs', instance.slug, 'prompt.md');

  const templateOf = (path: string | null) => (path === null ? null : readTemplate(resolve(root, path)));

  const promptOf: PromptOf = async (instance, item) => {
    if (promptFor !== undefined) return promptFor(instance, item);
    const { ownership } = await sources.read();
    return buildPrompt({
      item,
      sectionText: await sources.sectionText(item),
      ownership,
      agentType: instance.agentType,
      scope: instance.scope,
      branch: instance.branchName,
      base: instance.base ?? instance.target,
      checks: context.settings.checks,
      ...foldersFor(context.settings, instance),
      template: await templateOf(context.settings.promptTemplate),
    });
  };

  return {
    async launch(instance, item, committer) {
      if (instance.reverts !== undefined) {
        const env = commandEnvironment(process.env, contextOf(instance, ''), context.settings);
        return { request: await revertRequest(context.git, instance, instance.reverts, env), sessionId: null };
      }
      const profile = registryFor(context, registry(), instance.agent, item?.model).require(instance.agent);
      const { continued } = instance;
      const session = continued !== undefined && profile.settings.resume.length > 0 ? instance.sessionId : null;
      const prompt =
        continued !== undefined && session !== null ? continued.message : await fullPrompt(instance, item, promptOf);
      const promptFile = promptFileOf(instance);
      await mkdir(join(stateDir, 'runs', instance.slug), { recursive: true, mode: 0o700 });
      writeFresh(promptFile, prompt);
      const launchContext = { ...contextOf(instance, prompt), committer, session };
      const { file, args, stdin, sessionId } = profile.launch(launchContext);
      const env = agentEnvironment(process.env, profile, launchContext);
      const request = {
        runId: instance.runId,
        runName: instance.slug,
        ...contained(profile, { file, args, env }, launchContext),
        cwd: instance.worktreePath,
        stdin,
        continues: continued !== undefined,
        terminal: profile.settings.interactive,
        endsGroup: profile.settings.protocol === 'acp',
      };
      return { request, sessionId };
    },
    async read(request) {
      const { runId, runName, agent, worktree, instance, item } = request;
      const profile = AgentRegistry.reading(context.settings, agent);
      const section = item === undefined ? '' : (item.prompt ?? (await sources.sectionText(item)));
      const prompt = readingPrompt(request, section);
      const folder = join(stateDir, 'runs', runName);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const promptFile = join(folder, 'prompt.md');
      writeFresh(promptFile, prompt);
      const launchContext = { ...contextOf(instance, prompt), runId, worktree, promptFile };
      const { file, args, stdin } = profile.launch(launchContext);
      const env = { ...agentEnvironment(process.env, profile, launchContext), CM_PURPOSE: request.purpose };
      const command = contained(profile, { file, args, env }, launchContext);
      const endsGroup = profile.settings.protocol === 'acp';
      return { runId, runName, ...command, cwd: worktree, stdin, endsGroup };
    },
    prompt: (instance, item) => fullPrompt(instance, item, promptOf),
    createReader: agent => registry().get(agent)?.createReader() ?? safeReader(createTextReader()),
    explainExit: (agent, exitCode) => registry().get(agent)?.explainExit?.(exitCode) ?? null,
    isInteractive: agent => registry().get(agent)?.settings.interactive === true,
    environment: instance => commandEnvironment(process.env, contextOf(instance, ''), context.settings),
  };
}

/** The agents of the settings in force. */
function registryOf(context: Context): () => AgentRegistry {
  let made: { readonly of: Settings; readonly registry: AgentRegistry } | null = null;
  return () => {
    const { settings } = context;
    if (made?.of !== settings) made = { of: settings, registry: new AgentRegistry(settings) };
    return made.registry;
  };
}

/** An item may ask for a model; an empty one is the agent's own. */
function registryFor(
  { settings }: Context,
  registry: AgentRegistry,
  agent: string,
  model: string | undefined,
): AgentRegistry {
  if (model === undefined || model === '') return registry;
  return new AgentRegistry({
    ...settings,
    agents: { ...settings.agents, [agent]: { ...settings.agents[agent], model } },
  });
}

/** The whole prompt; for a run resumed without a session also what came before. */
async function fullPrompt(
  instance: Instance,
  item: Item | undefined,
  promptOf: (instance: Instance, item: Item) => Promise<string>,
): Promise<string> {
  if (item === undefined) throw new CmError(`${instance.key} is no longer in the ROADMAP, so it has no prompt.`);
  const text = await promptOf(instance, item);
  if (instance.continued === undefined) return text;
  return `${text.trimEnd()}\n\n## What happened before\n\nYou worked on this before. Your commits are on this branch. ${instance.continued.message}\n`;
}

async function readTemplate(path: string): Promise<string> {
  try {
    const text = readRegularText(path, { followLinks: true });
    if (text !== null) return text;
  } catch (cause) {
    throw new CmError(
      `The prompt template cannot be read: ${messageOf(cause)} Or change the setting promptTemplate.`,
      2,
      {
        cause,
      },
    );
  }
  throw new CmError(`The prompt template ${escapePath(path)} does not exist. Fix the setting promptTemplate.`, 2);
}
