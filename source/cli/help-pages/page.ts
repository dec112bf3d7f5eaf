/** What `--help` says of a command beyond its options. */
export interface HelpPage {
  /** Heading under which `cm-tui --help` lists it. */
  readonly group: string;
  /** Whole sentences; commands without them show the line of the list. */
  readonly about: string;
  /** Argument → what it is, where the command itself does not say. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** Exit code → what it means here; in words of its own, or as for every command. */
  readonly exits: Readonly<Partial<Record<0 | 1 | 2 | 3 | 4 | 130, string>>>;
  /** Command line after `cm-tui`, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Path, and what is in it. */
  readonly files: readonly (readonly [path: string, holds: string])[];
}

export const usage = 'wrong usage or settings';
export const cannot = 'the repository or the machine cannot do it';
export const owned = 'another cm-tui owns the repository and does not answer';
export const interrupted = 'interrupted';
export const looks = { 0: 'done', 2: usage, 3: cannot } as const;
export const acts = {
  0: 'done',
  1: 'it could not be done; a sentence says why',
  2: usage,
  3: cannot,
  4: owned,
} as const;

export const journal = ['<git folder>/cm-tui/journal.jsonl', 'everything that has happened'] as const;
export const logFiles = ['<git folder>/cm-tui/runs/<slug>/', 'out.log and err.log of each run'] as const;
export const roadmapFile = ['docs/roadmap/ROADMAP.md, docs/ROADMAP.md or ROADMAP.md', 'the items'] as const;
export const ownershipFile = ['docs/AGENT_OWNERSHIP.md', 'who owns which files'] as const;
export const settingsFileEntry = ['<git folder>/cm-tui/config.json', 'settings of this repository'] as const;

export const runReference = "an item's id or an alias of it, a slug, a branch or a run id";

/** What commands are for, in the order in which `cm-tui --help` lists them. */
export const helpGroups = { work: 'Work:', look: 'Look:', land: 'Land and clean up:', setUp: 'Set up:' } as const;
