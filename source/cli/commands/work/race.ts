import { findItem } from '../../../coordinator/runs/spawning.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { mostRivals, readAgents } from '../../../domain/race/agents.ts';
import type { GlobalOptions } from '../../options.ts';
import { withAnyway, writeLine } from '../../output/output.ts';
import { requireAgent, requireProgram } from '../../session/agent-check.ts';
import { withSession } from '../../session/session.ts';
import { hasBegun, reportStart } from './spawn.ts';

/** `cm-tui race ID --agents A,B`: runs of one item side by side; returns when their agents are running. At most one of them lands. */
export function raceCommand(
  id: string,
  options: GlobalOptions & { readonly agents?: string; readonly anyway?: boolean },
): Promise<ExitCode> {
  const given = options.agents === undefined ? null : readAgents(options.agents);
  if (options.agents !== undefined && given === null)
    throw new CmError(`Invalid --agents. Name one to ${mostRivals} agents, such as "claude,codex" or "claude x2".`, 2);
  return withSession<ExitCode>(options, async session => {
    const state = await session.state();
    const found = findItem(state, id);
    if ('problem' in found) throw new CmError(found.problem, 2);
    const agents = given ?? found.item.agents;
    if (agents === undefined)
      throw new CmError(`${found.item.key} names no agents. Add --agents, such as --agents claude,codex.`, 2);
    for (const agent of new Set(agents)) {
      requireAgent({ ...session.context.settings, agent });
      requireProgram({ ...session.context.settings, agent });
    }
    const problems = state.repository?.problems ?? [];
    if (problems.length > 0) throw new CmError(problems.join(' '), 3);
    const overCapacity = options.anyway === true ? { overCapacity: true } : {};
    const answer = await session.send({ type: 'race', id, agents, ...overCapacity });
    if (!answer.ok) throw new CmError(withAnyway(answer));
    writeLine(answer.message);
    for (const instance of await session.until(answer.runIds, hasBegun)) reportStart(instance);
    return 0;
  });
}
