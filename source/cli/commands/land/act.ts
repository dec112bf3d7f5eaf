import { isOnItsWay, MergeQueue } from '../../../coordinator/api/merge-queue.ts';
import { violationsOf } from '../../../coordinator/landing/queue-order.ts';
import { waitForPullRequest } from '../../../coordinator/remote/wait-for-pull-request.ts';
import { findInstance } from '../../../coordinator/runs/spawning.ts';
import { describeWarnings } from '../../../coordinator/state/sentences.ts';
import type { State } from '../../../coordinator/state/state.ts';
import type { ExitCode } from '../../../domain/errors.ts';
import { CmError } from '../../../domain/errors.ts';
import { hasLanded, type Instance, isAlive } from '../../../domain/instance.ts';
import { describeState } from '../../../domain/state-labels.ts';
import { withoutFullStop } from '../../../domain/text/clause.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeLine } from '../../output/output.ts';
import { lostTargets } from '../../session/landing-obstacles.ts';
import { type Session, withSession } from '../../session/session.ts';

/** `cm-tui cancel ID`: returns when the whole process tree is gone and the run has been evaluated. */
export function cancelCommand(id: string, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send({ type: 'cancel', id });
    if (!answer.ok) throw new CmError(answer.message);
    if (answer.runIds.length === 0) {
      writeLine(answer.message);
      return 0;
    }
    const [instance] = await session.until(answer.runIds, ({ state }) => !isAlive(state) && state !== 'completed');
    writeLine(
      instance === undefined
        ? `${id} is gone.`
        : `${instance.key} ${describeState(instance.state, null)}. Its work so far stays on ${instance.branchName}.`,
    );
    return 0;
  });
}

/** `cm-tui pause [on|off]`: pauses or resumes new spawns. */
export function pauseCommand(paused: boolean, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send({ type: 'pause', paused });
    if (!answer.ok) throw new CmError(answer.message);
    writeLine(answer.message);
    return 0;
  });
}

/**
 * `cm-tui merge ID|--all-clean`: approves, and returns when each branch has landed or was stopped, with the reason. `--accept` accepts
 * its violations too.
 */
export function mergeCommand(
  id: string | undefined,
  options: GlobalOptions & { readonly allClean?: boolean; readonly accept?: boolean; readonly toBranch?: string },
): Promise<ExitCode> {
  if ((id === undefined) === (options.allClean !== true)) {
    throw new CmError('Name one item to merge, or use --all-clean.', 2);
  }
  const { toBranch } = options;
  if (toBranch !== undefined) {
    if (id === undefined) throw new CmError('Name the item to export with --to-branch.', 2);
    return exportBranch(id, toBranch, options);
  }
  return withSession<ExitCode>(options, async session => {
    if (id !== undefined) await judged(session, id);
    const accept = options.accept === true && id !== undefined ? violationsOfRun(await session.state(), id) : [];
    const answer = await new MergeQueue(session).approve(id ?? 'all-clean', accept);
    if (!answer.ok) {
      const lost = await lostTargets(session.context, await session.instances());
      throw new CmError([answer.message, ...lost].join(' '));
    }
    await warnOf(session, answer.runIds);
    const settled = await session.until(answer.runIds, (instance, { queuePaused }) => {
      if (waitForPullRequest(instance) !== null) return true;
      return queuePaused === null ? !isOnItsWay(instance.state) : instance.state !== 'landing';
    });
    const { queuePaused } = await session.state();
    for (const instance of settled) {
      if (hasLanded(instance.state))
        writeLine(`${instance.key} landed on ${instance.target} as ${instance.merge.landed}.`);
      else if (isOnForge(instance))
        writeLine(`${instance.key} is approved, and ${waitForPullRequest(instance)}: ${instance.pr?.url}`);
      else writeError(`${instance.key} did not land: ${whyNot(instance, queuePaused)}.`);
    }
    return settled.every(instance => hasLanded(instance.state) || isOnForge(instance)) ? 0 : 1;
  });
}

/** All that is to be done here is done: somebody merges its pull request on the forge. */
function isOnForge(instance: Instance): boolean {
  return instance.state === 'queued' && waitForPullRequest(instance) !== null;
}

/** What needs attention is inspected again at every start: what a person has just fixed can land at once. */
async function judged(session: Pick<Session, 'state' | 'until'>, id: string): Promise<void> {
  const instance = findInstance(await session.state(), id);
  if (instance?.state !== 'needs-attention') return;
  await session.until([instance.runId], ({ runId }, { inFlight }) =>
    Object.values(inFlight).every(flight => flight.kind !== 'git.judge' || flight.runId !== runId),
  );
}

/** A run without a reason of its own was evaluated again after its approval. */
function whyNot({ key, state, reason }: Instance, queuePaused: string | null): string {
  if (isOnItsWay(state) && queuePaused !== null)
    return `it is approved, but landing is paused (${withoutFullStop(queuePaused)}). Resume landing with "cm-tui queue resume"`;
  return reason === null && state === 'awaiting-approval'
    ? `its branch moved after it was approved. Review it with "cm-tui diff ${key}" and approve it again`
    : describeState(state, reason);
}

/** Says what a person should know of branches that they have just approved. */
async function warnOf(session: { state(): Promise<State> }, runIds: readonly string[]): Promise<void> {
  for (const { key, runId, merge } of (await session.state()).instances) {
    const warning = describeWarnings(merge.warnings ?? []);
    if (warning !== null && runIds.includes(runId)) writeError(`${key}: ${warning}.`);
  }
}

/** The violations of the run that `id` names, as an approval accepts them. */
function violationsOfRun(state: State, id: string): readonly string[] {
  const instance = findInstance(state, id);
  return instance === undefined ? [] : violationsOf(state, instance).map(({ code, path }) => `${code} ${path}`);
}

/** `cm-tui merge ID --to-branch NAME`: puts what would land on a new branch. Nothing lands and nothing is pushed. */
function exportBranch(id: string, branchName: string, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const before = findInstance(await session.state(), id)?.exported?.at ?? 0;
    const answer = await session.send({ type: 'export', id, branchName });
    if (!answer.ok) throw new CmError(answer.message);
    const [instance] = await session.until(answer.runIds, ({ exported }) => (exported?.at ?? 0) > before);
    const { key = id, exported } = instance ?? {};
    if (exported === undefined || exported.commit === null)
      throw new CmError(
        `Could not export ${key} to a branch: ${withoutFullStop(exported?.reason ?? 'reason unknown')}.`,
      );
    writeLine(`Exported ${key} to ${exported.branchName} at ${exported.commit}. Nothing was pushed.`);
    return 0;
  });
}
