import * as z from 'zod/mini';
import { hookNames, landingWays, trailerNames } from '../../domain/queue/landing-style.ts';
import { type Settings, sandboxKinds, themeNames } from '../../domain/settings.ts';
import { targetBranchPattern } from '../../domain/text/names.ts';
import { sourceSchema, sourceWords } from './source-setting.ts';

/** What one source of settings may contain: any of them, and of `notify` any part. */
export type SettingsLayer = {
  readonly [K in keyof Settings]?: K extends 'notify' ? Partial<Settings['notify']> : Settings[K];
};

/** Completes "must be" or "Use" in an error, and describes the setting in the JSON Schema and the documentation. */
interface Words {
  readonly must: string;
  readonly about: string;
}

const text = () => z.string().check(z.minLength(1));
const orNull = () => z.nullable(text());
const flag = () => z.boolean();
const seconds = () => z.number().check(z.minimum(0));
const percent = () => z.number().check(z.minimum(1), z.maximum(100));
const texts = () => z.array(z.string());
/** A command without a shell; empty: none. */
const wordsOrNone = () => z.array(text());
const words = () => z.array(text()).check(z.minLength(1));
const commands = () => z.array(z.union([text(), words()]));
/** Inside the repository: no leading slash, no `..` part, no control character. */
const relativePaths = () =>
  z.array(z.string().check(z.regex(/^(?!\/)(?![A-Za-z]:)(?!(.*[/\\])?\.\.([/\\]|$))[^\u0000-\u001f]+$/)));
const name = () => z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/));
/** Stricter than git, whose own check accepts characters that a shell or terminal misinterprets. */
const refText = () => z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/));

const unit: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

function bytes() {
  const written = z.string().check(z.regex(/^\d+(\.\d+)? ?([kKmMgGtT](i?B)?|B)?$/));
  return z.pipe(
    z.union([z.number().check(z.minimum(0)), written]),
    z.transform(value => {
      if (typeof value === 'number') return value;
      const letter = /[kmgt]/i.exec(value)?.[0].toLowerCase() ?? '';
      return Math.round(Number.parseFloat(value) * (unit[letter] ?? 1));
    }),
  );
}

function sandboxShape() {
  return {
    network: z.exactOptional(flag()),
    readable: z.exactOptional(texts()),
    writable: z.exactOptional(texts()),
    hide: z.exactOptional(texts()),
    memory: z.exactOptional(z.nullable(bytes())),
    processes: z.exactOptional(z.nullable(z.int().check(z.minimum(1)))),
    image: z.exactOptional(orNull()),
  };
}

function agentShape() {
  return {
    command: z.exactOptional(text()),
    args: z.exactOptional(texts()),
    env: z.exactOptional(z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), z.string())),
    reader: z.exactOptional(text()),
    interactive: z.exactOptional(flag()),
    resume: z.exactOptional(texts()),
    sessionLine: z.exactOptional(z.nullable(z.string().check(z.regex(/\{session\}/)))),
    prompt: z.exactOptional(z.enum(['stdin', 'argument', 'file', 'none'])),
    versionArgs: z.exactOptional(texts()),
    model: z.exactOptional(orNull()),
    effort: z.exactOptional(orNull()),
    extraArgs: z.exactOptional(texts()),
    wrapper: z.exactOptional(texts()),
    sandbox: z.exactOptional(z.enum(sandboxKinds)),
    sandboxOptions: z.exactOptional(z.object(sandboxShape())),
  };
}

