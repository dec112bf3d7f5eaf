import { delimiter, isAbsolute } from 'node:path';
import type { Settings } from '../../domain/settings.ts';
import type { AgentProfile, LaunchContext } from '../../ports/agents.ts';
import { fillPlaceholders } from './placeholders.ts';

/** What every program may see of the caller's environment; a trailing `*` stands for any ending. */
const commonNames = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'LC_*',
  'TERM',
  'COLORTERM',
  'TMPDIR',
  'TZ',
  'XDG_*',
  'SSH_AUTH_SOCK',
  'DO_NOT_TRACK',
  // Of git's own variables only the committer's identity: the rest could point git at another repository or run a program.
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
] as const;

/** What a program needs to reach its service through proxies and private certificates. */
export const networkNames: readonly string[] = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
];

/** Where toolchains are installed: folders, and nothing secret. */
const toolNames: readonly string[] = [
  'JAVA_HOME',
  'GOPATH',
  'GOROOT',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'PYENV_ROOT',
  'NVM_DIR',
  'VOLTA_HOME',
  'ANDROID_HOME',
  'GIT_LFS_SKIP_SMUDGE',
];

/** Keys of the usual model services, for programs that can use any of them. */
export const providerNames: readonly string[] = [
  'ANTHROPIC_*',
  'OPENAI_*',
  'GEMINI_*',
  'GOOGLE_*',
  'AZURE_*',
  'AWS_*',
  'OPENROUTER_*',
  'MISTRAL_*',
  'DEEPSEEK_*',
  'GROQ_*',
  'XAI_*',
  'OLLAMA_*',
];

/** `{env:NAME}` in a setting's value: the caller's variable of that name, so that no secret has to be stored in a file. */
const borrowed = /\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * The whole environment of an agent: an allow-list of the caller's, what keeps git quiet and non-interactive, what the profile sets,
 * and the run's `CM_*` (docs/contract.md). Everything else of the caller's, and `GIT_*` above all, is left out.
 */
export function agentEnvironment(
  base: NodeJS.ProcessEnv,
  profile: AgentProfile,
  context: LaunchContext,
): Record<string, string> {
  const names = [...commonNames, ...(profile.passEnv ?? networkNames)];
  return {
    ...pick(base, names),
    ...gitVariables(context.committer),
    ...(profile.settings.interactive ? {} : headlessVariables),
    ...ownVariables(profile.settings.env, base, context),
    ...runVariables(context),
  };
}

/** The whole environment of a `setup` or `checks` command: the same allow-list, without what only an agent needs. */
export function commandEnvironment(
  base: NodeJS.ProcessEnv,
  context: LaunchContext,
  { env, passEnv }: Pick<Settings, 'env' | 'passEnv'>,
): Record<string, string> {
  return {
    ...pick(base, [...commonNames, ...networkNames, ...toolNames, ...passEnv]),
    ...gitVariables(context.committer),
    ...headlessVariables,
    ...ownVariables(env, base, context),
    ...runVariables(context),
  };
}

/** The part of an environment that needs nothing from the caller: the settings' variables and the run's. */
export function launchVariables(own: Readonly<Record<string, string>>, context: LaunchContext): Record<string, string> {
  const fixed = Object.entries(own).filter(([, value]) => !value.includes('{env:'));
  return { ...ownVariables(Object.fromEntries(fixed), {}, context), ...runVariables(context) };
}

/**
 * Background maintenance of many worktrees at once would overload the machine, and a question would wait for ever. The committer is
 * repeated here because some programs (Gemini CLI 0.61 for one) start git without the user's configuration and could not commit
 * otherwise.
 */
function gitVariables(committer: LaunchContext['committer']): Record<string, string> {
  const settings = [
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ...(committer === null
      ? []
      : [
          ['user.name', committer.name],
          ['user.email', committer.email],
        ]),
  ];
  const variables = settings.flatMap(([key = '', value = ''], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(variables),
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** Nobody is there in a headless run: no editor, no pager, no colours. */
const headlessVariables = {
  GIT_EDITOR: ':',
  GIT_SEQUENCE_EDITOR: ':',
  GIT_PAGER: 'cat',
  PAGER: 'cat',
  NO_COLOR: '1',
} as const;

function pick(base: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const exact = new Set(names.filter(name => !name.endsWith('*')));
  const beginnings = names.filter(name => name.endsWith('*')).map(name => name.slice(0, -1));
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined) continue;
    if (exact.has(name) || beginnings.some(beginning => name.startsWith(beginning))) picked[name] = value;
  }
  // A relative entry would find programs in the worktree, which is full of foreign files.
  if (picked.PATH !== undefined) picked.PATH = picked.PATH.split(delimiter).filter(isAbsolute).join(delimiter);
  return picked;
}

/** A value that is only a borrowed variable which the caller lacks is left out altogether. */
function ownVariables(
  own: Readonly<Record<string, string>>,
  base: NodeJS.ProcessEnv,
  context: LaunchContext,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    // The caller's variables first: a title that reads `{env:SECRET}` must stay a title.
    const lent = value.replace(borrowed, (_whole, other: string) => base[other] ?? '');
    const filled = fillPlaceholders(lent, context);
    if (filled !== '' || value === '') variables[name] = filled;
  }
  return variables;
}

function runVariables(context: LaunchContext): Record<string, string> {
  const variables: Record<string, string> = {
    CM_RUN_ID: context.runId,
    CM_PRIORITY_ID: context.id,
    CM_KEY: context.key,
    CM_TITLE: context.title,
    CM_BRANCH: context.branch,
    CM_BASE: context.base,
    CM_PROMPT_FILE: context.promptFile,
    CM_SLOT: String(context.slot),
    CM_PORT_BASE: String(context.portBase),
  };
  for (const [name, value] of Object.entries(variables)) variables[name] = value.replaceAll('\0', '');
  return variables;
}
