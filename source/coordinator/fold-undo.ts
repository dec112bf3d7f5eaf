import type { Instance } from '../domain/instance.ts';
import type { EventOf } from './events.ts';

type UndoEvent = EventOf<'undo-started' | 'undo-stopped' | 'landing-undone' | 'branch-exported'>;

/** How a run stands after its landing was, or was not, taken back, or was put on a branch of its own. */
export function undone(instance: Instance, event: UndoEvent): Instance {
  switch (event.type) {
    case 'undo-started':
      return { ...instance, undoing: { landed: event.landed, base: event.base } };
    case 'undo-stopped':
      return { ...withoutUndoing(instance), reason: `its landing could not be undone: ${event.reason}` };
    case 'landing-undone':
      return event.by === 'move' ? movedBack(instance) : reverted(instance, event.commit);
    case 'branch-exported': {
      const { at, branchName, commit, reason } = event;
      return { ...instance, exported: { at, branchName, commit, reason } };
    }
  }
}

/** The target is where it was before: the branch waits for a new yes, unless it was cleaned up already. */
function movedBack(instance: Instance): Instance {
  const { branchName, head, state } = instance;
  const merge = {
    ...instance.merge,
    prediction: 'unknown' as const,
    approvedHead: null,
    candidate: null,
    landed: null,
    landedAt: null,
  };
  const back = { ...withoutUndoing(instance), merge };
  if (state === 'cleaned') {
    const reason = `its landing was taken back after its branch was cleaned up; "git branch ${branchName} ${head ?? ''}" brings it back`;
    return { ...back, state: 'rejected', reason };
  }
  return { ...back, state: 'blocked', reason: 'its landing was taken back; approve it to land it again' };
}

function reverted(instance: Instance, commit: string | null): Instance {
  const takenBack = commit ?? instance.merge.landed ?? '';
  return { ...withoutUndoing(instance), takenBack, reason: `taken back by ${takenBack.slice(0, 10)}` };
}

function withoutUndoing({ undoing: _undoing, ...instance }: Instance): Instance {
  return instance;
}