function shape() {
  return {
    agent: z.exactOptional(name()),
    fallbackAgents: z.exactOptional(z.array(name())),
    agents: z.exactOptional(z.record(name(), z.object(agentShape()))),
    maxParallel: z.exactOptional(z.int().check(z.minimum(1), z.maximum(64))),
    maxCpuPercent: z.exactOptional(percent()),
    maxMemoryPercent: z.exactOptional(percent()),
    minFreeDisk: z.exactOptional(bytes()),
    pollSeconds: z.exactOptional(z.number().check(z.minimum(1))),
    targetBranch: z.exactOptional(z.nullable(z.string().check(z.regex(targetBranchPattern)))),
    branchPrefix: z.exactOptional(refText()),
    worktreeRoot: z.exactOptional(orNull()),
    roadmap: z.exactOptional(orNull()),
    ownership: z.exactOptional(orNull()),
    sources: z.exactOptional(z.nullable(z.array(sourceSchema()))),
    unknownScope: z.exactOptional(z.enum(['serial', 'parallel'])),
    unowned: z.exactOptional(z.enum(['allow', 'deny'])),
    ownershipPolicy: z.exactOptional(z.enum(['block', 'warn'])),
    readOnlyTypes: z.exactOptional(z.array(text())),
    runtimePaths: z.exactOptional(z.array(text())),
    setup: z.exactOptional(commands()),
    copy: z.exactOptional(relativePaths()),
    checks: z.exactOptional(commands()),
    checkEarly: z.exactOptional(flag()),
    checkKeep: z.exactOptional(relativePaths()),
    checkTimeout: z.exactOptional(seconds()),
    agentTimeout: z.exactOptional(seconds()),
    noOutputTimeout: z.exactOptional(seconds()),
    resultGraceSeconds: z.exactOptional(seconds()),
    attemptLimit: z.exactOptional(z.int().check(z.minimum(1))),
    leftovers: z.exactOptional(z.enum(['keep', 'end'])),
    costCapUsd: z.exactOptional(z.nullable(z.number().check(z.minimum(0)))),
    approve: z.exactOptional(z.enum(['none', 'clean'])),
    landing: z.exactOptional(z.enum(landingWays)),
    squash: z.exactOptional(flag()),
    sign: z.exactOptional(z.enum(['auto', 'never'])),
    landingHooks: z.exactOptional(z.union([flag(), z.array(z.enum(hookNames))])),
    roadmapStatus: z.exactOptional(z.enum(['commit', 'off'])),
    mergeMessage: z.exactOptional(z.string().check(z.regex(/^[^\u0000-\u001f]*\S[^\u0000-\u001f]*$/))),
    mergeBody: z.exactOptional(z.string().check(z.regex(/^[^\u0000-\u0009\u000b-\u001f]*$/))),
    trailers: z.exactOptional(z.array(z.enum(trailerNames))),
    promptTemplate: z.exactOptional(orNull()),
    notify: z.exactOptional(
      z.object({
        bell: z.exactOptional(flag()),
        desktop: z.exactOptional(flag()),
        command: z.exactOptional(wordsOrNone()),
      }),
    ),
    mouse: z.exactOptional(flag()),
    theme: z.exactOptional(z.enum(themeNames)),
    keys: z.exactOptional(z.record(z.string(), z.array(text()))),
  } satisfies Record<keyof Settings, z.ZodMiniType>;
}

let built: ReturnType<typeof build> | null = null;

function build() {
  return z.object(shape());
}

/** The schema of a source of settings. Built at its first use: a start without any settings does not pay for it. */
export function layerSchema() {
  built ??= build();
  return built;
}

const commandList = 'a list of commands, each a list of words or one string for `sh -c`';
const pathList = 'a list of paths inside the repository, without `..`';
const wait = 'a number of seconds, 0 for no limit';
const bool = 'true or false';
const list = 'a list of strings';

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
  readOnlyTypes: { must: list, about: 'Agent types that may not change files.' },
  runtimePaths: {
    must: list,
    about: 'Patterns of files that programs write while they run: changes to them need your approval.',
  },
  setup: { must: commandList, about: 'Run in every new worktree before its agent starts.' },
  copy: { must: pathList, about: 'Ignored files to copy into a new worktree, such as `.env`.' },
  checks: { must: commandList, about: 'Commands to run on the exact commit that will land.' },
  checkEarly: {
    must: bool,
    about:
      'Whether the checks of a branch that is ready for review run before its approval, when the machine has room.',
  },
  checkKeep: { must: pathList, about: 'Untracked paths to keep between checks, for caches.' },
  checkTimeout: { must: wait, about: 'How long the checks of one landing may take.' },
  agentTimeout: { must: wait, about: 'How long an agent may work.' },
  noOutputTimeout: { must: wait, about: 'How long an agent may be silent.' },
  resultGraceSeconds: { must: wait, about: 'How long an agent may keep running after it has reported its result.' },
  attemptLimit: { must: 'a whole number, at least 1', about: 'Attempts at one item before it needs you.' },
  leftovers: { must: '"keep" or "end"', about: 'What happens to processes that outlive their agent.' },
  costCapUsd: {
    must: 'an amount in dollars, or null',
    about: 'Cost limit for the runs of one start; above it nothing new starts. Null: no limit.',
  },
  approve: {
    must: '"none" or "clean"',
    about: 'Whether clean, green branches without warnings land without approval.',
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
  keys: { must: 'an object of lists of keys by action', about: 'Keys for actions, by action name.' },
};

/** The parts of settings that are objects, and what each must be. */
export const partWords: {
  readonly agents: Readonly<Record<keyof ReturnType<typeof agentShape>, string>>;
  readonly notify: Readonly<Record<'bell' | 'desktop' | 'command', string>>;
} = {
  agents: {
    command: 'the name or path of a program',
    args: list,
    env: 'an object of strings by variable name',
    reader: 'the name of a reader',
    interactive: bool,
    resume: list,
    sessionLine: 'a string that contains {session}, or null',
    prompt: '"stdin", "argument", "file" or "none"',
    versionArgs: list,
    model: 'the name of a model, or null',
    effort: 'a word of the agent for reasoning effort, such as "high", or null',
    extraArgs: list,
    wrapper: list,
    sandbox: sandboxKinds.map(one => `"${one}"`).join(', '),
    sandboxOptions: 'an object with `network`, `readable`, `writable`, `hide`, `memory`, `processes` and `image`',
  },
  notify: { bell: bool, desktop: bool, command: 'a list of words, such as ["my-hook", "--chat"]' },
};
