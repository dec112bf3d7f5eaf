import { type Instance, type InstanceState, isDismissed } from '../../domain/instance.ts';
import { latestInstances, queueInstances } from './selectors.ts';
import type { State } from './state.ts';

/** What a person has to decide, most pressing first; the names of the groups on the line below the header. */
export type AttentionKind = 'review' | 'conflict' | 'red checks' | 'blocked' | 'needs you' | 'failed';

export interface Attention {
  readonly kind: AttentionKind;
  readonly instance: Instance;
}

const kinds: Readonly<Partial<Record<InstanceState, AttentionKind>>> = {
  'awaiting-approval': 'review',
  conflict: 'conflict',
  'checks-failed': 'red checks',
  blocked: 'blocked',
  'needs-attention': 'needs you',
  failed: 'failed',
  interrupted: 'failed',
  'no-work': 'failed',
};

const order: readonly AttentionKind[] = ['review', 'conflict', 'red checks', 'blocked', 'needs you', 'failed'];

/** Every run that waits for a person: what can land first, then what went wrong, in the order of queue and ROADMAP. */
export function attentionOf(state: State): readonly Attention[] {
  const queue = queueInstances(state);
  const runs = [...queue, ...latestInstances(state).values()].filter((one, at, all) => all.indexOf(one) === at);
  const found = runs.flatMap((instance): Attention[] => {
    const kind = kinds[instance.state];
    return kind === undefined || isDismissed(instance) ? [] : [{ kind, instance }];
  });
  return order.flatMap(kind => found.filter(one => one.kind === kind));
}
