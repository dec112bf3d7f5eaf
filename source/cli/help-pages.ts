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

const usage = 'wrong usage or settings';
const cannot = 'the repository or the machine cannot do it';
const owned = 'another cm-tui owns the repository and does not answer';
const interrupted = 'interrupted';
const looks = { 0: 'done', 2: usage, 3: cannot } as const;
const acts = { 0: 'done', 1: 'it could not be done; a sentence says why', 2: usage, 3: cannot, 4: owned } as const;

const journal = ['<git folder>/cm-tui/journal.jsonl', 'everything that has happened'] as const;
const logs = ['<git folder>/cm-tui/runs/<slug>/', 'out.log and err.log of each run'] as const;
const roadmapFile = ['docs/roadmap/ROADMAP.md, docs/ROADMAP.md or ROADMAP.md', 'the items'] as const;
const ownershipFile = ['docs/AGENT_OWNERSHIP.md', 'who owns which files'] as const;
const settingsFile = ['<git folder>/cm-tui/config.json', 'settings of this repository'] as const;

const run = "an item's id or an alias of it, a slug, a branch or a run id";

/** What commands are for, in the order in which `cm-tui --help` lists them. */
export const helpGroups = { work: 'Work:', look: 'Look:', land: 'Land and clean up:', setUp: 'Set up:' } as const;

const start: HelpPage = {
  group: helpGroups.work,
  about:
    'Opens the full screen for the repository around the current folder: the ROADMAP, the agents at work and the merge queue. ' +
    'With --headless the same engine runs without a screen, with the work loop on. A second cm-tui on the same repository only looks.',
  exits: {
    0: 'left by the user; with --exit-when-idle: everything has landed',
    1: 'with --exit-when-idle: something has failed or waits for a person',
    2: usage,
    3: `${cannot}, or there is no terminal and no --headless`,
    4: 'with --headless: another cm-tui owns the repository',
    130: interrupted,
  },
  examples: [
    ['start --auto', 'open the screen and begin with the work loop on'],
    ['start --headless --approve clean --exit-when-idle', 'do and land whatever can be done, for a script'],
  ],
  files: [roadmapFile, ownershipFile, journal, settingsFile],
};

