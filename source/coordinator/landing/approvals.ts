import { canBeRejected, type Instance } from '../../domain/instance.ts';
import { rivalAhead } from '../../domain/race/race.ts';
import { describeState } from '../../domain/state-labels.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { whyStaysRejected } from '../runs/rejection.ts';
import { standsSentence } from '../stack/words.ts';
import { done, refused } from '../state/answers.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { isClean, violationsOf } from './queue-order.ts';

/** Yes to one head of a branch, and to the violations that were named with it. It also undoes a rejection. */
export function approve(
  transition: Transition,
  instance: Instance,
  wanted: Extract<Command, { type: 'approve' }>,
): CommandAnswer {
  const { runId, priorityId, key, head, state, merge } = instance;
  if (transition.isRemoving(runId)) return refused(`${key} is being cleaned up right now. Try again.`);
  const again = state === 'rejected' ? whyStaysRejected(transition.state, instance) : null;
  if (again !== null) return refused(again);
  const stands = standsSentence(transition.state, instance);
  if (stands !== null && mayApprove.has(state)) return refused(stands);
  const ahead = rivalAhead(transition.state.instances, instance);
  if (ahead !== null && mayApprove.has(state)) return refused(`${key} cannot land: ${rivalSentence(ahead)}`);
  if (!mayApprove.has(state) || head === null) return refused(notMergeable(instance, transition.state));
  if (wanted.head !== undefined && wanted.head !== head) {
    return refused(`${key} has new commits since your review (now at ${head.slice(0, 10)}). Review it again.`);
  }
  if (merge.prediction === 'conflict') return refused(notMergeable(instance, transition.state));
  const accepted = new Set([...merge.accepted, ...(wanted.accept ?? [])]);
  const open = violationsOf(transition.state, instance).filter(one => !accepted.has(`${one.code} ${one.path}`));
  if (open.length > 0) {
    return refused(`${key} cannot land: ${open.map(violation => violation.message).join('; ')}.`);
  }
  transition.record({
    type: 'merge-approved',
    runId,
    priorityId,
    head,
    by: wanted.by ?? 'user',
    accepted: [...accepted],
  });
  return done(`${key} is queued to land on ${instance.target}.`, [runId]);
}

/** Of runs side by side at most one lands. */
function rivalSentence({ slug, agent, state }: Instance): string {
  const who = `${slug} by ${sanitizeLine(agent, 60)}`;
  return state === 'merged' || state === 'cleaned'
    ? `${who}, another run of the same item, has landed. Undo that landing first with "cm-tui undo ${slug}".`
    : `${who}, another run of the same item, ${describeState(state, null)}. Reject that one first.`;
}

const mayApprove: ReadonlySet<Instance['state']> = new Set([
  'awaiting-approval',
  'blocked',
  'checks-failed',
  'rejected',
]);

function notMergeable(instance: Instance, { queuePaused }: Pick<State, 'queuePaused'>): string {
  const { key, state, reason } = instance;
  const because = reason === null ? '' : `: ${withoutFullStop(reason)}`;
  switch (state) {
    case 'pending':
    case 'preparing':
    case 'running':
    case 'stopping':
      return `${key} is still running. It can land once its agent has finished.`;
    case 'completed':
      return `${key} has finished and is being inspected. Try again in a moment.`;
    case 'merged':
    case 'cleaned':
      return `${key} has already landed.`;
    case 'queued':
    case 'checking':
    case 'landing':
      return queuePaused === null || state === 'landing'
        ? `${key} ${describeState(state, null)} already.`
        : `${key} is approved, but landing is paused (${withoutFullStop(queuePaused)}). Resume landing with "cm-tui queue resume".`;
    case 'conflict':
      return `${key} ${withoutFullStop(reason ?? `conflicts with ${instance.target}`)}. Resolve it in ${instance.worktreePath} and commit there, or retry it.`;
    case 'failed':
    case 'cancelled':
    case 'interrupted':
    case 'no-work':
    case 'asks':
    case 'waiting':
    case 'needs-attention':
    case 'rejected':
    case 'blocked':
    case 'checks-failed':
    case 'awaiting-approval':
      return `${key} cannot land: it ${describeState(state, null)}${because}. Check ${instance.worktreePath}, or retry it.`;
  }
}

/** Yes to everything that is clean. */
export function approveAll(transition: Transition): CommandAnswer {
  const clean = transition.state.instances.filter(one => isClean(transition.state, one));
  for (const { runId, priorityId, head } of clean) {
    if (head !== null) transition.record({ type: 'merge-approved', runId, priorityId, head, by: 'user', accepted: [] });
  }
  return clean.length === 0
    ? refused('No branch is clean, without violations and without warnings.')
    : done(
        `Queued ${clean.length} ${clean.length === 1 ? 'branch' : 'branches'} to land.`,
        clean.map(instance => instance.runId),
      );
}

/** No to a branch; its work is kept. */
export function reject(transition: Transition, instance: Instance, reason: string): CommandAnswer {
  const { runId, priorityId, key, state } = instance;
  if (instance.replaying !== undefined)
    return refused(`${key} is being replayed onto ${instance.target}. Try again in a moment.`);
  if (!canBeRejected(state)) return refused(`Cannot reject ${key}: it ${describeState(state, null)}.`);
  transition.record({ type: 'merge-rejected', runId, priorityId, reason });
  return done(`Rejected ${key}. Its branch ${instance.branchName} is kept; approving it again undoes this.`, [runId]);
}
