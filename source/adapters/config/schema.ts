import * as z from 'zod/mini';
import { hookNames, landingWays, trailerNames } from '../../domain/queue/landing-style.ts';
import { afterSteps, type Settings, sandboxKinds, themeNames } from '../../domain/settings.ts';
import { targetBranchPattern } from '../../domain/text/names.ts';
import { acpShape, acpWords, reviewShape, reviewWords } from './agent-parts.ts';
import { fleetSchema, fleetWords } from './fleet-shape.ts';
import { bool, stringList } from './setting-words.ts';
import { sourceSchema } from './source-setting.ts';
import { byteCount, variableNames, variables } from './values.ts';

/** What one source of settings may contain: any of them, and of `notify` and `fleet` any part. */
export type SettingsLayer = {
  readonly [K in keyof Settings]?: K extends 'notify' | 'fleet' ? Partial<Settings[K]> : Settings[K];
};

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

const dollars = () => z.number().check(z.minimum(0));

function costShape() {
  const amount = () => z.exactOptional(dollars());
  return { start: amount(), day: amount(), item: amount(), run: amount() };
}

function sandboxShape() {
  return {
    network: z.exactOptional(flag()),
    readable: z.exactOptional(texts()),
    writable: z.exactOptional(texts()),
    hide: z.exactOptional(texts()),
    memory: z.exactOptional(z.nullable(byteCount())),
    processes: z.exactOptional(z.nullable(z.int().check(z.minimum(1)))),
    image: z.exactOptional(orNull()),
  };
}

function agentShape() {
  return {
    command: z.exactOptional(text()),
    args: z.exactOptional(texts()),
    env: z.exactOptional(variables()),
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
    ...acpShape(),
    ...reviewShape(),
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
    minFreeDisk: z.exactOptional(byteCount()),
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
    env: z.exactOptional(variables()),
    passEnv: z.exactOptional(variableNames()),
    copy: z.exactOptional(relativePaths()),
    checks: z.exactOptional(commands()),
    checkEarly: z.exactOptional(flag()),
    stack: z.exactOptional(flag()),
    batch: z.exactOptional(z.int().check(z.minimum(1), z.maximum(64))),
    checkKeep: z.exactOptional(relativePaths()),
    checkTimeout: z.exactOptional(seconds()),
    agentTimeout: z.exactOptional(seconds()),
    noOutputTimeout: z.exactOptional(seconds()),
    holdSilent: z.exactOptional(seconds()),
    resultGraceSeconds: z.exactOptional(seconds()),
    attemptLimit: z.exactOptional(z.int().check(z.minimum(1))),
    leftovers: z.exactOptional(z.enum(['keep', 'end'])),
    costCapUsd: z.exactOptional(z.nullable(z.union([dollars(), z.object(costShape())]))),
    approve: z.exactOptional(z.enum(['none', 'clean'])),
    after: z.exactOptional(z.array(z.enum(afterSteps))),
    reviewAgent: z.exactOptional(z.nullable(name())),
    reviewRounds: z.exactOptional(z.int().check(z.minimum(0), z.maximum(10))),
    raceJudge: z.exactOptional(z.nullable(name())),
    landing: z.exactOptional(z.enum(landingWays)),
    squash: z.exactOptional(flag()),
    sign: z.exactOptional(z.enum(['auto', 'never'])),
    landingHooks: z.exactOptional(z.union([flag(), z.array(z.enum(hookNames))])),
    push: z.exactOptional(z.enum(['off', 'target', 'branches'])),
    fetch: z.exactOptional(z.enum(['off', 'tell', 'base'])),
    submodules: z.exactOptional(flag()),
    sparse: z.exactOptional(z.enum(['off', 'scope'])),
    warm: z.exactOptional(z.int().check(z.minimum(0), z.maximum(16))),
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
    fleet: z.exactOptional(fleetSchema()),
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

/** The parts of settings that are objects, and what each must be. */
export const partWords: {
  readonly agents: Readonly<Record<keyof ReturnType<typeof agentShape>, string>>;
  readonly fleet: typeof fleetWords;
  readonly notify: Readonly<Record<'bell' | 'desktop' | 'command', string>>;
} = {
  agents: {
    command: 'the name or path of a program',
    args: stringList,
    env: 'an object of strings by variable name',
    reader: 'the name of a reader',
    interactive: bool,
    resume: stringList,
    sessionLine: 'a string that contains {session}, or null',
    prompt: '"stdin", "argument", "file" or "none"',
    versionArgs: stringList,
    model: 'the name of a model, or null',
    effort: 'a word of the agent for reasoning effort, such as "high", or null',
    extraArgs: stringList,
    wrapper: stringList,
    sandbox: sandboxKinds.map(one => `"${one}"`).join(', '),
    sandboxOptions: 'an object with `network`, `readable`, `writable`, `hide`, `memory`, `processes` and `image`',
    ...acpWords,
    ...reviewWords,
  },
  fleet: fleetWords,
  notify: { bell: bool, desktop: bool, command: 'a list of words, such as ["my-hook", "--chat"]' },
};
