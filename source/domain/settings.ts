import { defaultFleetSettings, type FleetSettings } from './fleet/settings.ts';
import type { Permissions } from './permission/permission.ts';
import type { HookName, LandingWay, TrailerName } from './queue/landing-style.ts';

/** What can follow the work of an agent before a person looks at it. */
export const afterSteps = ['review'] as const;

export type AfterStep = (typeof afterSteps)[number];

/** The settings (docs/contract.md). Validation and layering live in adapters/config; this is the shape and the defaults. */

export interface AgentSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Name of the reader of its output: `text`, `json-lines`, or a built-in agent's name. */
  readonly reader: string;
  readonly interactive: boolean;
  /** Arguments that resume a session; may hold `{session}` and `{prompt}` / `{promptFile}`. */
  readonly resume: readonly string[];
  /** How a line looks on which the program tells its session, with `{session}` for the id; null: its reader knows, or nothing tells it. */
  readonly sessionLine: string | null;
  /** How the prompt reaches it. `argument` appends it unless a placeholder holds it already. */
  readonly prompt: 'stdin' | 'argument' | 'file' | 'none';
  readonly versionArgs: readonly string[];
  readonly model: string | null;
  /** Reasoning effort, in the program's own words; null: the program's default. */
  readonly effort: string | null;
  readonly extraArgs: readonly string[];
  /** Command line put in front of the agent's. */
  readonly wrapper: readonly string[];
  /** What its processes are contained by. */
  readonly sandbox: SandboxKind;
  readonly sandboxOptions: SandboxOptions;
  /** How it is spoken with: by its output alone, or over the Agent Client Protocol. */
  readonly protocol: 'stream' | 'acp';
  /** Of a program with that protocol: the mode to work in; null: its own. */
  readonly mode: string | null;
  /** What it may do there without asking. */
  readonly permissions: Permissions;
  /** Seconds that a question of it waits for a person; null: the default. */
  readonly askTimeout: number | null;
  /** The way to log in, where it has several; null: none. */
  readonly authMethod: string | null;
  /** All arguments when it only reads, in place of its own; null: the built-in ones. */
  readonly reviewArgs: readonly string[] | null;
  /** What follows its work; null: as the setting `after` says. */
  readonly after: readonly AfterStep[] | null;
  /** The agent that reviews its work; null: as the setting `reviewAgent` says. */
  readonly reviewAgent: string | null;
}

export const sandboxKinds = ['off', 'bwrap', 'podman', 'docker'] as const;

export type SandboxKind = (typeof sandboxKinds)[number];

/** What is let into a sandbox, and how much of it. Relative paths are in the user's home. */
export interface SandboxOptions {
  readonly network: boolean;
  /** Paths that can be read although they lie in a folder that is empty inside (`/tmp`, `/run`). */
  readonly readable: readonly string[];
  /** Paths that can be written, beside the worktree, the git folder and the agent's login. */
  readonly writable: readonly string[];
  /** Paths that are hidden, beside the credentials that are known. */
  readonly hide: readonly string[];
  /** Bytes for each process; null: no limit. */
  readonly memory: number | null;
  /** Null: no limit. */
  readonly processes: number | null;
  /** Image of a container. */
  readonly image: string | null;
}

export const defaultSandboxOptions: SandboxOptions = {
  network: true,
  readable: [],
  writable: [],
  hide: [],
  memory: null,
  processes: null,
  image: null,
};

/** What a user sets of an agent's settings. */
export type AgentOverride = Partial<Omit<AgentSettings, 'sandboxOptions'>> & {
  readonly sandboxOptions?: Partial<SandboxOptions>;
};

/** US dollars: for the runs of a start of cm-tui, of a day, of an item, and for each run. */
export type CostCaps = { readonly [which in 'start' | 'day' | 'item' | 'run']?: number };

/** A plain number is the limit for the runs of a start; null: there is none. */
export type CostCap = number | null | CostCaps;

/** A command to run without a shell (array), or one string for `sh -c`. */
export type CommandSetting = string | readonly string[];

