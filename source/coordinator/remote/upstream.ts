import type { Oid, RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { countOf } from '../../domain/text/count.ts';
import type { PushResult, Upstream } from '../../ports/remote/upstream.ts';
import { isOurTarget } from '../landing/queue-stop.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/** What a person should know before anything lands on a target that is not where its remote is; null: nothing. */
export function upstreamSentence({ target, upstream }: Pick<State, 'target' | 'upstream'>): string | null {
  if (upstream === undefined || upstream === null || upstream.behind === 0) return null;
  const { name, ahead, behind } = upstream;
  if (ahead === 0)
    return `${target} is ${commits(behind)} behind ${name}. Bring it up to date with "git pull --ff-only" on ${target}.`;
  return `${target} and ${name} have diverged: ${commits(ahead)} ahead, ${behind} behind. Merge or rebase ${target} onto ${name}.`;
}

function commits(count: number): string {
  return countOf(count, 'commit');
}

/** Where the target stands beside its remote was read; what is news about it is reported once. */
export function upstreamRead(transition: Transition, upstream: Upstream | null): void {
  const { upstream: before, role } = transition.state;
  if (before !== undefined && JSON.stringify(before) === JSON.stringify(upstream)) return;
  transition.change({ upstream });
  if (role === 'reader') return;
  const sentence = upstreamSentence(transition.state);
  if (sentence !== null && before?.tip !== upstream?.tip) transition.notice('warning', sentence, null);
  // A landing whose push was cut off: the target stands at it still, and the remote does not.
  if (before === undefined) pushUnpushed(transition);
}

function pushUnpushed(transition: Transition): void {
  const { settings, upstream, targetTip, instances } = transition.state;
  if (settings.push !== 'target' || upstream === null || upstream === undefined || upstream.ahead === 0) return;
  const landed = instances.find(one => one.merge.landed === targetTip && isOurTarget(transition, one));
  if (landed !== undefined && targetTip !== null) pushTarget(transition, landed, targetTip);
}

/** What has landed goes to the remote, where the setting says so. */
export function pushLanded(transition: Transition, instance: Instance, commit: Oid): void {
  if (transition.state.settings.push === 'target' && isOurTarget(transition, instance))
    pushTarget(transition, instance, commit);
}

function pushTarget(transition: Transition, { runId, target }: Instance, commit: Oid): void {
  transition.start({ type: 'git.push', runId, branch: target, commit });
}

/** A branch that is ready for review goes to the remote, where the setting says so. */
export function pushBranch(transition: Transition, runId: RunId): void {
  const instance = transition.instance(runId);
  if (transition.state.settings.push !== 'branches' || instance?.state !== 'awaiting-approval') return;
  const { branchName, head, pushed } = instance;
  if (head === null || pushed?.commit === head || transition.busy('git.push', runId)) return;
  transition.start({ type: 'git.push', runId, branch: branchName, commit: head });
}

/** A push succeeded, or the remote did not take it: then a person reads why. */
export function pushAnswered(
  transition: Transition,
  {
    runId,
    branch,
    commit,
    result,
  }: { readonly runId: RunId; readonly branch: string; readonly commit: Oid; readonly result: PushResult },
): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  const { priorityId, key } = instance;
  const reason = result.outcome === 'failed' ? sanitizeReason(result.message) : null;
  transition.record({ type: 'branch-pushed', runId, priorityId, branch: sanitizeReason(branch), commit, reason });
  if (reason !== null) transition.notice('warning', `${key}: ${reason}`, runId);
  if (branch === instance.target) transition.emit({ type: 'target.read' });
}
