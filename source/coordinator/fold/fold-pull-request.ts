import type { Instance } from '../../domain/instance.ts';
import type { EventOf } from '../../ports/events.ts';

/** A run after something happened to its pull request. An approved branch keeps its place, and waits for the forge. */
export function foldPullRequest(
  instance: Instance,
  event: EventOf<'pr-opened' | 'pr-failed' | 'pr-changed'>,
): Instance {
  switch (event.type) {
    case 'pr-opened': {
      const { prFailed: _failed, ...rest } = instance;
      const { head, pr } = event;
      return { ...rest, pr: { ...pr, head }, state: rest.state === 'checking' ? 'queued' : rest.state };
    }
    case 'pr-failed':
      return { ...instance, prFailed: { at: event.at, reason: event.reason } };
    case 'pr-changed':
      return instance.pr === undefined ? instance : { ...instance, pr: { ...event.pr, head: instance.pr.head } };
  }
}
