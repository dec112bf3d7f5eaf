import {
  cannot,
  type HelpPage,
  helpGroups,
  interrupted,
  journal,
  logFiles,
  looks,
  ownershipFile,
  roadmapFile,
  runReference,
  usage,
} from './page.ts';

/** Commands that look at it. */
export const lookPages: Readonly<Record<string, HelpPage>> = {
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
  logs: {
    group: helpGroups.look,
    about:
      'Prints what the agent of an instance has written, made readable, or its bytes. Works for runs that have ended too.',
    arguments: { id: runReference },
    exits: { 0: 'done', 1: 'there is no such instance', 2: usage, 3: cannot, 130: interrupted },
    examples: [
      ['logs US-043 -f', 'go on printing until it has ended'],
      ['logs US-043 --raw > run.log', 'the bytes as the agent wrote them, for a file: nothing is taken out'],
    ],
    files: [logFiles],
  },
  diff: {
    group: helpGroups.look,
    about:
      "Prints what an instance's branch changes against the commit it began on. In a pipe it is fit for git apply.",
    arguments: { id: runReference },
    exits: { 0: 'done', 1: 'there is no such instance', 2: usage, 3: cannot },
    examples: [
      ['diff US-043', 'with colours, on a terminal'],
      ['diff US-043 > us-043.patch', 'a patch'],
    ],
    files: [journal],
  },
};
