import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CmError } from '../../domain/errors.ts';
import type { CoordinatorEvent } from '../../ports/events.ts';
import type { JournalLoad, JournalPort, JournalRecord, JournalSnapshot } from '../../ports/journal.ts';
import { failpoint } from '../failpoint.ts';
import { syncFolder } from '../regular-file.ts';
import { bootName } from './end.ts';
import type { JournalWriteError } from './errors.ts';
import { asideName, exists, makeFolder, names } from './files.ts';
import { oldPaths } from './old-layout.ts';
import { encodeRecord, headerType, type Migrations, recordVersion, snapshotType } from './record.ts';
import {
  type DamagedJournal,
  damaged,
  type Found,
  judgeStore,
  readStable,
  readStore,
  type StoreBytes,
} from './store.ts';
import { JournalWriter } from './writer.ts';

const defaultCompactEvery = 500;

export interface JournalOptions {
  /** The state folder; made with mode 0700 where it is missing. */
  readonly dir: string;
  /** Path of the repository's git folder, noted in a journal that is begun here; empty: not noted. */
  readonly place?: string;
  /**
   * What of cm-tui's exists in the repository although a readable journal does not know it, one phrase each (`1 worktree`). Any of these
   * makes the journal damaged: it was started again, or is another one.
   */
  readonly strangers?: (load: SoundLoad) => Promise<readonly string[]>;
  readonly bootId: string;
  /** Milliseconds since boot. */
  readonly uptime: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * The fold of every event that was loaded or appended so far, as plain JSON. Called between two turns of the event loop and never
   * before the first append, so the loaded events must be folded before that and every event within the turn that records it.
   * Without it the journal only grows.
   */
  readonly snapshotState?: () => unknown;
  /** Records after which the journal is compacted to their fold. */
  readonly compactEvery?: number;
  /** Hears when the journal can no longer be written, once for each reason and not with every try, and null when it can again. */
  readonly onTrouble?: (trouble: JournalWriteError | null) => void;
  /** Hears how many records of somebody else were found in the journal while it was written; they are taken out again. */
  readonly onForeign?: (count: number) => void;
  /** Makes records of older versions readable; version 1 is the first. */
  readonly migrations?: Migrations;
}

/** What a journal that reads as whole tells, before anything is compared with it. */
export interface SoundLoad {
  readonly events: readonly CoordinatorEvent[];
  readonly snapshot: JournalSnapshot | null;
  /** Nothing but the file itself says that it is whole and of this repository. */
  readonly unvouched: boolean;
}

