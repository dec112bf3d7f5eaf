import { AgentRegistry } from '../agents/registry.ts';
import { CmError, type ExitCode } from '../domain/errors.ts';
import { sanitizeLine } from '../domain/sanitize.ts';
import { openContext } from './context.ts';
import type { GlobalOptions } from './program.ts';
import { findRun } from './read-instances.ts';

/** `cm-tui attach ID`: agents run without a terminal, so there is none to take over; says what can be done instead (exit 3). */
export async function attach(id: string, options: GlobalOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const { key, agent, worktreePath } = await findRun(context, id);
  const registry = new AgentRegistry(context.settings);
  const interactive = registry.names().filter(name => registry.get(name)?.settings.interactive === true);
  const which =
    interactive.length === 0
      ? 'no agent of the settings is interactive'
      : `only ${interactive.map(name => sanitizeLine(name, 60)).join(', ')} can be`;
  throw new CmError(
    `${key} runs ${sanitizeLine(agent, 60)} without a terminal, so there is nothing to attach to (${which}); follow it with "cm-tui logs -f ${key}", or open a shell in ${worktreePath}.`,
    3,
  );
}