/** By command; `cm-tui` itself stands under the empty name. Every command has one: the tests see to it. */
export const helpPages: Readonly<Record<string, HelpPage>> = {
  '': {
    ...start,
    about:
      'Runs several coding agents at once over one git repository, each in its own worktree, and lands their work. ' +
      'Without a command it opens the full screen, as "cm-tui start" does.',
    examples: [
      ['', 'open the screen for the repository around the current folder'],
      ['demo', 'see it at work on a sample repository'],
    ],
  },
  start,
  status: {
    group: helpGroups.look,
    about: 'Says which agents are at work, what waits to land and what the machine can bear. Changes nothing.',
    exits: looks,
    examples: [
      ['status', 'one line for each instance'],
      ['status --json | jq .runningCount', 'a number for a script'],
    ],
    files: [journal, roadmapFile],
  },
  plan: {
    group: helpGroups.look,
    about: 'Says which items may run now, and every reason why the others may not. Changes nothing.',
    exits: looks,
    examples: [
      ['plan', 'what is ready, what waits and why'],
      ['plan --max-parallel 8', 'the same with room for eight agents'],
    ],
    files: [roadmapFile, ownershipFile],
  },
  roadmap: {
    group: helpGroups.look,
    about: 'Lists the items that were read from the ROADMAP, and every problem in it by its line. Changes nothing.',
    exits: looks,
    examples: [
      ['roadmap', 'items and problems'],
      ['roadmap --roadmap docs/next.md --json', 'another file, as one JSON document'],
    ],
    files: [roadmapFile],
  },
  timeline: {
    group: helpGroups.look,
    about:
      'Draws every run as a bar over time: waiting, preparing, at work, waiting for you, landing. Below stands what waited for what, ' +
      'and above how much faster it was than one after the other, and the chain of runs that decided how long it took.',
    exits: { 0: 'done', 1: 'nothing has run, so there is nothing to draw', 2: usage, 3: cannot },
    examples: [
      ['timeline', 'bars on the terminal'],
      ['timeline --svg timeline.svg', 'a picture for a report'],
    ],
    files: [journal],
  },
  spawn: {
    group: helpGroups.work,
    about:
      "Starts an item's agent in a worktree and on a branch of its own, and returns when it is at work. It goes on by itself. " +
      'What the plan forbids is refused with the reason.',
    exits: acts,
    examples: [
      ['spawn --priority US-043', 'start the agent of US-043'],
      ['spawn --priority US-014@3688 --agent codex', 'one of two items with the same id, by its line'],
    ],
    files: [roadmapFile, ownershipFile, logs],
  },
  run: {
    group: helpGroups.work,
    about: 'Makes an item from a prompt, starts its agent and returns when it is at work. No ROADMAP is needed.',
    exits: acts,
    examples: [
      ['run "Add a dark mode"', 'scope unknown: runs beside items of known scope only'],
      ['run "Add a dark mode" --files "src/theme/**"', 'with the paths it may touch'],
    ],
    files: [logs],
  },
  cancel: {
    group: helpGroups.work,
    about:
      'Ends the whole process tree of an instance and returns when it is gone. Worktree, branch and what it has done so far stay.',
    arguments: { id: run },
    exits: acts,
    examples: [
      ['cancel US-043', 'end what works on US-043'],
      ['cancel roadmap-043', 'the same, by the branch'],
    ],
    files: [journal],
  },
  pause: {
    group: helpGroups.work,
    about: 'Holds new starts, or lets them go on. Agents at work are left alone, and finished work can still land.',
    arguments: { state: 'on: start nothing new; off: go on' },
    exits: acts,
    examples: [
      ['pause', 'start nothing new'],
      ['pause off', 'go on'],
    ],
    files: [journal],
  },
  logs: {
    group: helpGroups.look,
    about:
      'Prints what the agent of an instance has written, made readable, or its bytes. Works for runs that have ended too.',
    arguments: { id: run },
    exits: { 0: 'done', 1: 'there is no such instance', 2: usage, 3: cannot, 130: interrupted },
    examples: [
      ['logs US-043 -f', 'go on printing until it has ended'],
      ['logs US-043 --raw > run.log', 'the bytes as the agent wrote them, for a file: nothing is taken out'],
    ],
    files: [logs],
  },
  attach: {
    group: helpGroups.work,
    about:
      'Takes over the terminal of an interactive agent that is at work. An agent that has ended goes on in its own worktree and ' +
      'session, with a message of yours.',
    arguments: { id: run },
    exits: acts,
    examples: [
      ['attach US-043', 'type to the agent itself'],
      ['attach US-043 --message "Also mend the tests"', 'let it go on with that'],
    ],
    files: [logs],
  },
  diff: {
    group: helpGroups.look,
    about:
      "Prints what an instance's branch changes against the commit it began on. In a pipe it is fit for git apply.",
    arguments: { id: run },
    exits: { 0: 'done', 1: 'there is no such instance', 2: usage, 3: cannot },
    examples: [
      ['diff US-043', 'with colours, on a terminal'],
      ['diff US-043 > us-043.patch', 'a patch'],
    ],
    files: [journal],
  },
  merge: {
    group: helpGroups.land,
    about:
      'Approves a finished branch as it is now and lands it: merged on paper, checked as the very commit that will land, and moved ' +
      'onto the target only if that has not moved. Says in one sentence why something did not land.',
    arguments: { id: run },
    exits: { ...acts, 0: 'all of it has landed', 1: 'something did not land; a sentence says why' },
    examples: [
      ['merge US-043', 'approve and land one branch'],
      ['merge --all-clean', 'everything that is clean, in scope and owned'],
      ['merge US-043 --to-branch pr/us-043', 'put what would land on a branch, for a pull request; nothing is pushed'],
    ],
    files: [journal],
  },
  undo: {
    group: helpGroups.land,
    about:
      'Takes a landing back. While nothing has come after it the target simply returns to where it was, in your checkout too; later a ' +
      'branch is made that reverts it and that lands when you approve it. What landed stays pinned.',
    arguments: { id: `${run} (default: the last landing)` },
    exits: acts,
    examples: [
      ['undo', 'take the last landing back'],
      ['undo US-043', 'take that one back'],
    ],
    files: [journal],
  },
  queue: {
    group: helpGroups.land,
    about:
      'Lists what waits to land, in the order in which it will, or changes that order: jump puts an item first, requeue last (in a ' +
      'class, where one is named), hold keeps it back until release, reject says no to it and keeps its branch. resume lets landing ' +
      'go on after it was paused.',
    arguments: { id: run },
    exits: acts,
    examples: [
      ['queue', 'what waits to land'],
      ['queue jump US-043', 'land that one first'],
    ],
    files: [journal],
  },
  clean: {
    group: helpGroups.land,
    about:
      'Removes worktrees and branches of what has provably landed, after listing them with the untracked and ignored files that ' +
      'would be lost: those go only after a yes of their own. In a pipe and without --yes it only lists.',
    exits: { ...acts, 1: 'something was kept; a sentence says why' },
    examples: [
      ['clean --dry-run', 'only list'],
      ['clean --yes', 'remove whatever loses no file'],
    ],
    files: [journal],
  },
  init: {
    group: helpGroups.setUp,
    about:
      'Looks for agents on this machine and writes a first configuration; on a terminal it also offers a first ROADMAP.',
    exits: { 0: 'done', 2: usage, 3: cannot },
    examples: [
      ['init', 'find an agent and use it'],
      ['init --agent codex', 'use that one'],
    ],
    files: [settingsFile, roadmapFile],
  },
  doctor: {
    group: helpGroups.setUp,
    about:
      'Says what is there and what is missing (git, agents, settings, journal), and how to mend it. Changes nothing unless told to.',
    exits: {
      0: 'nothing prevents work',
      1: 'with --recover: you said no',
      2: usage,
      3: 'something prevents work',
      4: owned,
    },
    examples: [
      ['doctor', 'look at everything'],
      ['doctor --recover', 'rebuild a damaged journal, after asking'],
    ],
    files: [settingsFile, journal],
  },
  demo: {
    group: helpGroups.setUp,
    about:
      'Makes a small shop in a temporary folder and lets the built-in agent work on it. One item is planned to conflict and is held ' +
      'back unharmed. The last line is one JSON object.',
    exits: { 0: 'what should land has landed', 1: 'it came out otherwise', 3: cannot, 130: interrupted },
    examples: [
      ['demo', 'on the screen'],
      ['demo --headless --keep', 'without one; the repository is kept'],
    ],
    files: [
      ['<temporary folder>/cm-tui-demo-*/corner-shop', 'the sample repository, removed afterwards without --keep'],
    ],
  },
  config: {
    group: helpGroups.setUp,
    about:
      "Reads and changes settings: the repository's own, or yours for all repositories with --user. get without a key prints all " +
      'of them as they count here.',
    arguments: { key: 'name of a setting, e.g. maxParallel', value: 'JSON, or plain text' },
    exits: { 0: 'done', 1: 'the setting is not set', 2: usage, 3: cannot },
    examples: [
      ['config set checks \'["npm test"]\'', 'run these before every landing'],
      ['config get', 'all settings as they count here'],
    ],
    files: [
      settingsFile,
      ['.cm-tui.json', 'settings that the repository tracks'],
      ['~/.config/cm-tui/config.json', 'your own settings'],
    ],
  },
  completion: {
    group: helpGroups.setUp,
    about:
      'Prints a script by which your shell completes commands, options, their values, and the ids of items and instances. For zsh put ' +
      'source <(cm-tui completion zsh) into ~/.zshrc, behind compinit.',
    arguments: { shell: 'your shell' },
    exits: { 0: 'done', 2: usage },
    examples: [
      ['completion bash >> ~/.bash_completion', 'for every new bash'],
      ['completion fish > ~/.config/fish/completions/cm-tui.fish', 'for every new fish'],
    ],
    files: [],
  },
};
