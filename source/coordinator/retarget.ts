/** Work that waits lands on another branch, as a person asked. */
import { hasLanded, type Instance } from '../domain/instance.ts';
import { landsOn } from '../domain/stack/standing.ts';
import type { Command, CommandAnswer } from '../ports/commands.ts';
import { targetGone } from './landing/queue-stop.ts';
import { findInstance, unknownRun } from './runs/spawning.ts';
import { done, refused } from './state/answers.ts';
import type { State } from './state/state.ts';
import type { Transition } from './transition.ts';

/** Steps that began with the old target and cannot be called back: their answers must not meet an approval for the new one. */
const steps = [
  'git.createWorktree',
  'git.prepare',
  'git.land',
  'git.undo',
  'git.replay',
  'git.export',
  'git.clean',
  'git.discard',
  'git.restore',
  'git.commitLeft',
  'forge.open',
  'speculate.prepare',
] as const;

/**
 * All of it, or only the runs that `id` names, lands on `branch`, which exists. Nothing lands that nobody saw: what was approved was
 * approved for another target, so that it is judged for this one, and has to be approved, again.
 */
export function retarget(
  transition: Transition,
  { id, branch }: Extract<Command, { readonly type: 'retarget' }>,
): CommandAnswer {
  const { state } = transition;
  const named = id === undefined ? state.instances.filter(({ removed }) => removed === undefined) : runsOf(state, id);
  if (named.length === 0 && id !== undefined) return refused(unknownRun(state, id));
  const own = state.instances.find(({ branchName }) => branchName === branch);
  if (own !== undefined) return refused(`${branch} is the branch of ${own.key}. Name a branch that work can land on.`);
  const open = named.filter(one => !hasLanded(one.state));
  const [first] = named;
  if (open.length === 0)
    return refused(
      id === undefined || first === undefined
        ? 'Nothing waits to land. Start with another target with "cm-tui --target BRANCH".'
        : `${first.key} has already landed on ${first.target}.`,
    );
  const moving = open.filter(one => landsOn(one) !== branch);
  if (moving.length === 0)
    return refused(`${namesOf(open)} ${open.length === 1 ? 'lands' : 'land'} on ${branch} already.`);
  const obstacle = moving.map(one => cannotRetarget(transition, one)).find(one => one !== null);
  if (obstacle !== undefined && obstacle !== null) return refused(obstacle);
  const approved = moving.filter(({ merge }) => merge.approvedHead !== null);
  for (const instance of moving) moveTo(transition, instance, branch);
  resumeAfter(transition, moving);
  const pulls = moving.filter(({ pr }) => pr?.state === 'open');
  const sentences = [
    `${namesOf(moving)} ${moving.length === 1 ? 'lands' : 'land'} on ${branch} from now on.`,
    ...(approved.length === 0
      ? []
      : [`${namesOf(approved)} ${approved.length === 1 ? 'needs' : 'need'} approval again.`]),
    ...(pulls.length === 0 ? [] : [`Change the base of the pull request of ${namesOf(pulls)} on the forge too.`]),
  ];
  return done(
    sentences.join(' '),
    moving.map(({ runId }) => runId),
  );
}

/** The one run that is named, or all runs of the item. */
function runsOf(state: State, id: string): readonly Instance[] {
  const found = findInstance(state, id);
  if (found === undefined) return [];
  if ([found.runId, found.slug, found.branchName].includes(id)) return [found];
  return state.instances.filter(({ priorityId }) => priorityId === found.priorityId);
}

/** Why a run cannot be made to land elsewhere right now; null: it can. */
export function cannotRetarget(
  transition: Transition,
  { key, state, target, runId, replaying }: Instance,
): string | null {
  if (state === 'landing') return `${key} is landing on ${target}. Try again in a moment.`;
  const isBusy = replaying !== undefined || steps.some(kind => transition.busy(kind, runId));
  return isBusy ? `cm-tui is at work on the branch of ${key}. Try again in a moment.` : null;
}

/** It lands on `target` from now on, and is judged for that; `unstacked`: without the run that it stood on. */
export function moveTo(
  transition: Transition,
  { runId, priorityId }: Instance,
  target: string,
  unstacked = false,
): void {
  const how = unstacked ? { unstacked: true as const } : {};
  transition.record({ type: 'retargeted', runId, priorityId, target, ...how });
  // What git is being asked now is of the old target.
  transition.abandon('git.predict', runId);
  const now = transition.instance(runId);
  if (now?.state !== 'completed') return;
  transition.abandon('git.judge', runId);
  transition.start({ type: 'git.judge', runId });
}

/** Landing was paused only because the old target was gone, and nothing is to land there any more. */
function resumeAfter(transition: Transition, moved: readonly Instance[]): void {
  const { queuePaused, instances } = transition.state;
  const gone = moved.find(({ target }) => queuePaused === targetGone(target))?.target;
  if (gone === undefined || instances.some(({ state, target }) => target === gone && !hasLanded(state))) return;
  transition.record({ type: 'queue-paused', paused: false, reason: null });
}

const mostNamed = 5;

function namesOf(instances: readonly Instance[]): string {
  const keys = [...new Set(instances.map(({ key }) => key))];
  const rest = keys.length - mostNamed;
  return rest > 0 ? `${keys.slice(0, mostNamed).join(', ')} and ${rest} more` : keys.join(', ');
}