export interface Journal extends JournalPort {
  /** Why nothing can be written now, or null. */
  trouble(): JournalWriteError | null;
  /** Puts every record appended so far on disk. */
  flush(): void;
  /** Compacts the journal to the fold of all records; false if there was nothing to do or no space for it. */
  compact(): boolean;
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
  #damage: DamagedJournal | null = null;
  /** The last that was said of its trouble. */
  #said: string | null = null;
  /** The last record that is folded into the file's first lines. */
  #compactedSeq = 0;
  #compactTimer: NodeJS.Immediate | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#migrations = options.migrations ?? {};
    this.#writer = new JournalWriter({
      dir: options.dir,
      now: options.now,
      migrations: this.#migrations,
      newId: () => randomBytes(8).toString('hex'),
      head: (id, seq, state) => this.#head(id, seq, state),
      onTrouble: trouble => this.#hearTrouble(trouble),
      boot: bootName(options.bootId),
      onForeign: count => options.onForeign?.(count),
    });
  }

  #hearTrouble(trouble: JournalWriteError | null): void {
    const sentence = trouble?.message ?? null;
    if (sentence !== this.#said) this.#options.onTrouble?.(trouble);
    this.#said = sentence;
  }

  async load({ readOnly = false }: { readonly readOnly?: boolean } = {}): Promise<JournalLoad> {
    if (this.#mode !== 'unloaded') throw new Error('a journal is loaded once');
    const { dir } = this.#options;
    if (readOnly) {
      const settled = (one: Found): boolean => one.kind === 'fresh' || (one.kind === 'ok' && one.torn === null);
      const found = await readStable(dir, bytes => this.#judge(bytes), settled);
      this.#mode = 'reading';
      return toLoad(await this.#compared(found), null);
    }
    const found = await this.#compared(this.#judge(readStore(dir)));
    if (found.kind === 'damaged') {
      this.#writer.seq = found.lastSeq;
      this.#damage = found;
      this.#mode = 'damaged';
      return toLoad(found, null);
    }
    this.#compactedSeq = found.kind === 'ok' ? (found.snapshot?.seq ?? 0) : 0;
    this.#mode = 'writing';
    return toLoad(found, this.#writer.begin(found));
  }

  append(event: CoordinatorEvent, durable: boolean): JournalRecord {
    this.#requireWriting();
    const { type, ...data } = event;
    const record = { v: recordVersion, seq: this.#writer.seq + 1, ...this.#stamp(), type, data } as const;
    const { line, crc } = encodeRecord(record);
    this.#writer.append(line, durable);
    this.#compactWhenDue();
    return { ...record, crc };
  }

  trouble(): JournalWriteError | null {
    return this.#writer.trouble;
  }

  flush(): void {
    if (this.#mode === 'writing') this.#writer.flush();
  }

  compact(): boolean {
    this.#requireWriting();
    const { snapshotState } = this.#options;
    const { seq } = this.#writer;
    if (snapshotState === undefined || seq === this.#compactedSeq) return false;
    if (!this.#writer.compact(snapshotState())) return false;
    this.#compactedSeq = seq;
    return true;
  }

  recover(state: unknown): void {
    const damage = this.#damage;
    if (this.#mode !== 'damaged' || damage === null) throw new Error('only a damaged journal is recovered');
    const seq = this.#writer.seq + 1;
    try {
      this.#setAside();
    } catch (error) {
      throw this.#writer.fail(error);
    }
    this.#writer.restart(damage.mark?.id ?? null, seq, state);
    this.#compactedSeq = seq;
    this.#mode = 'writing';
  }

  close(): void {
    if (this.#compactTimer !== null) clearImmediate(this.#compactTimer);
    this.#compactTimer = null;
    this.#writer.close();
    this.#mode = 'closed';
  }

  #judge(bytes: StoreBytes): Found {
    return judgeStore(bytes, this.#migrations, bootName(this.#options.bootId));
  }

  /** A journal that reads as whole, and yet does not know what is here, is not the one that was written. */
  async #compared(found: Found): Promise<Found> {
    if (found.kind === 'damaged') return found;
    const { place = '', strangers } = this.#options;
    const isFresh = found.kind === 'fresh';
    const isElsewhere = !isFresh && found.place !== null && found.place !== place && place !== '';
    const load: SoundLoad = {
      events: isFresh ? [] : found.events.map(entry => entry.event),
      snapshot: isFresh ? null : found.snapshot,
      unvouched: isFresh || found.unmarked || isElsewhere,
    };
    const unknown = (await strangers?.(load)) ?? [];
    if (unknown.length === 0) return found;
    const what = isFresh ? 'is missing although there are' : 'does not mention';
    const why = `${names.journal} ${what} ${unknown.join(', ')}`;
    // Begun in another place: its records are of another repository.
    const kept = isFresh || isElsewhere ? { snapshot: null, events: [] } : found;
    const ours = isFresh || isElsewhere || found.id === null ? null : { id: found.id, seq: found.lastSeq };
    return damaged({ mark: ours }, kept.snapshot, kept.events, [], why, 1);
  }

  /** The damaged files are kept under other names, never deleted. Until a new journal is there the folder reads as damaged. */
  #setAside(): void {
    const { dir, now } = this.#options;
    makeFolder(dir);
    for (const file of [...oldPaths(dir), path.join(dir, names.journal)].filter(exists)) {
      fs.renameSync(file, asideName(file, 'damaged', now()));
    }
    syncFolder(dir);
    failpoint('journal.recover.moved');
  }

  #requireWriting(): void {
    switch (this.#mode) {
      case 'writing':
        return;
      case 'damaged':
        throw new CmError(
          'The journal is damaged, so nothing is written to it; run "cm-tui doctor --recover" first.',
          3,
        );
      case 'reading':
        throw new CmError('The journal is read-only here: another cm-tui owns the repository.', 4);
      case 'unloaded':
      case 'closed':
        throw new Error(`the journal is ${this.#mode}`);
    }
  }

  #compactWhenDue(): void {
    const { snapshotState, compactEvery = defaultCompactEvery } = this.#options;
    if (snapshotState === undefined || this.#compactTimer !== null) return;
    if (this.#writer.seq - this.#compactedSeq < compactEvery) return;
    this.#compactTimer = setImmediate(() => {
      this.#compactTimer = null;
      try {
        // Without space the journal grows on, and it is tried again when as many records have come again.
        if (!this.compact()) this.#compactedSeq = this.#writer.seq;
      } catch {
        // Reported through onTrouble; the next append finds the file and continues from there.
      }
    }).unref();
  }

  #head(id: string, seq: number, state?: unknown): Buffer {
    const { place = '' } = this.#options;
    const header = this.#line(headerType, seq, place === '' ? { id } : { id, place });
    return state === undefined ? header : Buffer.concat([header, this.#line(snapshotType, seq, state)]);
  }

  #line(type: string, seq: number, data: unknown): Buffer {
    return encodeRecord({ v: recordVersion, seq, ...this.#stamp(), type, data }).line;
  }

  #stamp(): { readonly ts: string; readonly boot: string; readonly up: number } {
    const { now, bootId, uptime } = this.#options;
    return { ts: new Date(now()).toISOString(), boot: bootId, up: Math.round(uptime()) };
  }
}

function toLoad(found: Found, aside: string | null): JournalLoad {
  if (found.kind === 'fresh') return { outcome: 'ok', events: [], tornTail: false, snapshot: null, remarks: [] };
  const events = found.events.map(entry => entry.event);
  const { snapshot } = found;
  if (found.kind === 'damaged') {
    const later = found.later.map(entry => entry.event);
    const message = `The journal is damaged (${found.why}); nothing is written until you agree to rebuild it from git and the run folders.`;
    return { outcome: 'damaged', events, later, snapshot, line: found.line, message };
  }
  const remarks: string[] = [];
  if (aside !== null) remarks.push(`The journal's last record was cut short; its bytes are kept in ${aside}.`);
  if (found.usedOlder) {
    remarks.push('The newest snapshot cannot be read; the one before it and a longer journal were used.');
  }
  return { outcome: 'ok', events, tornTail: found.torn !== null, snapshot, remarks };
}
