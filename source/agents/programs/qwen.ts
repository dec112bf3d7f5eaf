import { networkNames } from '../launch/environment.ts';
import { type Program, plainSettings, shellToolsOfCommit } from '../launch/program.ts';
import { createQwenReader } from '../reading/claude-stream.ts';

const args = ['--output-format', 'stream-json', '--approval-mode', 'auto-edit', '--allowed-tools', shellToolsOfCommit];

/**
 * Qwen Code (flags as of 0.15): prompt as an argument, events of the same shape as Claude Code's. Its `-p` is deprecated, but a prompt
 * without it would be parsed as one more allowed tool.
 */
export const qwen: Program = {
  name: 'qwen',
  rank: 8,
  tried: '0.24.4',
  install: 'Install Qwen Code (npm install -g @qwen-code/qwen-code) and log in once by running "qwen".',
  defaults: {
    ...plainSettings('qwen', args),
    reader: 'qwen',
    prompt: 'argument',
    resume: [...args, '--resume', '{session}'],
  },
  interactive: {
    args: ['--approval-mode', 'auto-edit'],
    resume: ['--approval-mode', 'auto-edit', '--resume', '{session}'],
    reader: 'text',
    promptArgs: { argument: ['-i', '{prompt}'] },
  },
  readOnly: { args: ['--output-format', 'stream-json', '--approval-mode', 'plan'] },
  passEnv: [...networkNames, 'QWEN_*', 'OPENAI_*', 'DASHSCOPE_*', 'GEMINI_*', 'ANTHROPIC_*'],
  modelArgs: model => ['--model', model],
  promptArgs: { argument: ['-p', '{prompt}'] },
  stateFolders: ['.qwen'],
  createReader: createQwenReader,
};
