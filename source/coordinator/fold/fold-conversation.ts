import type { Instance } from '../../domain/instance.ts';
import type { EventOf } from '../../ports/events.ts';

type ConversationEvent = EventOf<'permission-asked' | 'permission-answered' | 'message-sent' | 'turn-interrupted'>;

/** What an agent at work asked, and what was said to it. */
export function foldConversation(instance: Instance, event: ConversationEvent): Instance {
  const { asks } = instance;
  switch (event.type) {
    case 'permission-asked': {
      const { ask, words, detail, command, at } = event;
      const open = { ask, words, detail, since: at, ...(command === undefined ? {} : { command }) };
      return { ...instance, asks: { last: ask, open: [...(asks?.open ?? []), open] } };
    }
    case 'permission-answered': {
      const open = (asks?.open ?? []).filter(one => one.ask !== event.ask);
      return { ...instance, asks: { last: asks?.last ?? event.ask, open } };
    }
    case 'message-sent':
    case 'turn-interrupted':
      return { ...instance, said: (instance.said ?? 0) + 1 };
  }
}

/** Nobody can answer an agent that has ended. */
export function withoutOpenAsks(instance: Instance): Instance {
  return instance.asks === undefined ? instance : { ...instance, asks: { ...instance.asks, open: [] } };
}

/** How many refused commands of a run are kept in words. */
const namedRefusals = 5;

export function withRefused(before: Instance['refused'], words: string): NonNullable<Instance['refused']> {
  const { count, first } = before ?? { count: 0, first: [] };
  return { count: count + 1, first: first.length < namedRefusals ? [...first, words] : first };
}
