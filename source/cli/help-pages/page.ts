/** What `--help` says about a command beyond its options. */
export interface HelpPage {
  /** Heading under which `cm-tui --help` lists it. */
  readonly group: string;
  /** Whole sentences; commands without them show their one-line summary. */
  readonly about: string;
  /** Argument → description, if the command itself has none. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** Exit code → meaning here; either specific words, or as for every command. */
  readonly exits: Readonly<Partial<Record<0 | 1 | 2 | 3 | 4 | 130, string>>>;
  /** Command line after `cm-tui`, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Path, and what is in it. */
  readonly files: readonly (readonly [path: string, holds: string])[];
}

export const usage = 'wrong usage or settings';
export const cannot = 'the repository or the machine cannot do it';
export const owned = 'another cm-tui owns the repository and does not respond';
export const interrupted = 'interrupted';
export const readOnlyExits = { 0: 'done', 2: usage, 3: cannot } as const;
export const actionExits = {
  0: 'done',
  1: 'it failed; the reason is printed',
  2: usage,
  3: cannot,
  4: owned,
} as const;

export const journal = ['<git folder>/cm-tui/journal.jsonl', 'every event so far'] as const;
export const logFiles = ['<git folder>/cm-tui/runs/<slug>/', 'out.log and err.log of each run'] as const;
export const roadmapFile = ['docs/roadmap/ROADMAP.md, docs/ROADMAP.md or ROADMAP.md', 'the items'] as const;
export const ownershipFile = ['docs/AGENT_OWNERSHIP.md', 'who owns which files'] as const;
export const settingsFileEntry = ['<git folder>/cm-tui/config.json', 'settings of this repository'] as const;

export const runReference = 'an item id or alias, a slug, a branch or a run id';

/** Command groups, in the order in which `cm-tui --help` lists them. */
export const helpGroups = { work: 'Work:', inspect: 'Inspect:', land: 'Land and clean up:', setUp: 'Set up:' } as const;
