import { actionExits, type HelpPage, helpGroups, journal, runReference } from './page.ts';

/** Commands that land work and clean up. */
export const landPages: Readonly<Record<string, HelpPage>> = {
  merge: {
    group: helpGroups.land,
    about:
      'Approves a finished branch at its current commit and lands it: the merge commit is built, checked, and fast-forwarded onto ' +
      'the target if that has not moved. Prints the reason if something does not land.',
    arguments: { id: runReference },
    exits: { ...actionExits, 0: 'everything landed', 1: 'something did not land; the reason is printed' },
    examples: [
      ['merge US-043', 'approve and land one branch'],
      ['merge --all-clean', 'every branch that is clean, without violations and without warnings'],
      [
        'merge US-043 --to-branch pr/us-043',
        'put what would land on a new branch, for a pull request; nothing is pushed',
      ],
    ],
    files: [journal],
  },
  undo: {
    group: helpGroups.land,
    about:
      'Undoes a landing. If nothing landed after it, the target returns to where it was, and so does your checkout. Otherwise a revert branch is ' +
      'created, which lands when you approve it. The landed commit stays pinned.',
    arguments: { id: `${runReference} (default: the last landing)` },
    exits: actionExits,
    examples: [
      ['undo', 'undo the last landing'],
      ['undo US-043', 'undo that landing'],
    ],
    files: [journal],
  },
  replay: {
    group: helpGroups.land,
    about:
      'A run is held if the target no longer contains what it started from or merged: landing it would bring back what you ' +
      "removed. This command recreates the run's own commits on the tip of the target and moves its branch and worktree there. The old commits " +
      'stay pinned under refs/cm/old/. If one conflicts, nothing changes: the conflict is named, and you or the agent can resolve it with git rebase --onto.',
    arguments: { id: runReference },
    exits: { ...actionExits, 0: 'replayed; review the branch again', 1: 'nothing changed; the reason is printed' },
    examples: [
      ['replay US-043', 'keep only its own commits'],
      ['replay US-043 --json', 'the same for scripts: replayed, state, head, conflicts'],
    ],
    files: [journal],
  },
  update: {
    group: helpGroups.land,
    about:
      "Replays a run's own commits onto the tip of the target, or merges the target into its branch where they cannot be replayed, and moves its " +
      'worktree along. You review the result again. Where both conflict nothing changes, and the conflict is named.',
    arguments: { id: runReference },
    exits: { ...actionExits, 0: 'up to date', 1: 'nothing changed; the reason is printed' },
    examples: [
      ['update US-043', 'bring its branch up to date'],
      ['update 043-2', 'bring that run up to date'],
    ],
    files: [journal],
  },
  commit: {
    group: helpGroups.land,
    about:
      'Commits what a run left uncommitted in its worktree, on its branch, for example because its agent was not allowed to. The commit says so. ' +
      'Ignored files, and what your setup changed, stay out. The run is evaluated again, and nothing lands before you approve it.',
    arguments: { id: runReference },
    exits: actionExits,
    examples: [
      ['commit US-043', 'what the last run of US-043 left'],
      ['commit 043-2', 'the same, by the slug of a run'],
    ],
    files: [journal],
  },
  retarget: {
    group: helpGroups.land,
    about:
      'Lands everything that has not landed yet, or one item or run, on this branch from now on, for example after the target was renamed. ' +
      'The branches are evaluated against the new target, and what was approved needs approval again. New runs land on the branch of ' +
      '--target or of the setting targetBranch, as before.',
    arguments: { id: `${runReference} (default: all that has not landed)`, branch: 'a local branch that exists' },
    exits: actionExits,
    examples: [
      ['retarget trunk', 'land everything that waits on trunk'],
      ['retarget US-043 release/2', 'only this item'],
    ],
    files: [journal],
  },
  pr: {
    group: helpGroups.land,
    about:
      'Pushes the branch of a finished run and opens its pull request through gh or glab, with the item, the summary of the agent and the result ' +
      'of the checks. Nothing lands here. Without an ID it lists the pull requests with their state and checks.',
    arguments: { id: `${runReference} (default: list)` },
    exits: { ...actionExits, 0: 'open', 1: 'not opened; the reason is printed' },
    examples: [
      ['pr US-043', 'open it'],
      ['pr --json', 'list all for scripts'],
    ],
    files: [journal],
  },
  queue: {
    group: helpGroups.land,
    about:
      'Lists the merge queue in landing order, or changes it: jump moves an item to the top, requeue to the end (or into a ' +
      'class), hold keeps it back until release, reject removes it and keeps its branch. resume resumes paused ' +
      'landing.',
    arguments: { id: runReference },
    exits: actionExits,
    examples: [
      ['queue', 'list the queue'],
      ['queue jump US-043', 'land it next'],
    ],
    files: [journal],
  },
  clean: {
    group: helpGroups.land,
    about:
      'Removes the worktrees and branches of work that has provably landed, and of runs that hold nothing. Lists them first, with the ' +
      'untracked and ignored files that would be lost, and asks separately about those. Runs that hold work which has not landed are ' +
      'listed with what they hold, and stay: "cm-tui discard" removes them. In a pipe without --yes it only lists.',
    exits: { ...actionExits, 1: 'something that has landed was kept; the reason is printed' },
    examples: [
      ['clean --dry-run', 'list only'],
      ['clean --yes', 'remove everything that loses no files'],
    ],
    files: [journal],
  },
  discard: {
    group: helpGroups.land,
    about:
      'Removes the worktrees and branches of the runs that you name, whatever they hold, after listing it and asking. Their commits, and what ' +
      'was not committed, stay pinned for 30 days: "cm-tui restore" brings them back. Files that git ignores are gone. In a pipe it needs --yes.',
    arguments: { ids: runReference },
    exits: { ...actionExits, 1: 'something was kept; the reason is printed' },
    examples: [
      ['discard US-004', 'remove a rejected run'],
      ['discard 001 002-2 --yes', 'remove two runs without being asked'],
    ],
    files: [journal],
  },
  restore: {
    group: helpGroups.land,
    about:
      'Brings back the worktree and branch of a discarded run, with the files that were not committed, for 30 days. Its work is reviewed as ' +
      'before.',
    arguments: { id: runReference },
    exits: actionExits,
    examples: [
      ['restore US-004', 'bring back the run of an item'],
      ['restore 001-2', 'bring back that run'],
    ],
    files: [journal],
  },
};
