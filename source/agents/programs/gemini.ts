import { networkNames } from '../launch/environment.ts';
import { type Program, plainSettings, shellToolsOfCommit } from '../launch/program.ts';
import { createGeminiReader } from '../reading/gemini-stream.ts';

const args = ['--output-format', 'stream-json', '--approval-mode', 'auto_edit', '--allowed-tools', shellToolsOfCommit];

const exits: Readonly<Record<number, string>> = {
  41: 'Gemini is not logged in. Run "gemini" once and log in, or set GEMINI_API_KEY.',
  42: 'Gemini rejected the prompt or the arguments. See its error log.',
  44: 'Gemini could not start its sandbox. See its error log.',
  52: 'The configuration of Gemini is invalid. See its error log.',
  53: 'Gemini reached its turn limit. Retry the item, or raise the limit in its settings.',
};

/**
 * Gemini CLI (flags as of 0.61): prompt as an argument, events on stdout. `--resume` accepts a session id, though its help mentions
 * only numbers; `--allowed-tools` will be removed in 1.0, and is the only way without a policy file.
 */
export const gemini: Program = {
  name: 'gemini',
  rank: 3,
  tried: '0.61.0',
  install: 'Install Gemini CLI (npm install -g @google/gemini-cli) and log in once by running "gemini".',
  defaults: {
    ...plainSettings('gemini', args),
    // A fresh worktree is a folder it has never asked about.
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    reader: 'gemini',
    prompt: 'argument',
    resume: [...args, '--resume', '{session}'],
  },
  interactive: {
    args: ['--approval-mode', 'auto_edit'],
    resume: ['--approval-mode', 'auto_edit', '--resume', '{session}'],
    reader: 'text',
    promptArgs: { argument: ['-i', '{prompt}'] },
  },
  readOnly: { args: ['--output-format', 'stream-json', '--approval-mode', 'plan'] },
  passEnv: [...networkNames, 'GEMINI_*', 'GOOGLE_*'],
  modelArgs: model => ['--model', model],
  promptArgs: { argument: ['-p', '{prompt}'] },
  stateFolders: ['.gemini'],
  createReader: createGeminiReader,
  explainExit: exitCode => exits[exitCode] ?? null,
};
