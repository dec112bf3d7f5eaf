import { networkNames, providerNames } from '../launch/environment.ts';
import { type Program, plainSettings } from '../launch/program.ts';
import { createTextReader } from './plain.ts';

/** Crush (flags as documented in 2026): prompt as an argument, the text of its answer on stdout. It asks for nothing in this mode. */
export const crush: Program = {
  name: 'crush',
  rank: 12,
  install: 'Install Crush (see github.com/charmbracelet/crush), run "crush" once and choose a model.',
  defaults: { ...plainSettings('crush', ['run', '--quiet']), reader: 'crush', prompt: 'argument' },
  passEnv: [...networkNames, ...providerNames, 'CRUSH_*', 'CATWALK_URL'],
  promptArgs: { argument: ['--', '{prompt}'] },
  stateFolders: ['.config/crush', '.local/share/crush', '.cache/crush'],
  createReader: createTextReader,
};
