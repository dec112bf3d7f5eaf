import { findInstance } from '../../../coordinator/runs/spawning.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { GlobalOptions } from '../../options.ts';
import { withAnyway, writeLine } from '../../output/output.ts';
import { agentToStart, requireAgent, requireProgram } from '../../session/agent-check.ts';
import { withSession } from '../../session/session.ts';
import { hasBegun, reportStart } from './spawn.ts';

/**
 * `cm-tui retry ID`: what `r` offers first on the screen. A fresh attempt in a worktree of its own returns when its agent is running; an
 * approved branch that could not land is built and checked again.
 */
export function retryCommand(id: string, options: GlobalOptions & { readonly anyway?: boolean }): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const before = findInstance(await session.state(), id);
    if (before !== undefined) requireMeans(session.context.settings, agentToStart(await session.state(), before));
    const overCapacity = options.anyway === true ? { overCapacity: true } : {};
    const answer = await session.send({ type: 'retry', id: before?.runId ?? id, ...overCapacity });
    if (!answer.ok) throw new CmError(withAnyway(answer));
    if (before !== undefined && answer.runIds.includes(before.runId)) {
      writeLine(answer.message);
      return 0;
    }
    const [instance] = await session.until(answer.runIds, hasBegun);
    if (instance === undefined) throw new CmError(answer.message);
    return reportStart(instance);
  });
}

/** It must be known and installed. */
function requireMeans(settings: Parameters<typeof requireAgent>[0], agent: string): void {
  requireAgent({ ...settings, agent });
  requireProgram({ ...settings, agent });
}
