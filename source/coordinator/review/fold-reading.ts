import type { Instance } from '../../domain/instance.ts';
import type { AgentReading, AgentReadings } from '../../domain/review/reading.ts';
import { noReview } from '../../domain/review/review.ts';
import { addUsage } from '../../domain/usage.ts';
import type { EventOf } from '../../ports/events.ts';

/** A run after a fact about an agent that reads its work. The run's own state is never another for it. */
export function foldReading(
  instance: Instance,
  event: EventOf<'reading-started' | 'reading-running' | 'reading-finished'>,
): Instance {
  const { purpose, number } = event;
  const before = instance.readings?.[purpose];
  switch (event.type) {
    case 'reading-started': {
      if (before?.number === number) return instance;
      const { agent, head, slot, of } = event;
      const begun = { number, agent, head, slot, process: null, startedUp: null, ended: false };
      const again = before?.until !== undefined && before.head === head ? { tries: before.tries ?? 1 } : {};
      return withReading(instance, purpose, { ...begun, ...again, ...(of === undefined ? {} : { of }) });
    }
    case 'reading-running':
      if (before?.number !== number) return instance;
      return withReading(instance, purpose, { ...before, process: event.process, startedUp: event.up });
    case 'reading-finished': {
      if (before?.number !== number || before.ended) return instance;
      const { outcome, words, comments, changed, until, tries } = event;
      const { tries: _tries, ...known } = before;
      const ended = withReading(used(instance, event), purpose, {
        ...known,
        ended: true,
        outcome,
        words,
        found: comments.length,
        ...(changed === undefined ? {} : { changed }),
        ...(until === undefined ? {} : { until, tries: tries ?? 1 }),
      });
      return outcome === 'done' && purpose === 'review' ? withComments(ended, comments) : ended;
    }
  }
}

function withReading(instance: Instance, purpose: 'review' | 'judge', reading: AgentReading): Instance {
  return withReadings(instance, { [purpose]: reading });
}

function withReadings(instance: Instance, change: Partial<AgentReadings>): Instance {
  return { ...instance, readings: { ...instance.readings, ...change } };
}

function used(instance: Instance, { usage }: EventOf<'reading-finished'>): Instance {
  if (usage === undefined) return instance;
  const before = instance.readings?.usage;
  return withReadings(instance, { usage: before === undefined ? usage : addUsage(before, usage) });
}

/** What an agent found in an earlier commit, and nobody has sent, is what it finds now. */
function withComments(instance: Instance, found: EventOf<'reading-finished'>['comments']): Instance {
  const { review = noReview } = instance;
  const kept = review.comments.filter(({ by, sentAt }) => by === undefined || sentAt !== null);
  if (kept.length === review.comments.length && found.length === 0) return instance;
  return { ...instance, review: { ...review, comments: [...kept, ...found] } };
}

/** Findings went back to the run's agent by themselves, once more. */
export function withRound(instance: Instance): Instance {
  return withReadings(instance, { rounds: (instance.readings?.rounds ?? 0) + 1 });
}
