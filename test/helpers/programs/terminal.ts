import { EventEmitter } from 'node:events';
import xterm, { type Terminal as TerminalType } from '@xterm/headless';
import stringWidth from 'string-width';

/** The emulator's class; the package is CommonJS. */
const { Terminal } = xterm;

/**
 * An emulator that counts columns as today's terminals do: emoji are wide, one code point at a time, nothing is joined. The table that
 * it brings itself is of Unicode 6.
 */
export function newEmulator(size: GridSize, convertEol: boolean): TerminalType {
  const emulator = new Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true, convertEol });
  const widthOf = (code: number): 0 | 1 | 2 => {
    const width = stringWidth(String.fromCodePoint(code));
    return width > 1 ? 2 : width === 1 ? 1 : 0;
  };
  emulator.unicode.register({
    version: 'today',
    wcwidth: widthOf,
    // Bits: joins the character before it, width, state; as the emulator's own tables pack them.
    charProperties: (code, before) => {
      const width = widthOf(code);
      const widthBefore = (before >> 1) & 3;
      const joins = width === 0 && before !== 0 && widthBefore !== 0;
      return ((joins ? Math.max(width, widthBefore) : width) << 1) | (joins ? 1 : 0);
    },
  });
  emulator.unicode.activeVersion = 'today';
  return emulator;
}

export interface GridSize {
  readonly columns: number;
  readonly rows: number;
}

/** A terminal in memory and the streams of a program that runs on it. */
export class FakeTerminal {
  readonly emulator: TerminalType;
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Everything that was written, in order. */
  readonly written: string[] = [];
  private pending: Promise<void> = Promise.resolve();
  private readonly out: OutStream;
  private readonly in: InStream;

  constructor(size: GridSize) {
    this.emulator = newEmulator(size, true);
    this.out = new OutStream(size, text => this.take(text));
    this.in = new InStream();
    this.stdout = this.out as EventEmitter as NodeJS.WriteStream;
    this.stdin = this.in as EventEmitter as NodeJS.ReadStream;
  }

  private take(text: string): void {
    this.written.push(text);
    this.pending = this.pending.then(() => new Promise(resolve => this.emulator.write(text, resolve)));
  }

  /** Bytes as a keyboard sends them. */
  type(text: string): void {
    this.in.push(text);
  }

  resize(size: GridSize): void {
    this.emulator.resize(size.columns, size.rows);
    this.out.columns = size.columns;
    this.out.rows = size.rows;
    this.out.emit('resize');
  }

  /** The terminal is gone. */
  hangUp(): void {
    this.in.emit('end');
  }

  /** What stands on the screen now, spaces at the ends of rows left out. */
  async screen(): Promise<string[]> {
    await this.pending;
    return gridOf(this.emulator);
  }

  /** Times that the whole screen was cleared. */
  clears(): number {
    return this.written.join('').split('\u001b[2J').length - 1;
  }
}

export function gridOf(emulator: TerminalType): string[] {
  const { active } = emulator.buffer;
  return Array.from(
    { length: emulator.rows },
    (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
  );
}

class OutStream extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  readonly writableLength = 0;
  columns: number;
  rows: number;

  constructor(
    size: GridSize,
    private readonly take: (text: string) => void,
  ) {
    super();
    this.columns = size.columns;
    this.rows = size.rows;
  }

  write(text: string, done?: (() => void) | string): boolean {
    this.take(text);
    if (typeof done === 'function') setImmediate(done);
    return true;
  }
}

class InStream extends EventEmitter {
  readonly isTTY = true;
  raw = false;
  private readonly waiting: string[] = [];

  push(text: string): void {
    this.waiting.push(text);
    this.emit('readable');
  }

  read(): string | null {
    return this.waiting.shift() ?? null;
  }

  setRawMode(on: boolean): this {
    this.raw = on;
    return this;
  }

  setEncoding(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
