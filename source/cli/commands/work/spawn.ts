import { ParallelExecutionCoordinator } from '../../../coordinator/api/parallel-execution-coordinator.ts';
import { findItem } from '../../../coordinator/runs/spawning.ts';
import type { State } from '../../../coordinator/state/state.ts';
import { adHocItem } from '../../../domain/ad-hoc.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import { withoutFullStop } from '../../../domain/text/clause.ts';
import type { CommandAnswer } from '../../../ports/commands.ts';
import type { GlobalOptions } from '../../options.ts';
import { withAnyway, writeLine } from '../../output/output.ts';
import { requireAgent, requireProgram } from '../../session/agent-check.ts';
import { type Session, withSession } from '../../session/session.ts';
import { promptOf } from './edit.ts';
import { globsOf } from './globs.ts';

/** `cm-tui spawn ID` (or `--priority ID`): returns when the agent is running; it continues on its own. */
export function spawnCommand(id: string | undefined, options: StartingOptions): Promise<ExitCode> {
  const { agent, anyway, stack } = options;
  const priority = id ?? options.priority;
  if (priority === undefined) throw new CmError('Name the item, as in "cm-tui spawn US-043".', 2);
  if (options.priority !== undefined && options.priority !== priority)
    throw new CmError('Name one item, either as an argument or with --priority.', 2);
  return start({ ...options, priority }, session =>
    new ParallelExecutionCoordinator(session).spawnParallelInstance(priority, agent, anyway, stack),
  );
}

/** `cm-tui run "PROMPT"` (`-`: the prompt is read from stdin): an ad-hoc item, spawned at once. */
export async function runCommand(
  given: string,
  options: StartingOptions & { readonly files?: string },
): Promise<ExitCode> {
  const files = globsOf(options.files ?? '');
  const item = adHocItem({ title: '', prompt: await promptOf(given), files, number: 1 });
  return start(options, session =>
    session.send({ type: 'run', item, ...agentOf(options), ...overCapacityOf(options) }),
  );
}

type StartingOptions = GlobalOptions & {
  readonly priority?: string;
  readonly anyway?: boolean;
  readonly stack?: boolean;
};

function start(options: StartingOptions, ask: (session: Session) => Promise<CommandAnswer>): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    await requireMeans(session, options);
    const answer = await ask(session);
    if (!answer.ok) throw new CmError(withAnyway(answer));
    const [instance] = await session.until(answer.runIds, hasBegun);
    return instance === undefined ? held(answer, await session.state()) : reportStart(instance);
  });
}

/** The run is beyond its preparation: its agent is at work, or could not be started. */
export function hasBegun({ state }: Instance): boolean {
  return state !== 'pending' && state !== 'preparing';
}

/**
 * Says where the agent of a run works.
 * @throws CmError if it could not be started
 */
export function reportStart(instance: Instance): ExitCode {
  if (instance.state === 'failed' && instance.process === null)
    throw new CmError(`Could not start ${instance.key}: ${withoutFullStop(instance.reason ?? 'reason unknown')}.`);
  writeLine(
    `Started ${instance.key} in ${instance.worktreePath} on ${instance.branchName} (pid ${instance.process?.pid ?? 'unknown'}).`,
  );
  return 0;
}

/** The item was added but cannot run now. A running work loop starts it later; without one, nobody does. */
function held({ message, ask }: CommandAnswer, { mode }: State): ExitCode {
  if (mode !== 'auto') {
    const id = ask?.command.type === 'spawn' ? ask.command.id : null;
    throw new CmError(
      id === null
        ? `${message} The work loop starts it, or "cm-tui spawn ID", once it can run.`
        : `${message} Start it anyway with "cm-tui spawn ${id} --anyway".`,
    );
  }
  writeLine(`${message} The work loop starts it as soon as it can run.`);
  return 0;
}

/** Requires a known, installed agent and a usable repository, before anything is created. */
async function requireMeans(session: Session, { agent, priority }: StartingOptions): Promise<void> {
  const state = await session.state();
  // A running coordinator may have been started with other settings than ours.
  const settings = agent === undefined ? state.settings : session.context.settings;
  const found = priority === undefined ? null : findItem(state, priority);
  const chosen = agent ?? (found !== null && 'item' in found ? found.item.agentProgram : null) ?? settings.agent;
  requireAgent({ ...settings, agent: chosen });
  requireProgram({ ...settings, agent: chosen });
  const problems = state.repository?.problems ?? [];
  if (problems.length > 0) throw new CmError(problems.join(' '), 3);
}

function overCapacityOf({ anyway }: StartingOptions): { readonly overCapacity?: boolean } {
  return anyway === undefined ? {} : { overCapacity: anyway };
}

function agentOf(options: GlobalOptions): { readonly agent?: string } {
  return options.agent === undefined ? {} : { agent: options.agent };
}
