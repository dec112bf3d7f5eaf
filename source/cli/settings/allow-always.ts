import { loadSettings, setSetting, settingsFile, settingsPlaces } from '../../adapters/config/index.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import { CmError } from '../../domain/errors.ts';
import { withRule } from '../../domain/permission/rule.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Context } from '../session/context.ts';
import { writeAsPerson } from './write-as-person.ts';

/**
 * Adds a rule to what an agent may do without a question, as a person's own change of the settings. Returns one sentence.
 * @throws CmError where the agent's rules are not a list, or the file cannot be written
 */
export async function allowAlways(
  context: Pick<Context, 'commonDir' | 'root'>,
  agent: string,
  rule: string,
): Promise<string> {
  const { commonDir, root } = context;
  const { settings } = await loadSettings({ flags: {}, env: process.env, root, commonDir });
  const { permissions } = new AgentRegistry(settings).require(agent).settings;
  const changed = withRule(permissions, rule);
  const name = sanitizeLine(agent, 60);
  if (changed === null)
    throw new CmError(
      `agents.${name}.permissions is "${String(permissions)}", which has no rules. Change it first.`,
      2,
    );
  const places = settingsPlaces({ root, commonDir, env: process.env });
  const file = settingsFile(places, 'repo');
  await writeAsPerson(file, commonDir, { repo: root }, () =>
    setSetting(places, 'repo', `agents.${agent}.permissions`, changed),
  );
  return `Added "${sanitizeLine(rule, 200)}" to agents.${name}.permissions.allow in ${escapePath(file)}.`;
}
