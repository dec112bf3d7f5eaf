import {
  actionExits,
  cannot,
  type HelpPage,
  helpGroups,
  interrupted,
  journal,
  logFiles,
  ownershipFile,
  roadmapFile,
  runReference,
  settingsFileEntry,
  usage,
} from './page.ts';

const start: HelpPage = {
  group: helpGroups.work,
  about:
    'Opens the full screen for the repository of the current folder: ROADMAP, running agents and merge queue. ' +
    'With --headless the same engine runs without a screen, with the work loop on. A second cm-tui on a repository is a read-only viewer. ' +
    '--approve clean never approves a branch with a warning (a file of another owner where ownershipPolicy is "warn"): ' +
    'it is ready for review until you land it with "cm-tui merge ID".',
  exits: {
    0: 'you quit; with --exit-when-idle: everything has landed',
    1: 'with --exit-when-idle: something failed or needs a person',
    2: usage,
    3: `${cannot}, or there is no terminal and no --headless`,
    4: 'with --headless: another cm-tui owns the repository',
    130: interrupted,
  },
  examples: [
    ['start --auto', 'open the screen with the work loop on'],
    ['start --headless --approve clean --exit-when-idle', 'run and land whatever is possible, in a script'],
  ],
  files: [roadmapFile, ownershipFile, journal, settingsFileEntry],
};

/** Commands that start and stop work. */
export const workPages: Readonly<Record<string, HelpPage>> = {
  '': {
    ...start,
    about:
      'Runs several coding agents at once over one git repository, each in its own worktree, and lands their work. ' +
      'Without a command it opens the full screen, as "cm-tui start" does.',
    examples: [
      ['', 'open the screen for the repository of the current folder'],
      ['demo', 'see it work on a sample repository'],
    ],
  },
  start,
  spawn: {
    group: helpGroups.work,
    about:
      'Starts an agent on an item in its own worktree and branch, and returns when the agent is running. ' +
      'Items that the plan does not allow are refused with the reason.',
    exits: actionExits,
    examples: [
      ['spawn US-043', 'start an agent on US-043'],
      ['spawn US-014@3688 --agent codex', 'one of two items with the same id, by its line'],
      ['spawn US-044 --anyway', 'start it although CPU is at 92 %'],
      ['spawn US-045 --stack', 'start it on the branch of US-044, which waits for review'],
    ],
    files: [roadmapFile, ownershipFile, logFiles],
  },
  race: {
    group: helpGroups.work,
    about:
      'Starts several agents on one item, each in its own worktree and branch, and returns when they are running. The review page ' +
      'compares them. At most one of them lands; the others are then archived: their branches, worktrees and logs stay.',
    arguments: { id: 'the item: its id, an alias, or id@line' },
    exits: actionExits,
    examples: [
      ['race US-043 --agents claude,codex', 'one run by each'],
      ['race US-043 --agents "claude x2"', 'two runs by the same agent'],
    ],
    files: [roadmapFile, journal],
  },
  run: {
    group: helpGroups.work,
    about:
      'Creates an ad-hoc item from a prompt, starts an agent on it and returns when the agent is running. Works without a ROADMAP.',
    exits: actionExits,
    examples: [
      ['run "Add a dark mode"', 'unknown scope: runs one at a time'],
      ['run "Add a dark mode" --files "src/theme/**"', 'with the paths it may change'],
      ['run - < prompt.md', 'a prompt of any length from a file'],
    ],
    files: [logFiles],
  },
  retry: {
    group: helpGroups.work,
    about:
      'Runs an item again. A run that ended or cannot land gets a fresh attempt in its own worktree, and returns when the agent is ' +
      'running; an approved branch that was blocked or whose checks failed is built and checked again. Nothing is removed.',
    arguments: { id: runReference },
    exits: actionExits,
    examples: [
      ['retry US-043', 'a fresh attempt, or a rebuild'],
      ['retry 043-2', 'the same, by the slug of one of its runs'],
    ],
    files: [logFiles],
  },
  edit: {
    group: helpGroups.work,
    about:
      'Changes an ad-hoc item that has not started: its prompt, its title, the files it may change, its agent. What is left out stays. ' +
      '"cm-tui cancel ID" removes it.',
    exits: actionExits,
    examples: [
      ['edit TASK-2 "Add a dark mode and its tests"', 'another prompt'],
      ['edit TASK-2 --files "src/theme/**"', 'other files'],
      ['edit TASK-2 - < prompt.md', 'a prompt of any length from a file'],
    ],
    files: [journal],
  },
  scope: {
    group: helpGroups.work,
    about:
      'Suggests which files the items of unknown scope will change, and what they depend on, with reasons, and says how many items ' +
      'could then run at once. The guess reads the items and the history of the repository; where it is not sure, the scope stays ' +
      'unknown. Nothing changes until you confirm. Then the scopes are written into the ROADMAP in one commit on the target, or ' +
      "kept in cm-tui's own state where there is no place for them.",
    arguments: { ids: 'items, by id, key or alias' },
    exits: actionExits,
    examples: [
      ['scope', 'suggest, and ask'],
      ['scope US-043 --yes', 'set the scope of one item as suggested'],
      ['scope --json', 'suggestions as JSON; changes nothing'],
    ],
    files: [roadmapFile, journal],
  },
  cancel: {
    group: helpGroups.work,
    about:
      'Stops the whole process tree of a run and returns when it is gone. Its worktree, branch and work so far stay. ' +
      'An ad-hoc item that has not started is removed.',
    arguments: { id: runReference },
    exits: actionExits,
    examples: [
      ['cancel US-043', 'stop the run of US-043'],
      ['cancel roadmap-043', 'the same, by branch name'],
    ],
    files: [journal],
  },
  pause: {
    group: helpGroups.work,
    about: 'Pauses or resumes new spawns. Running agents continue, and finished work can still land.',
    arguments: { state: 'on: start nothing new; off: resume' },
    exits: actionExits,
    examples: [
      ['pause', 'start nothing new'],
      ['pause off', 'resume'],
    ],
    files: [journal],
  },
  asks: {
    group: helpGroups.work,
    arguments: {},
    about:
      'Lists the questions of running agents: what each wants to do, and how long it has been waiting. Answer with "cm-tui answer".',
    exits: { 0: 'listed', 2: usage, 3: cannot },
    examples: [
      ['asks', 'what is waiting for you'],
      ['asks --json', 'the same for scripts'],
    ],
    files: [],
  },
  answer: {
    group: helpGroups.work,
    arguments: { id: runReference },
    about:
      'Allows or denies what a running agent asks for, once. An agent whose question is denied continues without it. ' +
      'A question that nobody answers is denied after the setting askTimeout of its agent.',
    exits: actionExits,
    examples: [
      ['answer US-043 allow', 'the oldest question of US-043'],
      ['answer US-043 deny --ask 2', 'one of several'],
      ['answer US-043 allow --always', 'and add a rule, such as "npm install", to the settings'],
    ],
    files: [],
  },
  attach: {
    group: helpGroups.work,
    about:
      'Takes over the terminal of a running interactive agent. An agent that has ended is resumed in its own worktree and ' +
      'session, with your message.',
    arguments: { id: runReference },
    exits: actionExits,
    examples: [
      ['attach US-043', 'type to the agent'],
      ['attach US-043 --message "Also fix the tests"', 'resume it with that message'],
    ],
    files: [logFiles],
  },
};
