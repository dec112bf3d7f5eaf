import * as nodePty from '@lydell/node-pty';
import type { Terminal } from '@xterm/headless';
import { gridOf, newEmulator } from './terminal.ts';

const patienceMs = 30_000;

export interface PtyOptions {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
}

export interface PtyExit {
  readonly exitCode: number;
  readonly signal: number;
}

/** A program on a real terminal, with an emulator that shows what a person would see. */
export interface Pty {
  readonly pid: number;
  /** The terminal itself: its cells with their colours, up to date when `screen()` has resolved. */
  readonly emulator: Terminal;
  /** Everything that the program has written so far. */
  raw(): string;
  screen(): Promise<string[]>;
  /** Resolves with the screen as soon as it shows the text; fails with the screen in the message, or when the program has ended. */
  waitForText(text: string | RegExp): Promise<string[]>;
  waitFor(test: (rows: string[]) => boolean, what: string): Promise<string[]>;
  press(keys: string): void;
  resize(columns: number, rows: number): void;
  signal(name: NodeJS.Signals): void;
  /** Resolves when the program has ended. */
  readonly exited: Promise<PtyExit>;
  /** True while the alternate screen is on. */
  onAlternateScreen(): Promise<boolean>;
  /** Times that the whole screen was cleared: each is a flicker. */
  clears(): number;
  /** Closes the terminal's master side: the program sees its terminal go away. */
  hangUp(): void;
  /** Ends the program if it still runs. */
  dispose(): Promise<void>;
}

/** Starts a program on a terminal of its own. */
export function start(command: string, args: readonly string[], options: PtyOptions): Pty {
  const { columns, rows, cwd, env } = options;
  const program = nodePty.spawn(command, [...args], { name: 'xterm-256color', cols: columns, rows, cwd, env });
  const emulator = newEmulator({ columns, rows }, false);
  let written = '';
  let pending: Promise<void> = Promise.resolve();
  let ended: PtyExit | null = null;
  program.onData(text => {
    written += text;
    pending = pending.then(() => new Promise(resolve => emulator.write(text, resolve)));
  });
  const exited = new Promise<PtyExit>(resolve => {
    program.onExit(({ exitCode, signal }) => {
      ended = { exitCode, signal: signal ?? 0 };
      resolve(ended);
    });
  });
  const screen = async (): Promise<string[]> => {
    await pending;
    return gridOf(emulator);
  };
  const waitFor = async (test: (rows: string[]) => boolean, what: string): Promise<string[]> => {
    const until = performance.now() + patienceMs;
    for (;;) {
      const over = ended !== null;
      const now = await screen();
      if (test(now)) return now;
      const problem = over ? 'The program ended before' : performance.now() > until ? 'Waited in vain for' : null;
      if (problem !== null) throw new Error(`${problem} ${what}. The screen:\n${now.join('\n')}`);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  };
  return {
    pid: program.pid,
    emulator,
    raw: () => written,
    screen,
    waitFor,
    waitForText: text =>
      waitFor(
        now => (typeof text === 'string' ? now.join('\n').includes(text) : text.test(now.join('\n'))),
        String(text),
      ),
    press: keys => program.write(keys),
    resize: (newColumns, newRows) => {
      program.resize(newColumns, newRows);
      emulator.resize(newColumns, newRows);
    },
    signal: name => program.kill(name),
    exited,
    onAlternateScreen: async () => {
      await pending;
      return emulator.buffer.active.type === 'alternate';
    },
    clears: () => written.split('\u001b[2J').length - 1,
    hangUp: () => {
      // Not in the package's types, but how it closes its side of the terminal.
      if (!('destroy' in program) || typeof program.destroy !== 'function') throw new Error('node-pty has no destroy');
      program.destroy();
    },
    dispose: async () => {
      if (ended === null) program.kill('SIGKILL');
      await exited;
      emulator.dispose();
    },
  };
}
