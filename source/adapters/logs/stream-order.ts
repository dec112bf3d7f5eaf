import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularText } from '../regular-file.ts';

type Stream = 'out' | 'err';

/** The next bytes of a run came in this stream, up to this offset. */
export interface OrderMark {
  readonly stream: Stream;
  readonly end: number;
}

const fileName = 'order';
/** A program that changes streams more often than this has the rest of its order forgotten. */
const mostMarks = 20_000;

/**
 * In which order a run wrote into its two logs, which the logs themselves do not tell: whoever follows them notes each change from one to
 * the other. Nothing depends on it but how an ended run is shown.
 */
export class StreamOrder {
  readonly #path: string;
  readonly #known: Record<Stream, number> = { out: 0, err: 0 };
  #last: OrderMark | null = null;
  #marks = 0;
  #lost = false;

  constructor(folder: string) {
    this.#path = join(folder, fileName);
    for (const { stream, end } of readOrder(folder)) {
      this.#known[stream] = Math.max(this.#known[stream], end);
      this.#marks++;
    }
  }

  /** A stream was read up to this offset. */
  grew(stream: Stream, end: number): void {
    if (this.#lost || end <= this.#known[stream]) return;
    if (this.#last !== null && this.#last.stream !== stream) this.#write(this.#last);
    this.#last = { stream, end };
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#last !== null) this.#write(this.#last);
    this.#last = null;
  }

  /** A log was moved aside: offsets mean something else from now on. */
  forget(): void {
    this.#lost = true;
    rmSync(this.#path, { force: true });
  }

  #write({ stream, end }: OrderMark): void {
    if (this.#lost || end <= this.#known[stream] || this.#marks >= mostMarks) return;
    this.#known[stream] = end;
    this.#marks++;
    try {
      appendFileSync(this.#path, `${stream} ${end}\n`, { mode: 0o600 });
    } catch {
      // No room, or no folder: the order is not known, and the lines are all there.
      this.#lost = true;
    }
  }
}

/** What is known of the order of a run's output; empty: nothing. */
export function readOrder(folder: string): readonly OrderMark[] {
  try {
    const text = readRegularText(join(folder, fileName)) ?? '';
    return [...text.matchAll(/^(out|err) (\d{1,15})$/gm)].map(([, stream, end]) => ({
      stream: stream === 'out' ? 'out' : 'err',
      end: Number(end),
    }));
  } catch {
    return [];
  }
}
