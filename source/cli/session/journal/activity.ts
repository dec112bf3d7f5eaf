import { ActivityReader, ActivityWriter, lastActivity } from '../../../adapters/activity/activity-file.ts';
import { describeEvent } from '../../../coordinator/state/activity.ts';
import type { DurableState } from '../../../coordinator/state/state.ts';
import type { Activity } from '../../../domain/timeline/activity.ts';
import type { CoordinatorEvent } from '../../../ports/events.ts';
import type { JournalLoad } from '../../../ports/journal.ts';
import type { Runtime } from '../../../runtime/runtime.ts';
import type { Context } from '../context.ts';
import { readJournal } from './open-journal.ts';
import { knownOf } from './rebuild-journal.ts';

/** An event with its key and its words: a line of the activity log, and of `cm-tui events --json`. */
export function activityOf(
  { seq, ts }: Pick<Activity, 'seq' | 'ts'>,
  event: CoordinatorEvent,
  known: Pick<DurableState, 'instances' | 'adHoc'>,
): Activity {
  const { at: _, ...fields } = event;
  return { seq, ts, ...describeEvent(event, known), ...withoutOwnText(fields) };
}

/** A notice has a text of its own; in the log the one without the key stands for it. */
function withoutOwnText<T extends object>(fields: T): Omit<T, 'text' | 'key' | 'level'> {
  const { text: _, key: __, level: ___, ...rest } = fields as T & { text?: unknown; key?: unknown; level?: unknown };
  return rest;
}

/** Keeps the activity log of this coordinator, and adds what the journal knows and the log does not: it was written to before. */
export function keepActivity({ stateDir }: Pick<Context, 'stateDir'>, runtime: Runtime, load: JournalLoad): void {
  const writer = new ActivityWriter(stateDir);
  const predicted = new Map<string, string | null>();
  for (const missing of missingFrom(load, lastActivity(stateDir)?.seq ?? 0)) writer.append(missing);
  runtime.onFact((record, event) => {
    const activity = activityOf(record, event, runtime.state());
    if (event.type !== 'merge-predicted') return writer.append(activity);
    // A trial merge is made again whenever the target moves; only another outcome is worth a line.
    const same = predicted.get(event.runId) === activity.text;
    predicted.set(event.runId, activity.text);
    writer.append(same ? { ...activity, text: null } : activity);
  });
}

/** A reader of the activity log that also knows what the journal has and the log lacks, for its first reading. */
export async function openActivity(context: Context): Promise<{ read(): readonly Activity[] }> {
  const reader = new ActivityReader(context.stateDir);
  const load = await readJournal(context);
  let first = true;
  return {
    read() {
      const found = reader.read();
      if (!first) return found;
      first = false;
      return [...found, ...missingFrom(load, found.at(-1)?.seq ?? 0)];
    },
  };
}

/** Events of the journal behind `seq`. Its records are numbered without a gap. */
function missingFrom(load: JournalLoad, seq: number): readonly Activity[] {
  const before = load.snapshot?.seq ?? 0;
  const missing = load.events.map((event, index) => ({ event, seq: before + index + 1 })).filter(one => one.seq > seq);
  if (missing.length === 0) return [];
  const known = knownOf(load);
  return missing.map(one => activityOf({ seq: one.seq, ts: new Date(one.event.at).toISOString() }, one.event, known));
}
