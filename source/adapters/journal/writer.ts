import fs from 'node:fs';
import path from 'node:path';
import { failpoint, isArmed } from '../failpoint.ts';
import { writeDurably } from '../regular-file.ts';
import { contentOf, type JournalHead } from './content.ts';
import { type FilePlace, placeOf } from './end.ts';
import { JournalWriteError, LostJournal } from './errors.ts';
import { asideName, inodeOf, makeFolder, names, openForAppend, replaceJournal, takePlace, writeAll } from './files.ts';
import { MarkFile } from './mark.ts';
import { removeOldFiles } from './old-layout.ts';
import type { Migrations } from './record.ts';
import { type Found, judgeStore, lastSeqOf, readStore } from './store.ts';
import { Trail } from './trail.ts';

/** How long a record that need not be durable at once may wait for the disk. */
const flushDelayMs = 200;

export interface WriterOptions {
  readonly dir: string;
  readonly now: () => number;
  readonly migrations: Migrations;
  /** The id of a journal that is begun here. */
  readonly newId: () => string;
  readonly head: JournalHead;
  readonly onTrouble: (trouble: JournalWriteError | null) => void;
  readonly boot: string;
  /** Hears how many records of somebody else were found in the journal; they are taken out again. */
  readonly onForeign: (count: number) => void;
}

/** The journal file as it is open for appending. */
interface OpenFile {
  readonly fd: number;
  readonly mark: MarkFile;
  /** Bytes up to the end of the last accepted record. */
  size: number;
}

/**
 * The journal file that is appended to. A record that could not be written completely is cut off and refused with a `JournalWriteError`;
 * the next one tries again, reopening the file if necessary.
 */
