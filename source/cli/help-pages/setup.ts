import {
  cannot,
  type HelpPage,
  helpGroups,
  interrupted,
  journal,
  owned,
  roadmapFile,
  settingsFileEntry,
  usage,
} from './page.ts';

/** Setup commands. */
export const setUpPages: Readonly<Record<string, HelpPage>> = {
  init: {
    group: helpGroups.setUp,
    about:
      'Looks for installed agents and writes a first configuration. In a terminal it also offers to create a first ROADMAP.',
    exits: { 0: 'done', 2: usage, 3: cannot },
    examples: [
      ['init', 'find an agent and use it'],
      ['init --agent codex', 'use that agent'],
    ],
    files: [settingsFileEntry, roadmapFile],
  },
  import: {
    group: helpGroups.setUp,
    about:
      'Reads a list in any form that cm-tui knows (docs/sources.md), shows the sections that would be added to the ROADMAP as a diff, and ' +
      'adds them when you agree. The list itself is left alone.',
    exits: { 0: 'done, or shown without a terminal and --yes', 1: 'you answered no', 2: usage, 3: cannot },
    examples: [
      ['import docs/plans.md', 'show what that adds, and ask'],
      ['import prd.json --yes', 'without asking'],
    ],
    files: [roadmapFile],
  },
  doctor: {
    group: helpGroups.setUp,
    about:
      'Checks git, agents, settings and journal, and says how to fix what is missing. Changes nothing without --recover.',
    exits: {
      0: 'no problems',
      1: 'with --recover: you answered no',
      2: usage,
      3: 'a problem prevents work',
      4: owned,
    },
    examples: [
      ['doctor', 'check everything'],
      ['doctor --recover', 'rebuild a damaged journal, after asking'],
    ],
    files: [settingsFileEntry, journal],
  },
  demo: {
    group: helpGroups.setUp,
    about:
      'Creates a small sample repository in a temporary folder and runs the built-in agent on it. One item conflicts on purpose and ' +
      'is held back intact. The last line is one JSON object.',
    exits: { 0: 'everything that should land has landed', 1: 'the outcome differed', 3: cannot, 130: interrupted },
    examples: [
      ['demo', 'with the full screen'],
      ['demo --headless --keep', 'without a screen, and keep the repository'],
    ],
    files: [
      ['<temporary folder>/cm-tui-demo-*/corner-shop', 'the sample repository, removed afterwards without --keep'],
    ],
  },
  config: {
    group: helpGroups.setUp,
    about:
      "Reads and changes settings: the repository's, or with --user yours for all repositories. get without a key prints all " +
      'current values. diff shows what settings files say now and did not when you last wrote or accepted them; trust accepts that.',
    arguments: { key: 'name of a setting, e.g. maxParallel', value: 'JSON, or plain text' },
    exits: { 0: 'done', 1: 'the setting has no value, or diff shows something', 2: usage, 3: cannot },
    examples: [
      ['config set checks \'["npm test"]\'', 'run these before every landing'],
      ['config get', 'all current values'],
      ['config diff', 'what somebody else changed in settings files'],
    ],
    files: [
      settingsFileEntry,
      ['.cm-tui.json', 'settings tracked in the repository'],
      ['~/.config/cm-tui/config.json', 'your own settings'],
    ],
  },
  completion: {
    group: helpGroups.setUp,
    about:
      'Prints a script with which your shell completes commands, options, their values, and the ids of items and runs. For zsh put ' +
      'source <(cm-tui completion zsh) into ~/.zshrc, after compinit.',
    arguments: { shell: 'your shell' },
    exits: { 0: 'done', 2: usage },
    examples: [
      ['completion bash >> ~/.bash_completion', 'for every new bash'],
      ['completion fish > ~/.config/fish/completions/cm-tui.fish', 'for every new fish'],
    ],
    files: [],
  },
};
