import { hookNames, landingWays, trailerNames } from '../../domain/queue/landing-style.ts';
import { type Settings, themeNames } from '../../domain/settings.ts';
import { sourceWords } from './source-setting.ts';

/** Completes "must be" or "Use" in an error, and describes the setting in the JSON Schema and the documentation. */
interface Words {
  readonly must: string;
  readonly about: string;
}

const commandList = 'a list of commands, each a list of words or one string for `sh -c`';
const pathList = 'a list of paths inside the repository, without `..`';
const wait = 'a number of seconds, 0 for no limit';
export const bool = 'true or false';
export const stringList = 'a list of strings';

/** The words for every setting; the compiler keeps the table complete. */
export const settingWords: Readonly<Record<keyof Settings, Words>> = {
  agent: { must: 'the name of an agent', about: 'The agent for items that name none.' },
  fallbackAgents: {
    must: 'a list of agent names',
    about: 'Agents to use instead, in this order, while the chosen one is rate limited.',
  },
  agents: {
    must: 'an object of agents by name',
    about: 'Your own agents, or changes to the built-in ones.',
  },
  maxParallel: {
    must: 'a whole number from 1 to 64',
    about: 'The most agents to run at once, if the machine can handle them.',
  },
  maxCpuPercent: { must: 'a number from 1 to 100', about: 'Above this CPU load, in percent, only one agent runs.' },
  maxMemoryPercent: {
    must: 'a number from 1 to 100',
    about: 'Above this memory use, in percent, only one agent runs.',
  },
  minFreeDisk: {
    must: 'a number of bytes or a string such as "2GiB"',
    about: 'Below this much free disk space nothing new starts.',
  },
  pollSeconds: {
    must: 'a number of seconds, at least 1',
    about: 'How often files, git and processes are checked.',
  },
  targetBranch: {
    must: 'a branch name, or null',
    about: 'The branch that work lands on; null: the branch that is checked out.',
  },
  branchPrefix: {
    must: 'the beginning of a branch name',
    about: 'Prefix of the branch names of runs, before the slug.',
  },
  worktreeRoot: { must: 'a folder, or null', about: 'The folder for worktrees; null: beside the repository.' },
  roadmap: { must: 'a path, or null', about: 'The ROADMAP file; null: the usual places.' },
  ownership: { must: 'a path, or null', about: 'The ownership file; null: `docs/AGENT_OWNERSHIP.md`.' },
  sources: sourceWords,
  unknownScope: {
    must: '"serial" or "parallel"',
    about: 'Whether items of unknown scope run one at a time (serial) or not.',
  },
  unowned: { must: '"allow" or "deny"', about: 'Whether files without an owner may be changed.' },
  ownershipPolicy: {
    must: '"block" or "warn"',
    about: 'Whether files of other owners block a landing, or only cause a warning (then only you can approve it).',
  },
  readOnlyTypes: { must: stringList, about: 'Agent types that may not change files.' },
  runtimePaths: {
    must: stringList,
    about: 'Patterns of files that programs write while they run: changes to them need your approval.',
  },
  setup: { must: commandList, about: 'Run in every new worktree before its agent starts.' },
  env: {
    must: 'an object of texts by variable name',
    about: 'Further environment variables of `setup` and `checks`; `{env:NAME}` is replaced by a variable of yours.',
  },
  passEnv: {
    must: 'a list of variable names, which may end with `*`',
    about: 'Variables of your environment that `setup` and `checks` get too.',
  },
  copy: { must: pathList, about: 'Ignored files to copy into a new worktree, such as `.env`.' },
  checks: { must: commandList, about: 'Commands to run on the exact commit that will land.' },
  checkEarly: {
    must: bool,
    about:
      'Whether the checks of a branch that is ready for review run before its approval, when the machine has room.',
  },
  stack: {
    must: bool,
    about:
      'Whether an item may start on the branch of the one item it depends on, while that is ready for review but has not landed.',
  },
  batch: {
    must: 'a whole number from 1 to 64',
    about: 'How many approved branches are checked together, on one merge of all of them. 1: each on its own.',
  },
  checkKeep: { must: pathList, about: 'Untracked paths to keep between checks, for caches.' },
  checkTimeout: { must: wait, about: 'How long the checks of one landing may take.' },
  agentTimeout: { must: wait, about: 'How long an agent may work.' },
  noOutputTimeout: { must: wait, about: 'How long an agent may be silent.' },
  holdSilent: {
    must: 'a number of seconds, 0 for never',
    about: 'After how much silence of a run nothing more starts with its agent, until it prints again.',
  },
  resultGraceSeconds: { must: wait, about: 'How long an agent may keep running after it has reported its result.' },
  attemptLimit: { must: 'a whole number, at least 1', about: 'Attempts at one item before it needs you.' },
  leftovers: { must: '"keep" or "end"', about: 'What happens to processes that outlive their agent.' },
  costCapUsd: {
    must: 'an amount in dollars, an object of amounts with `start`, `day`, `item` and `run`, or null',
    about:
      'Cost limits: above `start` (a plain amount) or `day` nothing new starts, above `item` no new run of it, above `run` it is stopped.',
  },
  approve: {
    must: '"none" or "clean"',
    about: 'Whether clean, green branches without warnings land without approval.',
  },
  after: {
    must: '["review"] or []',
    about: 'What follows the work of an agent: with "review" another agent reviews the branch, before you do.',
  },
  reviewAgent: {
    must: 'the name of an agent, or null',
    about: 'The agent that reviews; null: the one that did the work. It changes nothing.',
  },
  reviewRounds: {
    must: 'a whole number from 0 to 10',
    about: 'How often what a reviewing agent finds goes back to the agent of the run by itself. 0: you send it.',
  },
  raceJudge: {
    must: 'the name of an agent, or null',
    about: 'The agent that compares the runs of one item side by side, when all have ended. It decides nothing.',
  },
  landing: {
    must: landingWays.map(one => `"${one}"`).join(', '),
    about:
      'How work lands: a merge commit, one squashed commit, its commits replayed on the target, a fast-forward, or a pull request.',
  },
  squash: { must: bool, about: 'Former name of `landing: squash`.' },
  sign: {
    must: '"auto" or "never"',
    about: "Whether cm-tui signs what it commits where git's own configuration (`commit.gpgSign`) asks for it.",
  },
  landingHooks: {
    must: `true, false or a list of ${hookNames.map(one => `"${one}"`).join(', ')}`,
    about: 'Which of your git hooks a landing runs.',
  },
  push: {
    must: '"off", "target" or "branches"',
    about:
      'What is pushed to the remote: nothing, the target after each landing, or branches that are ready for review.',
  },
  fetch: {
    must: '"off", "tell" or "base"',
    about:
      'Whether the remote is asked where the target stands: never, at a start (to report it), or before each run, which then starts from there.',
  },
  submodules: {
    must: bool,
    about: 'Whether submodules are checked out in the worktrees of runs and of checks.',
  },
  sparse: {
    must: '"off" or "scope"',
    about:
      "Whether a run's worktree holds all files, or only the folders of its item's scope and the files of the top folder.",
  },
  warm: {
    must: 'a whole number from 0 to 16',
    about: 'How many worktrees to make ahead, so that runs in a big repository start at once.',
  },
  roadmapStatus: { must: '"commit" or "off"', about: 'Whether a landing sets the status of its item in the ROADMAP.' },
  mergeMessage: {
    must: 'one line of text',
    about: 'Subject of the commit that lands; `{key}`, `{title}`, `{summary}` and `{branch}` are replaced.',
  },
  mergeBody: {
    must: 'text',
    about: 'Text below the subject, with the same placeholders.',
  },
  trailers: {
    must: `a list of ${trailerNames.map(one => `"${one}"`).join(' and ')}`,
    about: 'Trailers that cm-tui adds to the commits it makes.',
  },
  promptTemplate: { must: 'a path, or null', about: 'A template for agent prompts; null: the built-in one.' },
  notify: {
    must: 'an object with `bell`, `desktop` and `command`',
    about:
      'How to notify you when something needs you. `command`: the words of a program that gets each event as one JSON object on stdin.',
  },
  mouse: {
    must: bool,
    about: 'Whether the screen takes clicks and the wheel; with Shift the terminal selects text itself.',
  },
  theme: {
    must: themeNames.map(one => `"${one}"`).join(', '),
    about: 'Screen colours: for dark backgrounds, light backgrounds, high contrast, colour blindness, or none.',
  },
  fleet: {
    must: 'an object with `engine`, `depot`, `pools`, `local`, `lostAfter`, `retryLost`, `log` and `insecure`',
    about: 'Agents on other machines; without an `engine`, every agent runs here. `cm-tui fleet init` writes it.',
  },
  keys: { must: 'an object of lists of keys by action', about: 'Keys for actions, by action name.' },
};
