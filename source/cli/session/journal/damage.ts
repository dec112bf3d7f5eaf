import type { JournalRuns } from '../../../coordinator/recovery/strangers.ts';
import { CmError } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { JournalLoad } from '../../../ports/journal.ts';

/** A journal that must not be built on. */
export type Damaged = Extract<JournalLoad, { readonly outcome: 'damaged' }>;

/** The journal is unreliable from some line on (exit 3); nothing is written before a person has agreed to rebuild it. */
export class JournalDamage extends CmError {
  override readonly name = 'JournalDamage';

  constructor({ message }: Damaged) {
    super(
      `${sanitizeLine(message, 600)} Run "cm-tui doctor --recover" to rebuild it; until then everything is read-only.`,
      3,
    );
  }
}

/** What of a snapshot tells which runs there are. */
interface SnapshotRuns {
  readonly instances?: readonly { readonly runId: string; readonly slug: string }[];
}

/** The runs that a journal tells of; the journal verifies a snapshot's checksum before returning it. */
export function knownRunsOf(load: Pick<JournalLoad, 'events' | 'snapshot'>): JournalRuns {
  const { instances = [] } = (load.snapshot?.state ?? {}) as SnapshotRuns;
  const ids = new Set(instances.map(({ runId }) => runId));
  const slugs = new Set(instances.map(({ slug }) => slug));
  for (const event of load.events) {
    if (event.type !== 'instance-requested' && event.type !== 'instance-renamed') continue;
    ids.add(event.runId);
    slugs.add(event.slug);
  }
  return { ids, slugs };
}
