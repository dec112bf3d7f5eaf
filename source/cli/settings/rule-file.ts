import { settingsFile, settingsPlaces } from '../../adapters/config/index.ts';
import type { Context } from '../session/context.ts';

/** Path of the file that a rule is written to: the repository's own settings. */
export function ruleFile({ commonDir }: Pick<Context, 'commonDir'>): string {
  return settingsFile(settingsPlaces({ root: null, commonDir, env: process.env }), 'repo');
}
