import type { CoordinatorEvent } from '../../coordinator/state/events.ts';
import { CmError } from '../../domain/errors.ts';
import type { JournalLoad, JournalPort, JournalRecord } from '../../ports/journal.ts';
import { readStable } from './attach.ts';
import { type Chain, linkStore, readStore } from './chain.ts';
import type { JournalWriteError } from './errors.ts';
import { encodeRecord, headerType, type Migrations, recordVersion, snapshotType } from './record.ts';
import { beginAnew, rotate } from './rotate.ts';
import { JournalWriter } from './writer.ts';

const defaultSnapshotEvery = 500;

export interface JournalOptions {
  /** The state folder; made with mode 0700 where it is missing. */
  readonly dir: string;
  readonly bootId: string;
  /** Milliseconds since boot. */
  readonly uptime: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * The fold of every event that was loaded or appended so far, as plain JSON. Called between two turns of the event loop and never
   * before the first append, so the loaded events must be folded before that and every event within the turn that records it.
   * Without it there are no snapshots and the journal only grows.
   */
  readonly snapshotState?: () => unknown;
  /** Records between two snapshots. */
  readonly snapshotEvery?: number;
  /** Hears when the journal can no longer be written, and null when it can again. */
  readonly onTrouble?: (trouble: JournalWriteError | null) => void;
  /** Makes records of older versions readable; version 1 is the first. */
  readonly migrations?: Migrations;
}

export interface Journal extends JournalPort {
  /** Why nothing can be written now, or null. */
  trouble(): JournalWriteError | null;
  /** Puts every record appended so far on disk. */
  flush(): void;
  /** Stores a snapshot now and begins a new journal file; false where there was nothing to do or no space for it. */
  snapshot(): boolean;
  /**
   * Ends a `damaged` journal with the user's consent: its files are set aside and a new one begins on `state`, the rebuilt fold.
   * Throws a `JournalWriteError` where that cannot be written; the journal then still loads as damaged.
   */
  recover(state: unknown): void;
}

/** `reading`: loaded without the right to write. */
type Mode = 'unloaded' | 'reading' | 'damaged' | 'writing' | 'closed';

/** The append-only journal of a state folder. Its caller must own the repository (see the lock) for everything but a read-only load. */
export function createJournal(options: JournalOptions): Journal {
  return new FileJournal(options);
}

