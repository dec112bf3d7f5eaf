import {
  cannot,
  type HelpPage,
  helpGroups,
  interrupted,
  journal,
  logFiles,
  ownershipFile,
  readOnlyExits,
  roadmapFile,
  runReference,
  usage,
} from './page.ts';

/** Commands that inspect work. */
export const inspectPages: Readonly<Record<string, HelpPage>> = {
  status: {
    group: helpGroups.inspect,
    about: "Shows the running agents, the merge queue and the machine's capacity. Changes nothing.",
    exits: readOnlyExits,
    examples: [
      ['status', 'one line per run'],
      ['status --json | jq .runningCount', 'a number for a script'],
    ],
    files: [journal, roadmapFile],
  },
  plan: {
    group: helpGroups.inspect,
    about: 'Shows which items may run now, and every reason why the others may not. Changes nothing.',
    exits: readOnlyExits,
    examples: [
      ['plan', 'what is ready, what is waiting and why'],
      ['plan --max-parallel 8', 'the same with room for eight agents'],
    ],
    files: [roadmapFile, ownershipFile],
  },
  roadmap: {
    group: helpGroups.inspect,
    about: 'Lists the items of the ROADMAP and every problem in it, by line. Changes nothing.',
    exits: readOnlyExits,
    examples: [
      ['roadmap', 'items and problems'],
      ['roadmap --roadmap docs/next.md --json', 'another file, as one JSON document'],
    ],
    files: [roadmapFile],
  },
  timeline: {
    group: helpGroups.inspect,
    about:
      'Draws every run as a bar over time: waiting, preparing, working, waiting for you, landing. Shows what waited for what, ' +
      'the speed-up over running one after the other, and the critical path.',
    exits: { 0: 'done', 1: 'nothing has run yet', 2: usage, 3: cannot },
    examples: [
      ['timeline', 'bars on the terminal'],
      ['timeline --svg timeline.svg', 'a picture for a report'],
    ],
    files: [journal],
  },
  report: {
    group: helpGroups.inspect,
    about:
      'Sums up what the agents did: time at work, time that finished work waited for you, cost and tokens, what landed, and rework ' +
      '(attempts after the first, and fixes that were asked for), per agent and per item.',
    exits: { 0: 'done', 2: usage, 3: cannot },
    examples: [
      ['report', 'the last 24 hours'],
      ['report --since 7d --html report.html', 'a week as one page, to send to somebody'],
      ['report --since 2026-03-02 --json | jq .totals', 'for a script'],
    ],
    files: [journal],
  },
  events: {
    group: helpGroups.inspect,
    about:
      'Prints what has happened, oldest first: spawned, ended, ready for review, conflicts, approved, rejected, landed, reverted, ' +
      'cleaned up, paused. With --json it is one object per line with "seq", "ts", "type", "key", "level" and "text"; "text" is null ' +
      'for a step that matters only to programs.',
    exits: { 0: 'done', 2: usage, 3: cannot, 130: interrupted },
    examples: [
      ['events -f', 'follow what happens'],
      ['events US-043', 'the history of one item'],
      ['events -f --json | jq -r .type', 'for a script'],
    ],
    files: [['<git folder>/cm-tui/activity.jsonl', 'the activity log'], journal],
  },
  logs: {
    group: helpGroups.inspect,
    about: "Prints the log of a run's agent, made readable or as raw bytes. Works for finished runs too.",
    arguments: { id: runReference },
    exits: { 0: 'done', 1: 'unknown run', 2: usage, 3: cannot, 130: interrupted },
    examples: [
      ['logs US-043 -f', 'follow until the run has ended'],
      ['logs US-043 --raw > run.log', 'the raw bytes, with escape codes and secrets'],
    ],
    files: [logFiles],
  },
  review: {
    group: helpGroups.inspect,
    about:
      "Prints what you need to decide about a run's branch: trial merge, checks, violations, overlap, what the agent says, commits, " +
      'your comments and the diff. Changes nothing.',
    arguments: { id: runReference },
    exits: { 0: 'done', 1: 'unknown run, or no branch yet', 2: usage, 3: cannot },
    examples: [
      ['review US-043', 'everything, then the diff'],
      ['review US-043 --json | jq .checks', 'what the checks say'],
    ],
    files: [journal],
  },
  diff: {
    group: helpGroups.inspect,
    about:
      "Prints what a run's branch changes since the commit it started from. In a pipe the output is fit for git apply.",
    arguments: { id: runReference },
    exits: { 0: 'done', 1: 'unknown run', 2: usage, 3: cannot },
    examples: [
      ['diff US-043', 'with colours, on a terminal'],
      ['diff US-043 > us-043.patch', 'a patch'],
    ],
    files: [journal],
  },
};
