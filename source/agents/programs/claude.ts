import { networkNames } from '../launch/environment.ts';
import { type Program, plainSettings } from '../launch/program.ts';
import { createClaudeReader } from '../reading/claude-stream.ts';

/**
 * The mode accepts edits; of commands only those that a commit needs, since nobody is there to ask, in the worktree and nowhere else: it
 * permits a `cd` there by itself, and `git -C` only with that very folder. To let the agent run tests, add them with `extraArgs`.
 */
const allowedTools = ['add', 'commit', 'status', 'diff', 'log', 'show', 'rm', 'mv', 'restore']
  .flatMap(command => [`Bash(git ${command}:*)`, `Bash(git -C {worktree} ${command}:*)`])
  .join(',');

// `--verbose` is mandatory with `-p` and stream-json.
const args = [
  '-p',
  '--verbose',
  '--output-format',
  'stream-json',
  '--allowedTools',
  allowedTools,
  '--permission-mode',
  'acceptEdits',
];

/** Claude Code (flags as of 2.1.197): prompt on stdin, events on stdout, session id chosen by us. */
export const claude: Program = {
  name: 'claude',
  rank: 1,
  tried: '2.1.332',
  install: 'Install Claude Code (npm install -g @anthropic-ai/claude-code) and log in once by running "claude".',
  defaults: {
    ...plainSettings('claude', args),
    reader: 'claude',
    prompt: 'stdin',
    resume: [...args, '--resume', '{session}'],
  },
  interactive: {
    args: ['--permission-mode', 'acceptEdits'],
    resume: ['--permission-mode', 'acceptEdits', '--resume', '{session}'],
    prompt: 'argument',
    reader: 'text',
    // --allowedTools among the extra arguments takes every word up to the next option.
    promptArgs: { argument: ['--', '{prompt}'] },
  },
  readOnly: { args: ['-p', '--verbose', '--output-format', 'stream-json', '--permission-mode', 'plan'] },
  passEnv: [
    ...networkNames,
    'ANTHROPIC_*',
    'CLAUDE_CONFIG_DIR',
    'CLAUDE_CODE_OAUTH_TOKEN',
    'CLAUDE_CODE_USE_*',
    'CLAUDE_CODE_SKIP_*',
    // What the user has switched off stays off.
    'CLAUDE_CODE_DISABLE_*',
    'DISABLE_AUTOUPDATER',
    'DISABLE_ERROR_REPORTING',
    'DISABLE_TELEMETRY',
    'BASH_DEFAULT_TIMEOUT_MS',
    'BASH_MAX_TIMEOUT_MS',
    'MAX_THINKING_TOKENS',
    'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
    'CLOUD_ML_REGION',
    'AWS_*',
    'GOOGLE_*',
  ],
  modelArgs: model => ['--model', model],
  effortArgs: effort => ['--effort', effort],
  sessionArgs: id => ['--session-id', id],
  stateFolders: ['.claude', '.claude.json', '.cache/claude-cli-nodejs'],
  createReader: createClaudeReader,
};
