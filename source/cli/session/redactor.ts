import type { Settings } from '../../domain/settings.ts';
import { createRedactor } from '../../domain/text/redact.ts';

/**
 * Removes what looks like a secret from everything that is shown: values of our environment variables, and those the settings give to
 * agents.
 */
export function redactorOf({ agents }: Pick<Settings, 'agents'>): (text: string) => string {
  return createRedactor(process.env, ...Object.values(agents).map(agent => agent.env ?? {}));
}