class FileJournal implements Journal {
  readonly #options: JournalOptions;
  readonly #migrations: Migrations;
  readonly #writer: JournalWriter;
  #mode: Mode = 'unloaded';
  #snapshotSeq = 0;
  #snapshotTimer: NodeJS.Immediate | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#migrations = options.migrations ?? {};
    this.#writer = new JournalWriter({
      dir: options.dir,
      now: options.now,
      migrations: this.#migrations,
      header: seq => this.#line(headerType, seq, {}),
      onTrouble: trouble => options.onTrouble?.(trouble),
    });
  }

  async load({ readOnly = false }: { readonly readOnly?: boolean } = {}): Promise<JournalLoad> {
    if (this.#mode !== 'unloaded') throw new Error('a journal is loaded once');
    const { dir } = this.#options;
    if (readOnly) {
      const settled = (found: Chain): boolean => found.kind === 'fresh' || (found.kind === 'ok' && !found.scan.torn);
      const chain = await readStable(dir, bytes => linkStore(bytes, this.#migrations), settled);
      this.#mode = 'reading';
      return toLoad(chain, null);
    }
    const bytes = readStore(dir);
    const chain = linkStore(bytes, this.#migrations);
    if (chain.kind === 'damaged') {
      this.#writer.seq = chain.lastSeq;
      this.#mode = 'damaged';
      return toLoad(chain, null);
    }
    this.#snapshotSeq = chain.kind === 'ok' ? (chain.snapshot?.seq ?? 0) : 0;
    this.#mode = 'writing';
    return toLoad(chain, this.#writer.begin(chain, bytes));
  }

  append(event: CoordinatorEvent, durable: boolean): JournalRecord {
    this.#requireWriting();
    const { type, ...data } = event;
    const record = { v: recordVersion, seq: this.#writer.seq + 1, ...this.#stamp(), type, data } as const;
    const { line, crc } = encodeRecord(record);
    this.#writer.append(line, durable);
    this.#snapshotWhenDue();
    return { ...record, crc };
  }

  trouble(): JournalWriteError | null {
    return this.#writer.trouble;
  }

  flush(): void {
    if (this.#mode === 'writing') this.#writer.flush();
  }

  snapshot(): boolean {
    this.#requireWriting();
    const { dir, snapshotState } = this.#options;
    const { seq } = this.#writer;
    if (snapshotState === undefined || seq === this.#snapshotSeq) return false;
    // Attached first: where an earlier rotation stopped half-way the journal is still the file that this one would write anew.
    this.#writer.attach();
    this.#writer.flush();
    let done: boolean;
    try {
      done = rotate(dir, this.#line(snapshotType, seq, snapshotState()), this.#line(headerType, seq, {}));
    } catch (error) {
      this.#writer.abandon();
      throw this.#writer.fail(error);
    }
    if (!done) return false;
    this.#snapshotSeq = seq;
    this.#writer.reopen();
    return true;
  }

  recover(state: unknown): void {
    if (this.#mode !== 'damaged') throw new Error('only a damaged journal is recovered');
    const { dir, now } = this.#options;
    const seq = this.#writer.seq + 1;
    try {
      beginAnew(dir, this.#line(snapshotType, seq, state), this.#line(headerType, seq, {}), now());
    } catch (error) {
      throw this.#writer.fail(error);
    }
    this.#writer.seq = seq;
    this.#snapshotSeq = seq;
    this.#mode = 'writing';
    this.#writer.reopen();
    this.#writer.repaired();
  }

  close(): void {
    if (this.#snapshotTimer !== null) clearImmediate(this.#snapshotTimer);
    this.#snapshotTimer = null;
    this.#writer.close();
    this.#mode = 'closed';
  }

  #requireWriting(): void {
    switch (this.#mode) {
      case 'writing':
        return;
      case 'damaged':
        throw new CmError('The journal is damaged and nothing is written to it: agree to its recovery first.', 3);
      case 'reading':
        throw new CmError('The journal was opened for reading only: another cm-tui owns the repository.', 4);
      case 'unloaded':
      case 'closed':
        throw new Error(`the journal is ${this.#mode}`);
    }
  }

  #snapshotWhenDue(): void {
    const { snapshotState, snapshotEvery = defaultSnapshotEvery } = this.#options;
    if (snapshotState === undefined || this.#snapshotTimer !== null) return;
    if (this.#writer.seq - this.#snapshotSeq < snapshotEvery) return;
    this.#snapshotTimer = setImmediate(() => {
      this.#snapshotTimer = null;
      try {
        // Without space the journal grows on, and the next snapshot is tried when as many records have come again.
        if (!this.snapshot()) this.#snapshotSeq = this.#writer.seq;
      } catch {
        // Told through onTrouble; the next append finds the files and goes on from there.
      }
    }).unref();
  }

  #line(type: string, seq: number, data: unknown): Buffer {
    return encodeRecord({ v: recordVersion, seq, ...this.#stamp(), type, data }).line;
  }

  #stamp(): { readonly ts: string; readonly boot: string; readonly up: number } {
    const { now, bootId, uptime } = this.#options;
    return { ts: new Date(now()).toISOString(), boot: bootId, up: Math.round(uptime()) };
  }
}

function toLoad(chain: Chain, aside: string | null): JournalLoad {
  if (chain.kind === 'fresh') return { outcome: 'ok', events: [], tornTail: false, snapshot: null, remarks: [] };
  const events = chain.events.map(entry => entry.event);
  const { snapshot } = chain;
  if (chain.kind === 'damaged') {
    const later = chain.later.map(entry => entry.event);
    return { outcome: 'damaged', events, later, snapshot, line: chain.line, message: chain.message };
  }
  const remarks: string[] = [];
  if (aside !== null) remarks.push(`The journal's last record was cut short; its bytes stand in ${aside}.`);
  if (chain.newestSnapshot === 'bad') {
    remarks.push('The newest snapshot cannot be read; the one before it and a longer journal were used.');
  }
  return { outcome: 'ok', events, tornTail: chain.scan.torn, snapshot, remarks };
}
