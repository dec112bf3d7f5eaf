import { networkNames } from '../launch/environment.ts';
import { type Program, plainSettings } from '../launch/program.ts';
import { createClaudeReader } from '../reading/claude-stream.ts';

const args = ['--dangerously-allow-all', '--stream-json'];

/** Amp (flags as documented in 2026): prompt after `--execute`, events of the shape of Claude Code's, a thread for a session. */
export const amp: Program = {
  name: 'amp',
  rank: 10,
  install: 'Install Amp (see ampcode.com) and log in once with "amp login".',
  defaults: {
    ...plainSettings('amp', args),
    reader: 'amp',
    prompt: 'argument',
    resume: ['threads', 'continue', '{session}', ...args],
  },
  passEnv: [...networkNames, 'AMP_*'],
  promptArgs: { argument: ['--execute', '{prompt}'] },
  stateFolders: ['.amp', '.config/amp', '.local/share/amp', '.cache/amp'],
  createReader: createClaudeReader,
};
