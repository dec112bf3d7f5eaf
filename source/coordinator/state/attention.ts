import { type Instance, type InstanceState, isDismissed } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { isTried, shownState } from '../../domain/state-labels.ts';
import { waitsForSettings } from '../runs/settings-change.ts';
import { latestInstances, queueInstances } from './selectors.ts';
import type { State } from './state.ts';

/** What a person has to decide, most pressing first; the names of the groups on the line below the header. */
export type AttentionKind =
  | 'permission'
  | 'review'
  | 'question'
  | 'conflict'
  | 'red checks'
  | 'blocked'
  | 'reverted'
  | 'needs you'
  | 'failed';

export interface Attention {
  readonly kind: AttentionKind;
  readonly instance: Instance;
}

const kinds: Readonly<Partial<Record<InstanceState, AttentionKind>>> = {
  'awaiting-approval': 'review',
  asks: 'question',
  conflict: 'conflict',
  'checks-failed': 'red checks',
  blocked: 'blocked',
  'needs-attention': 'needs you',
  failed: 'failed',
  interrupted: 'failed',
  'no-work': 'failed',
};

const order: readonly AttentionKind[] = [
  // It stops an agent at work.
  'permission',
  'review',
  'question',
  'conflict',
  'red checks',
  'blocked',
  'reverted',
  'needs you',
  'failed',
];

/**
 * What comes after what is selected, round and round; null: nothing needs anybody. Settings that were changed while an agent ran come
 * before every run. `atSettings`: they are what is shown.
 */
export function nextAttention(
  state: State,
  { item, instance }: { readonly item: Item | null; readonly instance: Instance | null },
  atSettings = false,
): Instance | 'settings' | null {
  const all = attentionOf(state);
  const itemId = instance?.priorityId ?? item?.id;
  const here = atSettings ? -1 : all.findIndex(one => one.instance.priorityId === itemId);
  if (waitsForSettings(state) && !atSettings && (here < 0 || here === all.length - 1)) return 'settings';
  return all[(here + 1) % Math.max(1, all.length)]?.instance ?? null;
}

/** Every run that waits for a person: what can land first, then what went wrong, in the order of queue and ROADMAP. */
export function attentionOf(state: State): readonly Attention[] {
  const queue = queueInstances(state);
  const runs = [...queue, ...latestInstances(state).values()].filter((one, at, all) => all.indexOf(one) === at);
  const found = runs.flatMap((instance): Attention[] => {
    const asksNow = instance.state === 'running' && (instance.asks?.open.length ?? 0) > 0;
    const isReverted = shownState(instance) === 'reverted' && instance.state === 'blocked';
    const kind = asksNow ? 'permission' : isReverted ? 'reverted' : kinds[instance.state];
    // It is ready for review once its trial merge is known.
    const ready = kind !== 'review' || isTried(instance);
    return kind === undefined || !ready || isDismissed(instance) ? [] : [{ kind, instance }];
  });
  return order.flatMap(kind => found.filter(one => one.kind === kind));
}
