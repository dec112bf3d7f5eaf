import type { Settings } from '../../domain/settings.ts';
import { createRedactor } from '../../domain/text/redact.ts';

/**
 * Removes what looks like a secret from everything that is shown: values of our environment variables, and those the settings give to
 * agents.
 */
export function redactorOf({ agents }: Pick<Settings, 'agents'>): (text: string) => string {
  return createRedactor(process.env, ...Object.values(agents).map(agent => agent.env ?? {}));
}

/** The same with the settings in force at each text. */
export function liveRedactor(context: { readonly settings: Pick<Settings, 'agents'> }): (text: string) => string {
  let { agents } = context.settings;
  let redact = redactorOf({ agents });
  return text => {
    if (context.settings.agents !== agents) {
      agents = context.settings.agents;
      redact = redactorOf({ agents });
    }
    return redact(text);
  };
}
