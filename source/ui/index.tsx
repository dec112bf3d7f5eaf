import process from 'node:process';
import { render } from 'ink';
import { resolveKeys } from '../commands/keymap.ts';
import type { CoordinatorHandle } from '../coordinator/state/handle.ts';
import { messageOf } from '../domain/errors.ts';
import type { Settings, ThemeName } from '../domain/settings.ts';
import type { Command } from '../ports/commands.ts';
import { App, type InkControls } from './app.tsx';
import { type ScreenSettings, takeOver } from './controller/looks.ts';
import { Screen } from './controller/screen.ts';
import { feed } from './feed.ts';
import type {
  ExternalRequest,
  OpenActivity,
  ReadSettingsChanges,
  RuleWriter,
  SaveText,
  SuggestScopes,
} from './layer.ts';
import { type Closing, watchClosing } from './terminal/closing.ts';
import { KeyboardProtocol } from './terminal/kitty.ts';
import { MouseReports } from './terminal/mouse.ts';
import { readSize, SizeStore } from './terminal/size.ts';
import { JobControl } from './terminal/suspend.ts';
import { newsBetween, notifyTerminal, titleOf, WindowTitle } from './terminal/title.ts';
import { chooseTheme } from './theme.ts';

export type { ExternalRequest, SaveText, SuggestScopes } from './layer.ts';

/** The user's choice about running agents when quitting. */
export type LeaveChoice = 'keep' | 'stop';

/** Why the screen has ended: a key, a signal, or a closed terminal. In the last three cases the agents keep running. */
export type LeaveReason = 'left' | Closing;

