import { render } from 'ink';
import type { ReactElement } from 'react';
import { defaultSettings, type Settings } from '../../source/domain/settings.ts';
import { type LeaveChoice, type LeaveReason, type RunScreenOptions, runScreen } from '../../source/ui/index.tsx';
import { type FakeHandle, noon } from './core/fake-handle.ts';
import { FakeTerminal, type GridSize } from './programs/terminal.ts';

const patienceMs = 20_000;
const lookMs = 5;

/** A picture on a terminal in memory that can be typed at. */
export interface OnTerminal {
  readonly terminal: FakeTerminal;
  /** Keys as the keyboard sends them, in one chunk. */
  press(keys: string): void;
  /** The rows of the screen as they are now. */
  screen(): Promise<string[]>;
  /** Resolves with the screen as soon as it shows the text; fails with the screen in the message. */
  waitForText(text: string | RegExp): Promise<string[]>;
  /** Resolves as soon as the text is no longer on the screen. */
  waitForNo(text: string | RegExp): Promise<string[]>;
  waitFor(test: (rows: string[]) => boolean, what: string): Promise<string[]>;
  /** Resolves with the screen when nothing has been written for longer than the screen holds a frame back. */
  still(): Promise<string[]>;
}

const longestHoldMs = 200;

function onTerminal(terminal: FakeTerminal): OnTerminal {
  const waitFor = async (test: (rows: string[]) => boolean, what: string): Promise<string[]> => {
    const until = performance.now() + patienceMs;
    for (;;) {
      const rows = await terminal.screen();
      if (test(rows)) return rows;
      if (performance.now() > until) throw new Error(`Waited in vain for ${what}. The screen:\n${rows.join('\n')}`);
      await new Promise(resolve => setTimeout(resolve, lookMs));
    }
  };
  const shows = (rows: string[], text: string | RegExp): boolean =>
    typeof text === 'string' ? rows.join('\n').includes(text) : text.test(rows.join('\n'));
  return {
    terminal,
    press: keys => terminal.type(keys),
    screen: () => terminal.screen(),
    waitFor,
    waitForText: text => waitFor(rows => shows(rows, text), String(text)),
    still: async () => {
      let writes = -1;
      while (writes !== terminal.written.length) {
        writes = terminal.written.length;
        await new Promise(resolve => setTimeout(resolve, longestHoldMs));
      }
      return terminal.screen();
    },
    waitForNo: text => waitFor(rows => !shows(rows, text), `the end of ${text}`),
  };
}

/** Draws one element on a terminal of that size, with Ink set as the program sets it. */
export async function renderAt(
  element: ReactElement,
  size: GridSize,
): Promise<OnTerminal & { rerender(element: ReactElement): Promise<void>; unmount(): Promise<void> }> {
  const terminal = new FakeTerminal(size);
  const ink = render(element, {
    stdout: terminal.stdout,
    stdin: terminal.stdin,
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  await ink.waitUntilRenderFlush();
  return {
    ...onTerminal(terminal),
    rerender: async next => {
      ink.rerender(next);
      await ink.waitUntilRenderFlush();
    },
    unmount: async () => {
      ink.unmount();
      await ink.waitUntilExit();
    },
  };
}

export interface RunningScreen extends OnTerminal {
  readonly choices: LeaveChoice[];
  readonly ended: Promise<{ readonly reason: LeaveReason }>;
  /** Leaves as a terminal that goes away does, whatever is open. */
  end(): Promise<void>;
}

/** The whole screen on a terminal in memory, over a coordinator in memory. */
export async function screenAt(
  handle: FakeHandle,
  size: GridSize,
  more: Partial<Omit<RunScreenOptions, 'settings'>> & { readonly settings?: Partial<Settings> } = {},
): Promise<RunningScreen> {
  const terminal = new FakeTerminal(size);
  const choices: LeaveChoice[] = [];
  const { settings, ...rest } = more;
  const ended = runScreen({
    handle,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    onLeave: choice => {
      choices.push(choice);
    },
    now: () => noon,
    environment: {},
    ...rest,
    settings: { ...defaultSettings, ...settings },
  });
  const on = onTerminal(terminal);
  await on.waitFor(rows => rows.some(row => row !== ''), 'a first frame');
  return {
    ...on,
    choices,
    ended,
    end: async () => {
      terminal.hangUp();
      await ended;
    },
  };
}
