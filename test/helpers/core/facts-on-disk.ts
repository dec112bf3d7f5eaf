import type { CoordinatorEvent } from '../../../source/ports/events.ts';

/**
 * Which facts have to be on disk before anything else happens, and why the others need not be. Written down here once more, on purpose: the
 * list of the program is not asked.
 */
export const factsOnDisk: Readonly<Record<CoordinatorEvent['type'], 'on disk' | `may be lost: ${string}`>> = {
  'coordinator-started': 'may be lost: the next one starts anyway',
  'coordinator-stopped': 'may be lost: so it was killed',
  'loop-changed': 'on disk',
  'spawns-paused': 'on disk',
  'queue-paused': 'on disk',
  'item-added': 'on disk',
  'item-pinned': 'on disk',
  'instance-requested': 'on disk',
  'instance-renamed': 'on disk',
  'worktree-created': 'may be lost: git shows the worktree',
  'instance-started': 'on disk',
  'instance-adopted': 'may be lost: the process table shows it again',
  'session-known': 'on disk',
  'instance-resumed': 'on disk',
  'result-reported': 'on disk',
  'usage-reported': 'may be lost: the log holds it',
  'end-requested': 'on disk',
  'cooldown-started': 'may be lost: the program says so again',
  'cancel-requested': 'on disk',
  'instance-exited': 'on disk',
  'instance-judged': 'may be lost: git is asked again',
  'outside-changed': 'on disk',
  'settings-sealed': 'on disk',
  'instance-failed': 'may be lost: what is there shows that it failed',
  'merge-predicted': 'may be lost: the merge is tried again',
  'merge-approved': 'on disk',
  'merge-rejected': 'on disk',
  'approval-voided': 'on disk',
  'queue-jumped': 'on disk',
  'queue-held': 'on disk',
  'queue-requeued': 'on disk',
  'candidate-prepared': 'on disk',
  'checks-started': 'on disk',
  'speculation-dropped': 'may be lost: it is dropped again',
  'check-running': 'on disk',
  'checks-finished': 'on disk',
  'landing-started': 'on disk',
  landed: 'on disk',
  'landing-stopped': 'may be lost: the landing is tried again',
  'undo-started': 'on disk',
  'undo-stopped': 'may be lost: git shows that nothing was undone',
  'landing-undone': 'on disk',
  'replay-started': 'on disk',
  'branch-replayed': 'on disk',
  'replay-stopped': 'on disk',
  'branch-exported': 'on disk',
  'status-written': 'may be lost: the target shows it',
  'cleanup-started': 'on disk',
  'instance-cleaned': 'on disk',
  'cleanup-stopped': 'may be lost: it is stopped by the same again',
  'notice-raised': 'may be lost: it asks for nothing',
};

/** Facts that have to be on disk before anything else happens. */
export const mustBeOnDisk: ReadonlySet<string> = new Set(
  Object.entries(factsOnDisk).flatMap(([type, where]) => (where === 'on disk' ? [type] : [])),
);
