import type { RunId } from '../../domain/ids.ts';
import { hasLanded, type Instance, stillLanded } from '../../domain/instance.ts';
import { landedElsewhere } from '../../domain/queue/landed-as.ts';
import type { EventOf } from '../../ports/events.ts';

type UndoEvent = EventOf<'undo-started' | 'undo-stopped' | 'landing-undone' | 'branch-exported'>;

/** The state of a run after its landing was undone, could not be undone, or was exported to a branch. */
export function foldUndo(instance: Instance, event: UndoEvent): Instance {
  switch (event.type) {
    case 'undo-started':
      return { ...instance, undoing: { landed: event.landed, base: event.base } };
    case 'undo-stopped':
      return {
        ...withoutUndoing(instance),
        ...(event.builtOn === true ? { builtOn: true as const } : {}),
        reason: `its landing could not be undone: ${event.reason}`,
      };
    case 'landing-undone':
      return event.by === 'move' ? movedBack(instance) : reverted(instance, event.commit);
    case 'branch-exported': {
      const { at, branchName, commit, reason } = event;
      return { ...instance, exported: { at, branchName, commit, reason } };
    }
  }
}

/**
 * A landing counts as reverted as long as its revert stands, and no longer: a revert may be reverted too. `runId`: the run that an event
 * was just recorded for.
 */
export function withReverted(before: readonly Instance[], runId: RunId): readonly Instance[] {
  const own = before.find(one => one.runId === runId);
  if (own === undefined) return before;
  const now = asItStands(before, own);
  const instances = now === own ? before : before.map(one => (one === own ? now : one));
  const of = own.reverts?.runId;
  const subject = of === undefined ? undefined : instances.find(one => one.runId === of);
  if (subject === undefined) return instances;
  const revert = instances.find(one => isRevertOf(one, subject) && stillLanded(one));
  if ((revert !== undefined) === (subject.takenBack !== undefined)) return instances;
  const next = revert === undefined ? withoutRevert(subject) : reverted(subject, revert.merge.landed);
  return withReverted(
    instances.map(one => (one === subject ? next : one)),
    subject.runId,
  );
}

/** What came to the target under a revert that stands there is reverted; what is not on the target any more has nothing to revert. */
function asItStands(instances: readonly Instance[], one: Instance): Instance {
  const { takenBack, ...rest } = one;
  if (!hasLanded(one.state)) return takenBack === undefined ? one : rest;
  if (takenBack !== undefined) return one;
  const revert = instances.find(other => isRevertOf(other, one) && stillLanded(other));
  return revert === undefined ? one : reverted(one, revert.merge.landed);
}

function isRevertOf({ reverts }: Instance, { runId, merge }: Instance): boolean {
  return reverts?.runId === runId && reverts.commit === merge.landed;
}

function withoutRevert({ takenBack: _takenBack, ...instance }: Instance): Instance {
  const { landedAs } = instance;
  return { ...instance, reason: landedAs?.by === 'other' ? landedElsewhere(landedAs) : null };
}

/** The target is where it was before: the branch needs approval again, unless it was cleaned up already. */
function movedBack(instance: Instance): Instance {
  const { slug, head, state } = instance;
  const again = { state: 'blocked', reason: 'its landing was reverted; approve it to land it again' } as const;
  const merge = {
    ...instance.merge,
    prediction: 'unknown' as const,
    approvedHead: null,
    candidate: null,
    landed: null,
    landedAt: null,
    movedBack: true as const,
  };
  const { landedAs: _, ...rest } = withoutUndoing(instance);
  const back = { ...rest, merge };
  if (state === 'cleaned') {
    const reason = `its landing was reverted after it was cleaned up; restore it with "cm-tui restore ${slug}"`;
    return { ...back, state: 'rejected', reason, removed: { head, saved: null, from: again } };
  }
  return { ...back, ...again };
}

function reverted(instance: Instance, commit: string | null): Instance {
  const takenBack = commit ?? instance.merge.landed ?? '';
  return { ...withoutUndoing(instance), takenBack, reason: `reverted by ${takenBack.slice(0, 10)}` };
}

function withoutUndoing({ undoing: _undoing, ...instance }: Instance): Instance {
  return instance;
}
