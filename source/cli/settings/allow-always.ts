import { join } from 'node:path';
import { loadSettings, sealsOf, setSetting, settingsFile, settingsPlaces } from '../../adapters/config/index.ts';
import { connectControl } from '../../adapters/socket/client.ts';
import { AgentRegistry } from '../../agents/registry.ts';
import { judgeSettings } from '../../coordinator/runs/settings-change.ts';
import { CmError } from '../../domain/errors.ts';
import { withRule } from '../../domain/permission/rule.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Context } from '../session/context.ts';
import { writeAsPerson } from './write-as-person.ts';

/**
 * Adds a rule to what an agent may do without a question, as a person's own change of the settings. Returns one sentence.
 * @throws CmError where the agent's rules are not a list, a settings file was changed by somebody else, or the file cannot be written
 */
export async function allowAlways(
  context: Pick<Context, 'commonDir' | 'root'>,
  agent: string,
  rule: string,
): Promise<string> {
  const { commonDir, root } = context;
  await refuseUnaccepted(commonDir);
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

/** The rules that are there are written once more with the new one: what nobody has accepted yet must not pass as a person's that way. */
async function refuseUnaccepted(commonDir: string): Promise<void> {
  const client = await connectControl(join(commonDir, 'cm-tui')).catch(() => null);
  if (client === null) return;
  try {
    const verdict = judgeSettings(await client.state(), sealsOf({ root: null, commonDir, env: process.env }));
    if (verdict.kind === 'refused') throw new CmError(verdict.message, 3);
  } finally {
    client.close();
  }
}
