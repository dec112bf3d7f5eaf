import { acts, type HelpPage, helpGroups, journal, runReference } from './page.ts';

/** Commands that land it and clean up. */
export const landPages: Readonly<Record<string, HelpPage>> = {
  merge: {
    group: helpGroups.land,
    about:
      'Approves a finished branch as it is now and lands it: merged on paper, checked as the very commit that will land, and moved ' +
      'onto the target only if that has not moved. Says in one sentence why something did not land.',
    arguments: { id: runReference },
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
    arguments: { id: `${runReference} (default: the last landing)` },
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
    arguments: { id: runReference },
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
};
