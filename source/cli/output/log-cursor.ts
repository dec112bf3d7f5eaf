import type { FileHandle } from 'node:fs/promises';
import { rotatedPath } from '../../adapters/logs/rotate.ts';
import { isMissing, openRegularHandle } from '../../adapters/regular-file.ts';

const chunkBytes = 64 * 1024;

/**
 * Reads a growing log from its oldest kept byte on. A log that grows long is moved to `.1` and emptied by the coordinator; what was
 * not read by then is read from there.
 */
export class LogCursor {
  #offset = 0;
  #begun = false;

  constructor(private readonly path: string) {}

  /** Passes on everything there is now, in chunks; what is written meanwhile waits for the next call. Returns whether there was any. */
  async read(onChunk: (bytes: Buffer) => Promise<boolean>): Promise<boolean> {
    const file = await openOrNull(this.path);
    if (file === null) return false;
    try {
      const { size } = await file.stat();
      let any = false;
      if (!this.#begun || size < this.#offset) any = await this.#readRotated(onChunk);
      this.#begun = true;
      return (await this.#readFrom(file, size, onChunk)) || any;
    } finally {
      await file.close();
    }
  }

  async #readRotated(onChunk: (bytes: Buffer) => Promise<boolean>): Promise<boolean> {
    const file = await openOrNull(rotatedPath(this.path));
    const any = file !== null && (await this.#readFrom(file, (await file.stat()).size, onChunk));
    await file?.close();
    this.#offset = 0;
    return any;
  }

  async #readFrom(file: FileHandle, end: number, onChunk: (bytes: Buffer) => Promise<boolean>): Promise<boolean> {
    let any = false;
    while (this.#offset < end) {
      const length = Math.min(chunkBytes, end - this.#offset);
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, this.#offset);
      if (bytesRead === 0) break;
      this.#offset += bytesRead;
      any = true;
      if (!(await onChunk(buffer.subarray(0, bytesRead)))) break;
    }
    return any;
  }
}

async function openOrNull(path: string): Promise<FileHandle | null> {
  try {
    return await openRegularHandle(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
