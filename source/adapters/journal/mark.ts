import fs from 'node:fs';
import path from 'node:path';
import { writeDurably } from '../regular-file.ts';
import { names, readBytes } from './files.ts';

/**
 * Up to where a journal was on disk at least, kept in a file of its own: a journal that ends before it, or that is another one, has lost
 * records since. It follows the journal and never leads: it is written after the record is on disk, and need not reach the disk itself.
 */
export interface Mark {
  /** The journal's own id. */
  readonly id: string;
  /** Sequence number of a record that was on disk. */
  readonly seq: number;
}

const shape = /^([0-9a-f]{16}) (\d{16})\n$/;

/** Null where there is none, or none that can be made out. */
export function readMark(dir: string): Mark | null {
  const found = shape.exec(readBytes(path.join(dir, names.mark))?.toString('latin1') ?? '');
  return found === null ? null : { id: found[1] ?? '', seq: Number(found[2]) };
}

/** The mark of a journal that is being written. */
export class MarkFile {
  readonly #fd: number;
  readonly #id: string;

  /** Opens the file; where it is not of this journal it is made, durably, so that its name is there as long as the journal's. */
  constructor(dir: string, mark: Mark) {
    const file = path.join(dir, names.mark);
    if (readMark(dir)?.id !== mark.id) {
      writeDurably(file, encode(mark));
    }
    this.#fd = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NOFOLLOW);
    this.#id = mark.id;
  }

  /** Overwrites it in place, always the same few bytes. A failure leaves an earlier mark, which is true too. */
  move(seq: number): void {
    try {
      const bytes = encode({ id: this.#id, seq });
      fs.writeSync(this.#fd, bytes, 0, bytes.length, 0);
    } catch {
      // The record itself is on disk.
    }
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

function encode({ id, seq }: Mark): Buffer {
  return Buffer.from(`${id} ${String(seq).padStart(16, '0')}\n`, 'latin1');
}
