import type { Readable, Writable } from 'node:stream';
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';

/** A longer line is not kept in memory; what it holds is lost, and said. */
const longestLine = 16 * 1024 * 1024;
/** Lines in a row that are not messages: the program speaks something else. */
const mostNoise = 10;

export interface NoiseEvents {
  /** A line that is not a message. */
  noise(line: string, bytes: number): void;
  /** Nothing but noise. */
  hopeless(): void;
}

/**
 * The messages of a program on its stdout, one JSON object a line. The library's own framing ends the connection at a line that is too long,
 * and answers each line that is none; programs print warnings there, which must end nothing.
 */
export function messageStream(stdout: Readable, stdin: Writable, events: NoiseEvents): Stream {
  // The library gives up reading where it cannot write: a program that ends before its first message.
  let open = true;
  return {
    readable: new ReadableStream<AnyMessage>({
      start(controller) {
        const lines = new LineReader(line => take(line, controller, events));
        let noise = 0;
        const take = (line: Buffer, to: typeof controller, { noise: tell, hopeless }: NoiseEvents) => {
          const text = line.toString('utf8').trim();
          if (text === '') return;
          const message = line.length >= longestLine ? null : parse(text);
          if (message !== null) {
            noise = 0;
            if (open) to.enqueue(message);
            return;
          }
          noise++;
          tell(text.slice(0, 2000), line.length);
          if (noise === mostNoise) hopeless();
        };
        stdout.on('data', (chunk: Buffer) => lines.push(chunk));
        stdout.once('end', () => {
          lines.end();
          if (open) controller.close();
        });
      },
      cancel() {
        open = false;
      },
    }),
    writable: new WritableStream<AnyMessage>({
      write: message =>
        new Promise<void>((resolve, reject) => {
          stdin.write(`${JSON.stringify(message)}\n`, error => (error ? reject(error) : resolve()));
        }),
    }),
  };
}

function parse(text: string): AnyMessage | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Cuts bytes into lines; of a line that is too long only its beginning is kept. */
class LineReader {
  readonly #onLine: (line: Buffer) => void;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#add(chunk.subarray(start, end));
      this.end();
      start = end + 1;
    }
    this.#add(chunk.subarray(start));
  }

  end(): void {
    const line = this.#pieces.length === 1 ? (this.#pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    this.#onLine(line);
  }

  #add(piece: Buffer): void {
    const room = longestLine - this.#length;
    if (room <= 0 || piece.length === 0) return;
    const kept = piece.length > room ? piece.subarray(0, room) : piece;
    this.#pieces.push(kept);
    this.#length += kept.length;
  }
}
