import fs from 'node:fs';
import { failpoint, isArmed } from '../failpoint.ts';
import { type Attached, attach, createJournalFile } from './attach.ts';
import { type Chain, linkStore, readStore, type StoreBytes } from './chain.ts';
import { JournalWriteError } from './errors.ts';
import { writeAll } from './files.ts';
import type { Migrations } from './record.ts';

/** How long a record that need not be durable at once may wait for the disk. */
const flushDelayMs = 200;

export interface WriterOptions {
  readonly dir: string;
  readonly now: () => number;
  readonly migrations: Migrations;
  /** The header line of a journal file whose first record follows `seq`. */
  readonly header: (seq: number) => Buffer;
  readonly onTrouble: (trouble: JournalWriteError | null) => void;
}

/**
 * The journal file that is appended to. A record that could not be written whole is cut off again and refused with a
 * `JournalWriteError`; the next one tries anew, opening the file again where that is needed.
 */
export class JournalWriter {
  /** Sequence number of the last record that was accepted. */
  seq = 0;
  trouble: JournalWriteError | null = null;
  readonly #options: WriterOptions;
  #file: Attached | null = null;
  #size = 0;
  #unsynced = false;
  #rewrite = false;
  #flushTimer: NodeJS.Timeout | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Opens what a load has just found. Returns the name of the file that took a torn tail, or null. Trouble is kept for later. */
  begin(chain: Exclude<Chain, { kind: 'damaged' }>, bytes: StoreBytes): string | null {
    this.seq = chain.kind === 'fresh' ? 0 : chain.lastSeq;
    try {
      return this.#open(chain, bytes).aside;
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  /** Appends one record; it is accepted, and `seq` grows, only when this returns. */
  append(line: Buffer, durable: boolean): void {
    const file = this.#attached();
    this.#write(file, line);
    if (durable) this.#sync(file);
    else this.#syncSoon();
    this.#size += line.length;
    this.seq += 1;
    this.repaired();
  }

  /** Sees to it that the file is open and in its place, as it was accepted. Throws a `JournalWriteError`. */
  attach(): void {
    this.#attached();
  }

  /** Puts every accepted record on disk. */
  flush(): void {
    if (this.#unsynced) this.#sync(this.#attached());
  }

  /** Opens the file anew: after a rotation, or when somebody else wrote it. Throws a `JournalWriteError`. */
  reopen(): void {
    this.#detach();
    this.attach();
  }

  /** Lets go of the file without a word; the next append opens it again. */
  abandon(): void {
    this.#detach();
  }

  close(): void {
    try {
      this.flush();
    } catch {
      // Told through onTrouble; there is no later write that could mend it.
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

  #attached(): Attached {
    if (this.#file !== null) return this.#file;
    try {
      const bytes = readStore(this.#options.dir);
      const chain = linkStore(bytes, this.#options.migrations);
      if (chain.kind === 'damaged') throw new Error(chain.message);
      if (chain.kind === 'fresh' ? this.seq > 0 : chain.lastSeq < this.seq) {
        throw new Error('records that were written are no longer there');
      }
      return this.#open(chain, bytes);
    } catch (error) {
      throw this.fail(error);
    }
  }

  #open(chain: Exclude<Chain, { kind: 'damaged' }>, bytes: StoreBytes): Attached {
    const { dir, now, header } = this.#options;
    const file =
      chain.kind === 'fresh'
        ? createJournalFile(dir, header(0))
        : attach(chain, bytes, { dir, now: now(), keepUntil: this.seq, rewrite: this.#rewrite });
    this.#file = file;
    this.#size = file.size;
    this.#rewrite = false;
    return file;
  }

  #write(file: Attached, line: Buffer): void {
    try {
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

  #sync(file: Attached): void {
    try {
      failpoint('journal.append.sync');
      fs.fdatasyncSync(file.fd);
      failpoint('journal.append.synced');
    } catch (error) {
      // The kernel reports a failed write-back once and may then call the lost pages clean: this file is never trusted again.
      this.#cutBack(file);
      this.#detach();
      this.#rewrite = true;
      this.#stopFlushTimer();
      throw this.fail(error);
    }
    this.#stopFlushTimer();
  }

  /** Takes the refused record off the file; where even that fails, opening it anew will. */
  #cutBack(file: Attached): void {
    try {
      failpoint('journal.append.truncate');
      fs.ftruncateSync(file.fd, this.#size);
    } catch {
      this.#detach();
    }
  }

  #detach(): void {
    if (this.#file === null) return;
    const { fd } = this.#file;
    this.#file = null;
    fs.closeSync(fd);
  }

  #syncSoon(): void {
    this.#unsynced = true;
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = null;
      try {
        this.flush();
      } catch {
        // Told through onTrouble; the next append writes the file anew.
      }
    }, flushDelayMs).unref();
  }

  #stopFlushTimer(): void {
    this.#unsynced = false;
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
  }
}
