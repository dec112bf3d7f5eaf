import { createHash, type Hash } from 'node:crypto';
import { EndFile, type FilePlace, writtenUpTo } from './end.ts';
import { LostJournal } from './errors.ts';
import { type DamagedJournal, type Found, lastSeqOf } from './store.ts';

/** What a writer leaves of where its journal ends, always before the file gets there. */
export class Trail {
  /** Where the file ends: with the last accepted record, or with the one that was written last. Empty: none was opened yet. */
  places: readonly FilePlace[] = [];
  readonly #dir: string;
  readonly #boot: string;
  #file: EndFile | null = null;
  /** Of the journal's bytes up to the last accepted record. */
  #hash: Hash = createHash('sha256');
  #next: Hash = this.#hash;

  /** @param boot the name of this boot (see `end.ts`) */
  constructor(dir: string, boot: string) {
    this.#dir = dir;
    this.#boot = boot;
  }

  /** A file is about to take the journal's place; after a crash `before` may stand there still. Null: nothing that is continued does. */
  replacing(id: string, content: Buffer, seq: number, before: FilePlace | null): void {
    const place = { seq, digest: createHash('sha256').update(content).digest('hex') };
    this.#announce(id, before === null ? [place] : [before, place]);
  }

  /** The journal is open; this is its content, up to record `seq`. */
  opened(id: string, content: Buffer, seq: number): void {
    this.#hash = createHash('sha256').update(content);
    this.#announce(id, [this.place(seq)]);
  }

  /** A record is about to be written behind record `seq`. */
  writing(id: string, line: Buffer, seq: number): void {
    this.#next = this.#hash.copy().update(line);
    this.#announce(id, [this.place(seq), { seq: seq + 1, digest: this.#next.copy().digest('hex') }]);
  }

  /** It was accepted. */
  written(): void {
    this.#hash = this.#next;
  }

  /** The file up to its last accepted record, which is `seq`. */
  place(seq: number): FilePlace {
    return { seq, digest: this.#hash.copy().digest('hex') };
  }

  /**
   * Up to which record a journal that was found is what this writer has written; what is behind that is somebody else's. Throws where
   * what was accepted, up to `seq`, is no longer there. `id`: of the journal; null while none could be opened yet.
   */
  ownPart(found: Exclude<Found, DamagedJournal>, id: string | null, seq: number): number {
    const isOther = found.kind === 'ok' && id !== null && found.id !== id;
    if (isOther || lastSeqOf(found) < seq) throw new LostJournal('records that were written are no longer there');
    if (found.kind === 'fresh') return 0;
    const ours = writtenUpTo(found, this.places);
    if (ours === null || ours < seq)
      throw new LostJournal('records that were written have been changed by another program');
    return ours;
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #announce(id: string, places: readonly FilePlace[]): void {
    this.#file ??= new EndFile(this.#dir, { id, boot: this.#boot, places });
    this.#file.announce(places);
    this.places = places;
  }
}