export class JournalWriter {
  /** Sequence number of the last record that was accepted. */
  seq = 0;
  trouble: JournalWriteError | null = null;
  readonly #options: WriterOptions;
  #id: string | null = null;
  #file: OpenFile | null = null;
  readonly #trail: Trail;
  #unsynced = false;
  /** The kernel failed to sync the file: what it still shows may never reach the disk, so a new file takes its place. */
  #distrusted = false;
  #flushTimer: NodeJS.Timeout | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#trail = new Trail(options.dir, options.boot);
  }

  /** Opens what a load has just found. Returns the name of the file that took a torn tail, or null. Trouble is kept for later. */
  begin(found: Exclude<Found, { kind: 'damaged' }>): string | null {
    this.seq = lastSeqOf(found);
    try {
      return this.#open(found);
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  /** Appends one record; it is accepted, and `seq` grows, only when this returns. */
  append(line: Buffer, durable: boolean): void {
    const file = this.#attached();
    this.#assertUntouched(file);
    this.#write(file, line);
    if (durable) this.#sync(file);
    else this.#syncSoon();
    file.size += line.length;
    this.seq += 1;
    this.#trail.written();
    if (durable) file.mark.move(this.seq);
    this.repaired();
  }

  /** Puts every accepted record on disk. */
  flush(): void {
    if (!this.#unsynced) return;
    const file = this.#attached();
    this.#sync(file);
    file.mark.move(this.seq);
  }

  /**
   * Compacts the journal to the fold of everything that was accepted, by one rename. Returns false, with the journal unchanged, if there
   * was no space for it. Throws a `JournalWriteError`.
   */
  compact(state: unknown): boolean {
    this.#attached();
    this.flush();
    const before = inodeOf(this.#options.dir);
    try {
      this.#begin(this.#id ?? this.#options.newId(), this.seq, state, this.#trail.place(this.seq));
      return true;
    } catch (error) {
      if (inodeOf(this.#options.dir) === before) return false;
      throw this.fail(error);
    }
  }

  /** Begins the journal on `state` after record `seq`, under the id that it had. Throws a `JournalWriteError`. */
  restart(id: string | null, seq: number, state: unknown): void {
    try {
      this.#begin(id ?? this.#options.newId(), seq, state);
    } catch (error) {
      throw this.fail(error);
    }
    this.seq = seq;
    this.repaired();
  }

  close(): void {
    try {
      this.flush();
    } catch {
      // Reported through onTrouble; no later write could repair it.
    }
    this.#stopFlushTimer();
    this.#detach();
  }

  fail(cause: unknown): JournalWriteError {
    this.trouble = cause instanceof JournalWriteError ? cause : new JournalWriteError(cause);
    this.#options.onTrouble(this.trouble);
    return this.trouble;
  }

  repaired(): void {
    if (this.trouble === null) return;
    this.trouble = null;
    this.#options.onTrouble(null);
  }

  #attached(): OpenFile {
    if (this.#file === null) {
      try {
        const found = judgeStore(readStore(this.#options.dir), this.#options.migrations);
        if (found.kind === 'damaged') throw new LostJournal(found.why);
        const ours = this.#trail.ownPart(found, this.#id, this.seq);
        this.#open(found, ours);
        if (ours < lastSeqOf(found)) this.#options.onForeign(lastSeqOf(found) - ours);
      } catch (error) {
        throw this.fail(error);
      }
    }
    if (this.#file === null) throw new Error('the journal is not open');
    return this.#file;
  }

  /** Opens the journal, or puts one in its place that can be continued. Returns the name of the file that took a torn tail. */
  #open(found: Exclude<Found, { kind: 'damaged' }>, ours = lastSeqOf(found)): string | null {
    const { dir } = this.#options;
    if (found.kind === 'fresh') {
      failpoint('journal.create');
      makeFolder(dir);
      this.#begin(this.#options.newId(), 0);
      return null;
    }
    failpoint('journal.open');
    if (found.isCurrent && found.lastSeq === this.seq && !this.#distrusted) {
      this.#attach(found.id ?? '', found.bytes, this.seq);
      return null;
    }
    // Records after this one were refused when they were written.
    const refused = found.lastSeq > this.seq;
    const aside = found.torn === null || refused ? null : this.#setAside(found.torn);
    if (found.isSuccessor) takePlace(dir);
    const id = found.id ?? this.#options.newId();
    this.#put(id, contentOf(found, id, this.seq, this.#options.head), this.seq, placeOf(found, ours));
    removeOldFiles(dir);
    return aside;
  }

  /** Puts a journal that holds no records of its own in the journal's place, and continues with it. `before`: see `Trail`. */
  #begin(id: string, seq: number, state?: unknown, before: FilePlace | null = null): void {
    this.#put(id, this.#options.head(id, seq, state), seq, before);
  }

  #put(id: string, content: Buffer, seq: number, before: FilePlace | null): void {
    this.#detach();
    makeFolder(this.#options.dir);
    this.#trail.replacing(id, content, seq, before);
    // Until its name is on disk too, nothing may be appended to what stands there.
    this.#distrusted = true;
    replaceJournal(this.#options.dir, content);
    this.#distrusted = false;
    this.#attach(id, content, seq);
  }

  #attach(id: string, content: Buffer, seq: number): void {
    const { dir } = this.#options;
    this.#id = id;
    const fd = openForAppend(path.join(dir, names.journal));
    try {
      this.#trail.opened(id, content, seq);
      this.#file = { fd, mark: new MarkFile(dir, { id, seq: 0 }), size: content.length };
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  #setAside(bytes: Buffer): string {
    const { dir, now } = this.#options;
    const name = asideName(path.join(dir, names.journal), 'corrupt', now());
    writeDurably(name, bytes);
    failpoint('journal.aside.written');
    return path.basename(name);
  }

  /** Somebody may have taken the file away or written into it: a record that is appended then is lost, or stands behind a stranger's. */
  #assertUntouched(file: OpenFile): void {
    const open = fs.fstatSync(file.fd);
    const named = fs.lstatSync(path.join(this.#options.dir, names.journal), { throwIfNoEntry: false });
    if (named?.ino === open.ino && named.dev === open.dev && open.size === file.size) return;
    this.#detach();
    const what = named === undefined ? 'removed' : 'changed';
    throw this.fail(new LostJournal(`journal.jsonl was ${what} by another program`));
  }

  #write(file: OpenFile, line: Buffer): void {
    try {
      this.#trail.writing(this.#id ?? '', line, this.seq);
      failpoint('journal.append.before');
      const half = isArmed('journal.append.half') ? line.length >> 1 : 0;
      if (half > 0) {
        writeAll(file.fd, line.subarray(0, half));
        failpoint('journal.append.half');
      }
      writeAll(file.fd, line.subarray(half));
      failpoint('journal.append.written');
    } catch (error) {
      this.#cutBack(file);
      throw this.fail(error);
    }
  }

  #sync(file: OpenFile): void {
    try {
      failpoint('journal.append.sync');
      fs.fdatasyncSync(file.fd);
      failpoint('journal.append.synced');
    } catch (error) {
      // The kernel reports a failed write-back once and may then call the lost pages clean: this file is never trusted again.
      this.#cutBack(file);
      this.#detach();
      this.#distrusted = true;
      this.#stopFlushTimer();
      throw this.fail(error);
    }
    this.#stopFlushTimer();
  }

  /** Cuts the refused record off the file; if even that fails, reopening will. */
  #cutBack(file: OpenFile): void {
    try {
      failpoint('journal.append.truncate');
      fs.ftruncateSync(file.fd, file.size);
    } catch {
      this.#detach();
    }
  }

  #detach(): void {
    if (this.#file === null) return;
    const { fd, mark } = this.#file;
    this.#file = null;
    fs.closeSync(fd);
    mark.close();
    this.#trail.close();
  }

  #syncSoon(): void {
    this.#unsynced = true;
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = null;
      try {
        this.flush();
      } catch {
        // Reported through onTrouble; the next append rewrites the file.
      }
    }, flushDelayMs).unref();
  }

  #stopFlushTimer(): void {
    this.#unsynced = false;
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
  }
}
