import type { CoordinatorEvent } from '../../coordinator/events.ts';

/** Every type of event this program writes; the compiler keeps the table complete. */
const known: Readonly<Record<CoordinatorEvent['type'], true>> = {
  'coordinator-started': true,
  'coordinator-stopped': true,
  'loop-changed': true,
  'spawns-paused': true,
  'queue-paused': true,
  'item-added': true,
  'item-pinned': true,
  'instance-requested': true,
  'instance-renamed': true,
  'worktree-created': true,
  'instance-started': true,
  'instance-adopted': true,
  'session-known': true,
  'instance-resumed': true,
  'result-reported': true,
  'usage-reported': true,
  'end-requested': true,
  'cooldown-started': true,
  'cancel-requested': true,
  'instance-exited': true,
  'instance-judged': true,
  'instance-failed': true,
  'merge-predicted': true,
  'merge-approved': true,
  'merge-rejected': true,
  'approval-voided': true,
  'queue-jumped': true,
  'queue-held': true,
  'queue-requeued': true,
  'candidate-prepared': true,
  'checks-started': true,
  'check-running': true,
  'checks-finished': true,
  'landing-started': true,
  landed: true,
  'landing-stopped': true,
  'status-written': true,
  'cleanup-started': true,
  'instance-cleaned': true,
  'cleanup-stopped': true,
  'notice-raised': true,
};

/** True for a type of event that this version can fold. */
export function isKnownType(type: string): type is CoordinatorEvent['type'] {
  return Object.hasOwn(known, type);
}
