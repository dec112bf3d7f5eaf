import { ResourceMonitor } from '../../../coordinator/api/resource-monitor.ts';
import { upstreamSentence } from '../../../coordinator/remote/upstream.ts';
import { planDetails } from '../../../coordinator/state/planning.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { isAlive } from '../../../domain/instance.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { whatBlocksLandings } from '../../session/landing-obstacles.ts';
import { readState } from '../../session/read-state.ts';

/** `cm-tui plan [--json]`: what may run now, every reason why the rest may not, and what is to be said of any of them. */
export async function planCommand(options: GlobalOptions & { readonly json?: boolean }): Promise<ExitCode> {
  const context = await openContext(options);
  const { state } = await readState(context);
  const details = planDetails(state);
  const { ready } = details;
  const [waiting, groups, problems] = [details.waiting(), details.groups(), details.problems()];
  const warnings = details.warnings();
  const obstacles = await whatBlocksLandings(context, state.instances, state.roadmap.items);
  const inTheWay = [...obstacles.targets, ...obstacles.items];
  if (options.json === true) {
    const landing = inTheWay.map(message => ({ line: null, code: 'landing', message }));
    writeJson({ ready, waiting, warnings, groups, problems: [...problems, ...landing] });
    return 0;
  }
  if (state.repository !== null && state.repository.problems.length > 0)
    throw new CmError(state.repository.problems.join(' '), 3);
  const running = () => state.instances.filter(one => isAlive(one.state)).length;
  writeLine(`Capacity: ${new ResourceMonitor(() => state.resources, running).checkResourcesAvailable().reason}.`);
  const behind = upstreamSentence(state);
  if (behind !== null) writeLine(`! ${behind}`);
  for (const sentence of inTheWay) writeLine(`! ${sentence}`);
  writeLine(ready.length === 0 ? 'Nothing is ready.' : `Ready: ${ready.join(', ')}`);
  const planned = waiting.filter(({ reasons }) => reasons.some(({ code }) => code !== 'status'));
  for (const { id, reasons } of planned) writeLine(`  ${id} waits: ${reasons.map(reason => reason.detail).join('; ')}`);
  const others = waiting.length - planned.length;
  if (others > 0)
    writeLine(`  ${others} ${others === 1 ? 'item is' : 'items are'} not planned. Run "cm-tui roadmap" to list them.`);
  for (const { id, reasons } of warnings) writeLine(`! ${id}: ${reasons.map(reason => reason.detail).join('; ')}`);
  for (const [index, group] of groups.entries()) writeLine(`Round ${index + 1}: ${group.join(', ')}`);
  for (const problem of problems)
    writeLine(`! ${problem.line === null ? '' : `line ${problem.line}: `}${problem.message}`);
  return 0;
}
