import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { writeFresh } from '../regular-file.ts';
import { names, readBytes } from './files.ts';

/** A journal file up to one of its records. */
export interface FilePlace {
  /** Sequence number of the record. */
  readonly seq: number;
  /** SHA-256 of the file's bytes up to the end of that record's line, in hex. */
  readonly digest: string;
}

/**
 * Where the last writer of a journal has left it: the file ends at one of these places, whenever the writer was killed. It is written
 * before the journal is, and need not reach the disk: after a restart of the machine it says nothing.
 */
export interface End {
  /** The journal's own id. */
  readonly id: string;
  readonly boot: string;
  readonly places: readonly FilePlace[];
}

const shape = /^([0-9a-f]{16}) ([0-9a-f]{16}) (\d{16}) ([0-9a-f]{64}) (\d{16}) ([0-9a-f]{64})\n$/;

/** Null where there is none, or none that can be made out. */
export function readEnd(dir: string): End | null {
  const found = shape.exec(readBytes(path.join(dir, names.end))?.toString('latin1') ?? '');
  if (found === null) return null;
  const [, id = '', boot = '', before, beforeDigest = '', after, afterDigest = ''] = found;
  return {
    id,
    boot,
    places: [
      { seq: Number(before), digest: beforeDigest },
      { seq: Number(after), digest: afterDigest },
    ],
  };
}

/** How a boot is named in an `End`. */
export function bootName(bootId: string): string {
  return createHash('sha256').update(bootId).digest('hex').slice(0, 16);
}

/** The end of a journal that is being written. */
export class EndFile {
  readonly #fd: number;
  readonly #head: string;

  /** Opens the file; where it is not of this journal and boot it is made. */
  constructor(dir: string, { id, boot, places }: End) {
    const file = path.join(dir, names.end);
    const before = readEnd(dir);
    this.#head = `${id} ${boot}`;
    if (before?.id !== id || before.boot !== boot) writeFresh(file, this.#encode(places));
    this.#fd = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  }

  /** Says where the journal is, and where it will be if the next write succeeds. Overwrites always the same bytes. */
  announce(places: readonly FilePlace[]): void {
    const bytes = this.#encode(places);
    fs.writeSync(this.#fd, bytes, 0, bytes.length, 0);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #encode(places: readonly FilePlace[]): Buffer {
    const first = places[0] ?? { seq: 0, digest: ''.padStart(64, '0') };
    const last = places.at(-1) ?? first;
    const words = [first, last].map(({ seq, digest }) => `${String(seq).padStart(16, '0')} ${digest}`);
    return Buffer.from(`${this.#head} ${words.join(' ')}\n`, 'latin1');
  }
}

/** The lines of a journal file that can be trusted as far as their checksums go. */
export interface Lines {
  readonly bytes: Buffer;
  /** Offset after the last of them. */
  readonly goodEnd: number;
  /** The last one lacks its newline. */
  readonly unterminated: boolean;
  readonly lastSeq: number;
  readonly events: readonly { readonly seq: number; readonly line: Buffer }[];
}

/** Up to which record a file is as its writer left it: `lastSeq` where all of it is, null where nothing is. */
export function writtenUpTo(lines: Lines, places: readonly FilePlace[]): number | null {
  const reached = places.filter(({ seq }) => seq <= lines.lastSeq);
  // It ends earlier than its writer had come. Whether that is a loss, the mark says.
  if (reached.length === 0) return lines.lastSeq;
  const known = reached.filter(({ seq, digest }) => placeOf(lines, seq).digest === digest);
  return known.length === 0 ? null : Math.max(...known.map(({ seq }) => seq));
}

/** The file up to one of its records. */
export function placeOf({ bytes, goodEnd, unterminated, events }: Lines, seq: number): FilePlace {
  const behind = events.filter(event => event.seq > seq);
  const size = behind.reduce((rest, { line }) => rest - line.length, goodEnd);
  const hash = createHash('sha256').update(bytes.subarray(0, size));
  if (unterminated && behind.length === 0) hash.update('\n');
  return { seq, digest: hash.digest('hex') };
}
