/** Asks the configured agent for scopes, in its read-only or plan mode, in a worktree that nothing else uses. */
import { join } from 'node:path';
import { createProcesses } from '../../adapters/processes/processes.ts';
import { agentEnvironment } from '../../agents/launch/environment.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import { messageOf } from '../../domain/errors.ts';
import type { Oid } from '../../domain/ids.ts';
import type { Item } from '../../domain/item.ts';
import type { WorkText } from '../../domain/scope/guess/features.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Context } from '../session/context.ts';
import { type AnsweredScope, readAnswer } from './agent-answer.ts';

/** Arguments with which a program answers one prompt and can change nothing. Of other programs no such mode is known. */
const readOnlyArgs: Readonly<Record<string, readonly string[]>> = {
  claude: ['-p', '--output-format', 'text', '--permission-mode', 'plan'],
  codex: ['exec', '--sandbox', 'read-only', '--skip-git-repo-check', '-C', '{worktree}'],
  gemini: ['--approval-mode', 'plan'],
};

const timeoutMs = 5 * 60_000;
/** Place of the worktree among those that checks run in, which take the first ones. */
const slot = 7;
const mostPrompt = 60_000;

export interface AgentAnswer {
  readonly agent: string;
  /** By item id; empty where the agent gave no answer. */
  readonly scopes: ReadonlyMap<string, AnsweredScope>;
  /** Why the local guess is used instead, as a sentence; null: it answered. */
  readonly problem: string | null;
}

/** Null: the configured agent has no read-only mode that is known. */
export async function askAgent(
  { settings, git, stateDir }: Context,
  commit: Oid,
  items: readonly Item[],
  texts: readonly WorkText[],
): Promise<AgentAnswer | null> {
  const { agent } = settings;
  const args = readOnlyArgs[agent];
  if (args === undefined || settings.agents[agent]?.interactive === true) return null;
  const failed = (why: string): AgentAnswer => {
    const problem = `${agent} gave no usable answer (${sanitizeLine(why, 200)}), so the local guess is used.`;
    return { agent, scopes: new Map(), problem };
  };
  try {
    const own = { ...settings.agents[agent], args, prompt: 'argument' as const };
    const profile = new AgentRegistry({ ...settings, agents: { ...settings.agents, [agent]: own } }).require(agent);
    const prompt = promptFor(items, texts);
    const worktree = await git.checkoutCandidate(commit, [], slot);
    const names = { runId: 'scope', id: 'scope', key: 'scope', title: 'scope', branch: '', base: commit };
    const ports = { slot: 0, portBase: 0 };
    const launchContext = { ...names, ...ports, worktree, promptFile: '', prompt, committer: null, session: null };
    const { file, args: full } = profile.launch(launchContext);
    const processes = createProcesses({ runsDir: join(stateDir, 'runs') });
    const env = agentEnvironment(process.env, profile, launchContext);
    const result = await processes.run([file, ...full], { cwd: worktree, env, timeoutMs });
    if (result.timedOut) return failed('it took more than 5 minutes');
    if (result.exitCode !== 0) return failed(`exit code ${result.exitCode}`);
    const answer = readAnswer(result.output, new Set(items.map(({ id }) => id)));
    if (answer === null) return failed('no JSON');
    return { agent, scopes: new Map(answer.map(one => [one.id, one])), problem: null };
  } catch (error) {
    return failed(messageOf(error));
  }
}

function promptFor(items: readonly Item[], texts: readonly WorkText[]): string {
  const room = Math.floor(mostPrompt / Math.max(1, items.length));
  const described = items.map(
    (item, place) => `## ${item.id}: ${item.title}\n${(texts[place]?.body ?? '').slice(0, room)}`,
  );
  return [
    'Read this repository and say which files each of the items below will change. Change nothing and run nothing.',
    'Name existing files by their path from the root of the repository, new files too. Rather one file too many than one too few, but no',
    'whole folders unless the item concerns all of it. Name other items of this list that must be done first.',
    'Answer with one JSON document and nothing else:',
    '{"items":[{"id":"…","files":[{"path":"…","reason":"a few words"}],"dependsOn":["…"]}]}',
    '',
    ...described,
  ].join('\n');
}
