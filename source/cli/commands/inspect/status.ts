import { upstreamSentence } from '../../../coordinator/remote/upstream.ts';
import { earlySentences } from '../../../coordinator/state/radar-view.ts';
import { counts } from '../../../coordinator/state/selectors.ts';
import type { State } from '../../../coordinator/state/state.ts';
import { statusView } from '../../../coordinator/state/status-view.ts';
import type { ExitCode } from '../../../domain/errors.ts';
import { statusOf } from '../../../ui/presentation/status.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';

/** `cm-tui status [--json]`: works with and without a running coordinator; exit 3 where the journal is damaged. */
export async function statusCommand(options: GlobalOptions & { readonly json?: boolean }): Promise<ExitCode> {
  const { state, coordinator, usage, signals, recovery } = await readState(await openContext(options));
  const view = statusView(state, coordinator, Date.now(), usage, signals);
  // What is shown of a damaged journal is what the repository still tells.
  const exitCode = recovery === null ? 0 : 3;
  if (options.json === true) {
    writeJson({ ...view, recovery });
    return exitCode;
  }
  writeStatus(view, state);
  const { ready, landed } = counts(state);
  writeLine(`${view.runningCount} running, ${ready} ready, ${view.queue.length} in the merge queue, ${landed} landed.`);
  return exitCode;
}

/** Columns of the longest word for a state. */
const wordWidth = 11;

type View = ReturnType<typeof statusView>;

function describeCoordinator(coordinator: View['coordinator']): string {
  if (coordinator === null) return 'No coordinator is running. Start one with "cm-tui".';
  const { pid, mode, answers } = coordinator;
  const silent = answers ? '' : ', not responding: resume it with fg, or stop it';
  return `Coordinator: pid ${pid}, work loop ${mode === 'auto' ? 'on' : 'off'}${silent}.`;
}

function writeStatus(view: View, state: State): void {
  writeLine(`${view.repo ?? 'no repository'} → ${view.target ?? 'no target'}`);
  const behind = upstreamSentence(state);
  if (behind !== null) writeLine(`! ${behind}`);
  writeLine(describeCoordinator(view.coordinator));
  const keyWidth = Math.max(0, ...view.instances.map(instance => instance.key.length));
  for (const { key, state: own, slug, reason, activity, runId, reverted } of view.instances) {
    const status = reverted ? 'reverted' : own;
    const words = reason ?? activity;
    writeLine(
      `  ${key.padEnd(keyWidth)}  ${statusOf(status).word.padEnd(wordWidth)}  ${slug}${words === null ? '' : `  ${words}`}`,
    );
    for (const sentence of earlySentences(state, runId)) writeLine(`  ${''.padEnd(keyWidth)}  ! ${sentence}`);
  }
  for (const { agent, until } of view.cooldowns) {
    writeLine(`${agent} is rate limited. No new runs with it until ${until ?? 'an unknown time'}.`);
  }
  if (view.usage.costUsd !== null) writeLine(`Cost of runs since the last start: $${view.usage.costUsd.toFixed(2)}.`);
}
