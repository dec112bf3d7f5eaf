import { cannot, type HelpPage, helpGroups, interrupted, owned, settingsFileEntry, usage } from './page.ts';

/** Commands for agents on other machines. */
export const fleetPages: Readonly<Record<string, HelpPage>> = {
  fleet: {
    group: helpGroups.setUp,
    about:
      'Lists the machines that agents run on. "init" makes the depot that commits travel through, writes the settings and prints the line ' +
      'that workers join with; a worker gets runs once you have accepted its fingerprint. See docs/fleet.md.',
    exits: { 0: 'done', 1: 'not possible now, or you answered no', 2: usage, 3: cannot, 4: owned },
    examples: [
      ['fleet init', 'begin, with an engine on this machine'],
      ['fleet', 'list the workers with their fingerprints'],
      ['fleet accept box-1', 'give it runs'],
      ['fleet drain box-1', 'let it finish what it has'],
    ],
    files: [settingsFileEntry],
  },
  worker: {
    group: helpGroups.setUp,
    about:
      'Takes runs from the coordinator that it has joined, works on them in its own worktrees, and pushes their commits to the depot. ' +
      'SIGTERM lets it finish what it has; a second one ends it at once, and its agents continue until it is started again.',
    exits: { 0: 'drained, or with --check: nothing prevents work', 2: usage, 3: cannot, 130: interrupted },
    examples: [
      ["worker --join 'redis://…'", 'join, under the name of this machine'],
      ['worker --check', 'see whether it could work here'],
      ['worker --slots 8', 'again, with eight runs at once'],
    ],
    files: [],
  },
};
