import {
  acts,
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
  files: [roadmapFile, ownershipFile, journal, settingsFileEntry],
};

/** Commands that start and end work. */
export const workPages: Readonly<Record<string, HelpPage>> = {
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
    files: [roadmapFile, ownershipFile, logFiles],
  },
  run: {
    group: helpGroups.work,
    about: 'Makes an item from a prompt, starts its agent and returns when it is at work. No ROADMAP is needed.',
    exits: acts,
    examples: [
      ['run "Add a dark mode"', 'scope unknown: runs beside items of known scope only'],
      ['run "Add a dark mode" --files "src/theme/**"', 'with the paths it may touch'],
    ],
    files: [logFiles],
  },
  cancel: {
    group: helpGroups.work,
    about:
      'Ends the whole process tree of an instance and returns when it is gone. Worktree, branch and what it has done so far stay.',
    arguments: { id: runReference },
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
  attach: {
    group: helpGroups.work,
    about:
      'Takes over the terminal of an interactive agent that is at work. An agent that has ended goes on in its own worktree and ' +
      'session, with a message of yours.',
    arguments: { id: runReference },
    exits: acts,
    examples: [
      ['attach US-043', 'type to the agent itself'],
      ['attach US-043 --message "Also mend the tests"', 'let it go on with that'],
    ],
    files: [logFiles],
  },
};
