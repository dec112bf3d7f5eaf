import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

const chunkBytes = 64 * 1024;
/** An agent that never ends its line must not fill the memory. */
const longestLine = 1024 * 1024;

/** Reads a growing file from its start on. A file that is not there yet is empty. */
export class LogCursor {
  #file: FileHandle | null = null;
  #offset = 0;

  constructor(private readonly path: string) {}

  /** Bytes in the file now; null: there is no file. */
  async size(): Promise<number | null> {
    this.#file ??= await open(this.path, 'r').catch(ifMissing);
    return this.#file === null ? null : (await this.#file.stat()).size;
  }

  /** The next bytes before the offset `end`, at most 64 KiB; empty when there are none. */
  async next(end: number): Promise<Buffer> {
    const length = Math.min(chunkBytes, end - this.#offset);
    if (this.#file === null || length <= 0) return Buffer.alloc(0);
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(length), 0, length, this.#offset);
    this.#offset += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** Cuts bytes into lines of text; bad UTF-8 becomes U+FFFD, and of a line beyond 1 MiB the beginning is kept. */
export class LineCutter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #full = false;

  add(bytes: Buffer): readonly string[] {
    const parts = this.#decoder.write(bytes).split('\n');
    return parts.flatMap((part, index) => {
      this.#keep(part);
      return index < parts.length - 1 ? [this.#take()] : [];
    });
  }

  /** What stands behind the last line end. */
  end(): readonly string[] {
    this.#keep(this.#decoder.end());
    return this.#rest === '' ? [] : [this.#take()];
  }

  #keep(part: string): void {
    if (this.#full) return;
    this.#rest += part;
    if (this.#rest.length <= longestLine) return;
    this.#rest = this.#rest.slice(0, longestLine);
    this.#full = true;
  }

  #take(): string {
    const line = this.#rest;
    this.#rest = '';
    this.#full = false;
    return line;
  }
}
