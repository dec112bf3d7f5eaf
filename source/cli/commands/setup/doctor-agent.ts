import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectAgent } from '../../../adapters/acp/inspect.ts';
import { findProgram } from '../../../agents/launch/probe.ts';
import { AgentRegistry } from '../../../agents/registry.ts';
import { messageOf } from '../../../domain/errors.ts';
import type { Settings } from '../../../domain/settings.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Check } from './doctor-checks.ts';

/** A program that starts through npx may have to be fetched first. */
const limitMs = 60_000;

/** `doctor --agent NAME`: what a program that speaks the Agent Client Protocol says of itself. No check for any other. */
export async function protocolCheck(settings: Settings, name: string): Promise<readonly Check[]> {
  const profile = new AgentRegistry(settings).get(name);
  if (profile === undefined || profile.settings.protocol !== 'acp') return [];
  const { command, args, extraArgs, env, mode } = profile.settings;
  // That it is not installed is said by the check of the program.
  if (findProgram(command, { env: process.env, cwd: process.cwd() }) === null) return [];
  const cwd = await mkdtemp(join(tmpdir(), 'cm-tui-doctor-'));
  const title = `protocol of ${name}`;
  try {
    const facts = await inspectAgent([command, ...args, ...extraArgs], {
      cwd,
      env: { ...process.env, ...env },
      limitMs,
    });
    const list = (ids: readonly string[]) => sanitizeLine(ids.join(', '), 300) || 'none';
    const words = [
      sanitizeLine(facts.name, 100),
      `ways to log in: ${list(facts.authMethods)}`,
      ...(facts.modes === null ? [] : [`modes: ${list(facts.modes)}`]),
    ];
    const check = (status: Check['status'], fix: string): Check => ({
      name: title,
      status,
      text: `${words.join('; ')}${fix}`,
    });
    if (facts.problem !== null)
      return [check('problem', `. It opens no session: ${sanitizeLine(facts.problem, 300)}. Log in with it first.`)];
    if (mode !== null && facts.modes !== null && !facts.modes.includes(mode))
      return [
        check('note', `. It has no mode "${sanitizeLine(mode, 60)}": set agents.${name}.mode to one of its modes.`),
      ];
    return [check('ok', '')];
  } catch (error) {
    const text = `"${command}" cannot be used over this protocol: ${sanitizeLine(messageOf(error), 300)}.`;
    return [{ name: title, status: 'problem', text }];
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
