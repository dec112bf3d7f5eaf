import type { Settings } from '../../domain/settings.ts';
import { createRedactor } from '../../domain/text/redact.ts';

/** Takes what looks like a secret out of everything that is shown: our own variables' values, and those the settings give to agents. */
export function redactorOf({ agents }: Pick<Settings, 'agents'>): (text: string) => string {
  return createRedactor(process.env, ...Object.values(agents).map(agent => agent.env ?? {}));
}
