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

/** Commands that set up. */
export const setUpPages: Readonly<Record<string, HelpPage>> = {
  init: {
    group: helpGroups.setUp,
    about:
      'Looks for agents on this machine and writes a first configuration; on a terminal it also offers a first ROADMAP.',
    exits: { 0: 'done', 2: usage, 3: cannot },
    examples: [
      ['init', 'find an agent and use it'],
      ['init --agent codex', 'use that one'],
    ],
    files: [settingsFileEntry, roadmapFile],
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
    files: [settingsFileEntry, journal],
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
      settingsFileEntry,
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
