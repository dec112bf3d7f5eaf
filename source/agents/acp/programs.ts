import { networkNames, providerNames } from '../launch/environment.ts';

/** A program that speaks the Agent Client Protocol: how it is started, and the mode that it works in. */
export interface AcpProgram {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The mode in which it edits files without asking, and asks before it does anything else; null: it has none to set. */
  readonly mode: string | null;
  /** The mode in which it changes nothing; missing: it has none. */
  readonly readMode?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly passEnv?: readonly string[];
  /** The newest version that was run from the prompt to the landing over this protocol; absent: none was. */
  readonly tried?: string;
  /** True where it permits too little or everything if it cannot ask: `init` offers the protocol. */
  readonly isOffered?: boolean;
  /** Sentence for `doctor`; missing: it is a built-in agent that has another protocol by default. */
  readonly install?: string;
}

/** Agents that are used over this protocol unless settings say otherwise. */
export const acpPrograms: readonly AcpProgram[] = [
  {
    name: 'kimi',
    command: 'kimi',
    args: ['acp'],
    mode: null,
    tried: '2.1.0',
    passEnv: [...networkNames, 'KIMI_*', 'MOONSHOT_*', 'OPENAI_*'],
    install: 'Install Kimi Code (npm install -g @moonshot-ai/kimi-code) and log in once by running "kimi".',
  },
  {
    name: 'cline',
    command: 'cline',
    args: ['--acp'],
    mode: null,
    passEnv: [...networkNames, ...providerNames, 'CLINE_*'],
    install: 'Install Cline (npm install -g cline) and log in once with "cline auth".',
  },
  {
    name: 'auggie',
    command: 'auggie',
    args: ['--acp'],
    mode: null,
    passEnv: [...networkNames, 'AUGMENT_*'],
    install: 'Install Auggie (npm install -g @augmentcode/auggie) and log in once with "auggie login".',
  },
  {
    name: 'goose',
    command: 'goose',
    args: ['acp'],
    mode: null,
    passEnv: [...networkNames, ...providerNames, 'GOOSE_*'],
    install: 'Install goose (see block.github.io/goose) and log in once with "goose configure".',
  },
  {
    name: 'kilo',
    command: 'kilo',
    args: ['acp'],
    mode: null,
    env: { OPENCODE_PERMISSION: '{"*":"ask"}' },
    passEnv: [...networkNames, ...providerNames, 'KILO_*'],
    install: 'Install Kilo Code (npm install -g @kilocode/cli) and log in once with "kilo auth".',
  },
];

/** Built-in agents that speak it too, if `agents.NAME.protocol` is `"acp"`. */
export const acpVariants: readonly AcpProgram[] = [
  { name: 'claude', command: 'claude-agent-acp', args: [], mode: 'acceptEdits', readMode: 'plan', tried: '0.101.0' },
  { name: 'codex', command: 'codex-acp', args: [], mode: null },
  {
    name: 'gemini',
    command: 'gemini',
    args: ['--acp'],
    mode: 'autoEdit',
    readMode: 'plan',
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    tried: '0.61.0',
    isOffered: true,
  },
  { name: 'qwen', command: 'qwen', args: ['--acp'], mode: 'auto-edit', readMode: 'plan', tried: '0.24.4' },
  { name: 'opencode', command: 'opencode', args: ['acp'], mode: null, env: { OPENCODE_PERMISSION: '{"*":"ask"}' } },
  { name: 'copilot', command: 'copilot', args: ['--acp'], mode: null, tried: '1.0.102', isOffered: true },
  { name: 'cursor', command: 'cursor-agent', args: ['acp'], mode: null },
  { name: 'pi', command: 'pi-acp', args: [], mode: null, tried: '0.0.34' },
];
