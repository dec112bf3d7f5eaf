import type { Sink } from './title.ts';

/** What a mouse does to the screen; columns and rows count from 0. With Shift the terminal keeps it for its own selection. */
export interface MouseEvent {
  readonly type: 'press' | 'wheel-up' | 'wheel-down';
  readonly column: number;
  readonly row: number;
}

/** Reports presses and the wheel (1000), in a form without limits of size (1006). */
const on = '\u001b[?1000h\u001b[?1006h';
const off = '\u001b[?1006l\u001b[?1000l';

/** Switches mouse reports on, and off again when the terminal is given back. */
export class MouseReports {
  #on = false;
  #wanted = false;
  #lent = false;

  constructor(private readonly sink: Sink) {}

  /** Whether the mouse is wanted, from now on. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.#set(wanted && !this.#lent);
  }

  stop(): void {
    this.want(false);
  }

  /** Off while another program has the terminal. */
  async without<T>(work: () => Promise<T>): Promise<T> {
    this.#lent = true;
    this.#set(false);
    try {
      return await work();
    } finally {
      this.#lent = false;
      this.#set(this.#wanted);
    }
  }

  #set(wanted: boolean): void {
    if (wanted !== this.#on) this.sink.write(wanted ? on : off);
    this.#on = wanted;
  }
}

/** One report; the input has lost its first ESC on the way here. */
const report = /(?:\u001b)?\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])/y;
const wheel = 64;
const moved = 32;
const buttons = 3;

/** The mouse reports that an input consists of; null: it is something else. Releases, moves and other buttons are left out. */
export function mouseEvents(input: string): readonly MouseEvent[] | null {
  const found: MouseEvent[] = [];
  let at = 0;
  while (at < input.length) {
    report.lastIndex = at;
    const match = report.exec(input);
    if (match === null) return null;
    at = report.lastIndex;
    const type = typeOf(Number(match[1]), match[4] === 'M');
    if (type !== null) found.push({ type, column: Number(match[2]) - 1, row: Number(match[3]) - 1 });
  }
  return at === 0 ? null : found;
}

function typeOf(code: number, pressed: boolean): MouseEvent['type'] | null {
  if (!pressed || (code & moved) !== 0) return null;
  const button = code & buttons;
  if ((code & wheel) !== 0) return button === 0 ? 'wheel-up' : button === 1 ? 'wheel-down' : null;
  return button === 0 ? 'press' : null;
}