export interface RunScreenOptions {
  readonly handle: CoordinatorHandle;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly settings: Settings;
  /** The repository's name, for the frames before it has been read. */
  readonly name?: string;
  /** Called once before the terminal is given back, and awaited: `stop` has to end the agents. */
  readonly onLeave: (choice: LeaveChoice) => void | Promise<void>;
  /**
   * Runs another program on the terminal. Returns null on success, else one sentence why not.
   * Without it, attaching reports that it is not possible here.
   */
  readonly openExternal?: (request: ExternalRequest) => Promise<string | null>;
  /** How logs are saved; without it, saving reports that it is not possible here. */
  readonly saveText?: SaveText;
  /** How the activity log is read; without it, the notices stand for it. */
  readonly openActivity?: OpenActivity;
  /** How files are suggested; without it, that reports that it is not possible here. */
  readonly suggestScopes?: SuggestScopes;
  /** Names of the agents that can be asked for; without it, any name is taken. */
  readonly agents?: () => readonly string[];
  /** Why the agents that a command would start cannot be started here, or null; without it, that is found out by starting them. */
  readonly cannotStart?: (command: Command) => string | null;
  /** How rules are added to the settings; without it, that reports that it is not possible here. */
  readonly rules?: RuleWriter;
  /** How changed settings files are read; without it, that reports that it is not possible here. */
  readonly settingsChanges?: ReadSettingsChanges;
  /** Called once the screen is up. */
  readonly onOpen?: (controls: ScreenControls) => void;
  /** Rejects when something outside the screen has failed for good: the terminal is restored, then the same error is thrown. */
  readonly crashed?: Promise<never>;
  readonly now: () => number;
  /** For `NO_COLOR`, `TERM` and `INK_SCREEN_READER`; the process's own by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What others may do on an open screen. */
export interface ScreenControls {
  showMessage(text: string, level: 'info' | 'warning' | 'error'): void;
  /** Asks a yes-or-no question. */
  ask(title: string, lines: readonly string[]): Promise<boolean>;
}

const framesPerSecond = 20;

/**
 * Opens the full screen and resolves when the user has quit or the terminal has gone, with the terminal restored.
 * Rejects with the error that broke the drawing, if any; the terminal is restored then too.
 */
export async function runScreen(options: RunScreenOptions): Promise<{ readonly reason: LeaveReason }> {
  const { handle, stdin, stdout, settings } = options;
  const environment = options.environment ?? process.env;
  const screenReader = environment.INK_SCREEN_READER === 'true';
  let controls: InkControls | null = null;
  let end: (reason: LeaveReason) => void = () => {};
  const left = new Promise<LeaveReason>(resolve => {
    end = resolve;
  });
  const leave = leaveOnce(options.onLeave, end, (text, level) => screen.showMessage(text, level));
  const keyboard = new KeyboardProtocol(stdout);
  const suspend = async (callback: () => Promise<void>): Promise<void> => {
    await keyboard.without(async () => controls?.suspend(() => mouse.without(callback)));
  };
  const sizes = new SizeStore(stdout, async () => controls?.flush());
  const jobs = new JobControl(suspend, stdin, () => sizes.redraw());
  const screen = new Screen({
    handle,
    name: options.name ?? '',
    keymap: resolveKeys(settings.keys),
    screenReader,
    now: options.now,
    size: () => sizes.snapshot() ?? readSize(stdout),
    leave: choice => void leave(choice, 'left'),
    suspend: () => void jobs.stop(),
    redraw: () => sizes.redraw(),
    external: externalOf(options.openExternal, suspend),
    save: options.saveText ?? null,
    activity: options.openActivity ?? null,
    suggest: options.suggestScopes ?? null,
    agents: options.agents ?? (() => []),
    cannotStart: options.cannotStart ?? (() => null),
    rules: options.rules ?? null,
    settings: options.settingsChanges ?? null,
  });
  const title = new WindowTitle(stdout);
  const mouse = new MouseReports(stdout);
  // Before the first frame: whoever sees it may send a signal at once.
  const stops = [
    watchClosing(stdin, stdout, why => void leave('keep', why)),
    () => mouse.stop(),
    () => jobs.dispose(),
    () => sizes.dispose(),
  ];
  const onMounted = (given: InkControls): void => {
    controls = given;
  };
  const app = (theme: ThemeName) => (
    <App
      screen={screen}
      sizes={sizes}
      theme={chooseTheme(theme, environment)}
      keyboard={keyboard}
      onMounted={onMounted}
    />
  );
  const ink = render(app(settings.theme), {
    stdout,
    stdin,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: framesPerSecond,
    isScreenReaderEnabled: screenReader,
    // Explicit, because Ink goes silent where CI is set, even on a terminal.
    interactive: Boolean(stdout.isTTY),
  });
  let looks: ScreenSettings = settings;
  const show = (next: ScreenSettings): void => {
    if (next.theme !== looks.theme) ink.rerender(app(next.theme));
    if (next.keys !== looks.keys) screen.changeKeys(resolveKeys(next.keys));
    mouse.want(next.mouse && !screenReader);
    looks = next;
  };
  mouse.want(settings.mouse && !screenReader);
  title.show(titleOf(handle.state()));
  keyboard.ask();
  stops.push(
    feed(handle, screen, (before, now) => {
      title.show(titleOf(now));
      show(takeOver(looks, before.settings, now.settings));
      notifyTerminal(stdout, looks.notify, newsBetween(before, now));
    }),
  );
  const exited = ink.waitUntilExit();
  try {
    options.onOpen?.({
      showMessage: (text, level) => screen.showMessage(text, level),
      ask: (title, lines) => screen.ask(title, lines),
    });
    const ends = [
      left,
      exited.then((): LeaveReason => 'left'),
      ...(options.crashed === undefined ? [] : [options.crashed]),
    ];
    return { reason: await Promise.race(ends) };
  } finally {
    for (const stop of stops) stop();
    keyboard.stop();
    ink.unmount();
    await settled(exited);
    title.restore();
  }
}

/** A terminal that accepts no more bytes must not keep the program alive: what it has not taken by then is dropped. */
const lastBytesMs = 500;

async function settled(exited: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise(resolve => {
    timer = setTimeout(resolve, lastBytesMs);
  });
  await Promise.race([exited.catch(() => {}), patience]);
  clearTimeout(timer);
}

/** Quits once, after `onLeave` is done. If stopping the agents fails, the screen says why and stays. */
function leaveOnce(
  onLeave: RunScreenOptions['onLeave'],
  end: (reason: LeaveReason) => void,
  showMessage: (text: string, level: 'info' | 'error') => void,
): (choice: LeaveChoice, reason: LeaveReason) => Promise<void> {
  let leaving = false;
  return async (choice, reason) => {
    if (leaving && reason === 'left') return;
    leaving = true;
    if (choice === 'stop') showMessage('Stopping the agents. Their work so far stays …', 'info');
    try {
      await onLeave(choice);
    } catch (error) {
      leaving = false;
      if (reason === 'left') {
        showMessage(messageOf(error), 'error');
        return;
      }
    }
    end(reason);
  };
}

function externalOf(
  open: RunScreenOptions['openExternal'],
  suspend: (callback: () => Promise<void>) => Promise<void>,
): ((request: ExternalRequest) => Promise<string | null>) | null {
  if (open === undefined) return null;
  return async request => {
    let problem: string | null = null;
    try {
      await suspend(async () => {
        problem = await open(request);
      });
    } catch (error) {
      problem = messageOf(error);
    }
    return problem;
  };
}