/** Looks of the screen, all within the 16 colours that every terminal lets its owner choose. */
export const themeNames = ['default', 'light', 'contrast', 'colorblind', 'mono'] as const;

export type ThemeName = (typeof themeNames)[number];

/** A source of work by its type, or with what has to be said of it. */
export type SourceSetting =
  | string
  | {
      readonly type?: string;
      /** File or pattern with `*`, relative to the repository. */
      readonly path?: string;
      /** Forges: only issues with this label. */
      readonly label?: string;
      /** Forges: `owner/name`; absent: that of the repository. */
      readonly repo?: string;
      /** Prints the items as JSON. */
      readonly command?: readonly string[];
      /** Run when an item has landed, and when its landing was undone. */
      readonly write?: readonly string[];
      /** Seconds between two readings. */
      readonly every?: number;
      /** Forges: what happens to an issue when its work has landed. */
      readonly comment?: boolean;
      readonly close?: boolean;
      readonly addLabel?: string;
    };

export interface Settings {
  readonly agent: string;
  /** Agents that take over, in this order, while the one an item asks for rests after a rate limit. */
  readonly fallbackAgents: readonly string[];
  readonly agents: Readonly<Record<string, AgentOverride>>;
  readonly maxParallel: number;
  readonly maxCpuPercent: number;
  readonly maxMemoryPercent: number;
  /** Bytes. */
  readonly minFreeDisk: number;
  readonly pollSeconds: number;
  /** Null: the branch checked out in the main worktree. */
  readonly targetBranch: string | null;
  readonly branchPrefix: string;
  /** Null: beside the repository, `<repo>-wt<slug>`. A folder: `<folder>/<repo>-wt<slug>`. */
  readonly worktreeRoot: string | null;
  readonly roadmap: string | null;
  readonly ownership: string | null;
  /** Null: whatever is found. */
  readonly sources: readonly SourceSetting[] | null;
  readonly unknownScope: 'serial' | 'parallel';
  readonly unowned: 'allow' | 'deny';
  readonly ownershipPolicy: 'block' | 'warn';
  readonly readOnlyTypes: readonly string[];
  /** What programs write while they run: a branch that changes such a path waits for a person. */
  readonly runtimePaths: readonly string[];
  readonly setup: readonly CommandSetting[];
  /** Further variables of `setup` and `checks`; a value may hold `{env:NAME}`. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of the caller that `setup` and `checks` get too; a trailing `*` stands for any ending. */
  readonly passEnv: readonly string[];
  readonly copy: readonly string[];
  readonly checks: readonly CommandSetting[];
  /** Run the checks of what is ready for review before its approval, when the machine has room. */
  readonly checkEarly: boolean;
  /** How many approved branches are checked, and land, together. */
  readonly batch: number;
  /** The work loop may start an item on the branch of the one run that it still waits for, before that has landed. */
  readonly stack: boolean;
  /** Untracked paths the integration worktree keeps between checks (caches). */
  readonly checkKeep: readonly string[];
  /** Seconds; 0 means no limit. */
  readonly checkTimeout: number;
  readonly agentTimeout: number;
  readonly noOutputTimeout: number;
  /** Seconds that a run may be silent before nothing more starts with its agent; 0: that holds nothing. */
  readonly holdSilent: number;
  readonly resultGraceSeconds: number;
  readonly attemptLimit: number;
  /** What happens to processes that outlive the agent that started them: reported and kept, or stopped. */
  readonly leftovers: 'keep' | 'end';
  /** What runs may cost before new ones are held, or a running one is stopped. */
  readonly costCapUsd: CostCap;
  readonly approve: 'none' | 'clean';
  /** What follows an agent's work before a person looks at it; an item or an agent may say otherwise. */
  readonly after: readonly AfterStep[];
  /** The agent that reviews the work of others; null: the one that did it. */
  readonly reviewAgent: string | null;
  /** How often what it finds goes back to the run's agent by itself. */
  readonly reviewRounds: number;
  /** The agent that compares the runs of a race; null: nobody does. */
  readonly raceJudge: string | null;
  /** How work lands; an item may name its own way. */
  readonly landing: LandingWay;
  /** As `landing: squash`, under its former name. */
  readonly squash: boolean;
  /** Whether what cm-tui commits is signed where git's configuration asks for that. */
  readonly sign: 'auto' | 'never';
  /** Hooks of the user's that landings run: all of them that apply, or some. */
  readonly landingHooks: boolean | readonly HookName[];
  /** What goes to the remote: nothing, the target after each landing, or branches that are ready for review. */
  readonly push: 'off' | 'target' | 'branches';
  /** What is asked of the remote: nothing, where the target stands, or that the target is brought forward before each run. */
  readonly fetch: 'off' | 'tell' | 'base';
  /** Whether submodules are checked out in the worktrees of runs and of checks. */
  readonly submodules: boolean;
  /** Which files a run's worktree holds: all, or the folders of its item's scope. */
  readonly sparse: 'off' | 'scope';
  /** How many worktrees are made ahead of the runs that will use them. */
  readonly warm: number;
  readonly roadmapStatus: 'commit' | 'off';
  /** Subject and body of what lands; templates with `{key}`, `{title}`, `{summary}` and `{branch}`. */
  readonly mergeMessage: string;
  readonly mergeBody: string;
  /** Trailers of the commits that cm-tui makes, beside its own. */
  readonly trailers: readonly TrailerName[];
  /** Path of a prompt template; null: the built-in one. */
  readonly promptTemplate: string | null;
  /** `command`: words of a program that gets each event as one JSON object on its stdin; missing or empty: none. */
  readonly notify: { readonly bell: boolean; readonly desktop: boolean; readonly command?: readonly string[] };
  /** Whether the screen takes clicks and the wheel. */
  readonly mouse: boolean;
  readonly theme: ThemeName;
  /** Action id → keys. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly fleet: FleetSettings;
}

export const defaultSettings: Settings = {
  agent: 'claude',
  fallbackAgents: [],
  agents: {},
  maxParallel: 4,
  maxCpuPercent: 80,
  maxMemoryPercent: 80,
  minFreeDisk: 2 * 1024 ** 3,
  pollSeconds: 30,
  targetBranch: null,
  branchPrefix: 'roadmap-',
  worktreeRoot: null,
  roadmap: null,
  ownership: null,
  sources: null,
  unknownScope: 'serial',
  unowned: 'allow',
  ownershipPolicy: 'block',
  readOnlyTypes: ['assistant'],
  runtimePaths: [
    '**/*.log',
    '**/*.pid',
    '**/*.db',
    '**/*.db-journal',
    '**/*.db-shm',
    '**/*.db-wal',
    '**/*.sqlite',
    '**/*.sqlite3',
    '**/agent_status/**',
    '.claude/state/**',
    '.claude/todos/**',
    '.claude/**/*.local.json',
    '.aider*',
  ],
  setup: [],
  env: {},
  passEnv: [],
  copy: [],
  checks: [],
  checkEarly: true,
  batch: 4,
  stack: false,
  checkKeep: [],
  checkTimeout: 1800,
  agentTimeout: 0,
  // Longer than most test suites are silent: an agent that hangs is not to keep its place for ever.
  noOutputTimeout: 1800,
  holdSilent: 0,
  resultGraceSeconds: 30,
  attemptLimit: 5,
  leftovers: 'keep',
  costCapUsd: null,
  approve: 'none',
  after: [],
  reviewAgent: null,
  reviewRounds: 1,
  raceJudge: null,
  landing: 'merge',
  squash: false,
  sign: 'auto',
  landingHooks: false,
  push: 'off',
  fetch: 'tell',
  submodules: false,
  sparse: 'off',
  warm: 0,
  roadmapStatus: 'commit',
  mergeMessage: 'Merge {key} parallel execution',
  mergeBody: '',
  trailers: [],
  promptTemplate: null,
  notify: { bell: true, desktop: false },
  mouse: false,
  theme: 'default',
  keys: {},
  fleet: defaultFleetSettings,
};
