import type { Settings } from '../settings.ts';

type Name = keyof Settings;

/** By these cm-tui set itself up when it started: where it works, on which branch, and what its git does at a landing. */
const atStartOnly: readonly Name[] = ['targetBranch', 'branchPrefix', 'worktreeRoot', 'sign', 'landingHooks'];

/** What only paces or paints: a change of it can neither start a program, nor approve, nor let more pass. */
export const harmlessSettings: readonly Name[] = [
  'theme',
  'notify',
  'mouse',
  'maxParallel',
  'maxCpuPercent',
  'maxMemoryPercent',
  'minFreeDisk',
  'pollSeconds',
];

/** What becomes of settings that were changed while cm-tui runs. */
export interface SettingsChange {
  /** Those that count from now on. */
  readonly settings: Settings;
  /** What of them is new. */
  readonly used: readonly Name[];
  /** What is new in the files and counts only from the next start on. */
  readonly restart: readonly Name[];
}

/**
 * Compares the settings in force with those that the files say now. `trusted`: a person is known to have written them; otherwise only what
 * is harmless counts, and of `notify` nothing that starts a program.
 */
export function changeSettings(current: Settings, read: Settings, trusted: boolean): SettingsChange {
  const differs = (name: Name) => JSON.stringify(current[name]) !== JSON.stringify(read[name]);
  const allowed = trusted
    ? read
    : { ...current, ...pick(read, harmlessSettings), notify: withCommandOf(current, read) };
  const settings = { ...allowed, ...pick(current, atStartOnly) };
  const names = Object.keys(read).filter((name): name is Name => name in current);
  return {
    settings,
    used: names.filter(name => JSON.stringify(current[name]) !== JSON.stringify(settings[name])),
    restart: trusted ? atStartOnly.filter(differs) : [],
  };
}

function pick(from: Settings, names: readonly Name[]): Partial<Settings> {
  return Object.fromEntries(names.map(name => [name, from[name]]));
}

function withCommandOf({ notify: { command } }: Settings, { notify }: Settings): Settings['notify'] {
  const { bell, desktop } = notify;
  return { bell, desktop, ...(command === undefined ? {} : { command }) };
}

/** One sentence for a person, or null where nothing changed. */
export function describeSettingsChange({ used, restart }: Omit<SettingsChange, 'settings'>): string | null {
  const parts = [
    ...(used.length === 0 ? [] : [`Settings in use from now on: ${used.join(', ')}.`]),
    ...(restart.length === 0 ? [] : [`Restart cm-tui to use ${restart.join(', ')}.`]),
  ];
  return parts.length === 0 ? null : parts.join(' ');
}
