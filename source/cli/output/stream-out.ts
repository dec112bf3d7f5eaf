import { once } from 'node:events';

/** An output of any length: it waits for a slow reader and notices one that has gone. */
export class StreamOut {
  #gone = false;

  constructor(private readonly stream: NodeJS.WriteStream) {
    stream.on('error', () => {
      this.#gone = true;
    });
  }

  /** True when nobody reads any more, as with `| head`: there is nothing left to do. */
  get gone(): boolean {
    return this.#gone;
  }

  async write(chunk: string | Uint8Array): Promise<void> {
    if (this.#gone || chunk.length === 0) return;
    if (this.stream.write(chunk)) return;
    // Rejects with the stream's error, which the listener above has recorded.
    await once(this.stream, 'drain').catch(() => undefined);
  }
}
