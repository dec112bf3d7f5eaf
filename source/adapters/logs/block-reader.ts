import type { FileHandle } from 'node:fs/promises';

const blockSize = 64 * 1024;
/** Blocks kept: the one worked in, its neighbours, and one where a long line began. */
const cachedBlocks = 4;
const lineFeed = 0x0a;

/** Looks around in the first `size` bytes of a file, reading whole blocks and each of them once while it is near. */
export class BlockReader {
  readonly size: number;
  readonly #file: FileHandle;
  readonly #blocks = new Map<number, Buffer>();

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Bytes of `[from, to)`; shorter where the file has been cut meanwhile. */
  async read(from: number, to: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let at = from; at < to; at = blockEnd(at, to)) parts.push(await this.#part(at, blockEnd(at, to)));
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** A line begins at `offset`: it is the file's start, or a line feed stands before it. */
  async isLineStart(offset: number): Promise<boolean> {
    return offset === 0 || (await this.read(offset - 1, offset))[0] === lineFeed;
  }

  /** Position of the first line feed in `[from, to)`. */
  async nextLineFeed(from: number, to: number): Promise<number | null> {
    for (let at = from; at < to; at = blockEnd(at, to)) {
      const found = (await this.#part(at, blockEnd(at, to))).indexOf(lineFeed);
      if (found >= 0) return at + found;
    }
    return null;
  }

  /** Position of the last line feed in `[from, to)`. */
  async previousLineFeed(from: number, to: number): Promise<number | null> {
    for (let end = to; end > from; ) {
      const start = Math.max(from, Math.floor((end - 1) / blockSize) * blockSize);
      const found = (await this.#part(start, end)).lastIndexOf(lineFeed);
      if (found >= 0) return start + found;
      end = start;
    }
    return null;
  }

  /** A stretch that lies within one block. */
  async #part(from: number, to: number): Promise<Buffer> {
    const index = Math.floor(from / blockSize);
    const block = this.#blocks.get(index) ?? (await this.#load(index));
    return block.subarray(from - index * blockSize, to - index * blockSize);
  }

  async #load(index: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.min(blockSize, this.size - index * blockSize));
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, index * blockSize);
    const block = buffer.subarray(0, bytesRead);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size < cachedBlocks) break;
      this.#blocks.delete(oldest);
    }
    this.#blocks.set(index, block);
    return block;
  }
}

function blockEnd(at: number, limit: number): number {
  return Math.min(limit, (Math.floor(at / blockSize) + 1) * blockSize);
}
