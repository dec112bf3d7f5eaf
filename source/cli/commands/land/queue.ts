import { statusView } from '../../../coordinator/state/status-view.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { QueueClass } from '../../../domain/queue/order.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Command } from '../../../ports/commands.ts';
import { statusOf } from '../../../ui/presentation/status.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { lostTargets } from '../../session/landing-obstacles.ts';
import { readState } from '../../session/read-state.ts';
import { withSession } from '../../session/session.ts';

interface QueueOptions extends GlobalOptions {
  readonly class?: QueueClass;
  readonly json?: boolean;
}

/** `cm-tui queue [jump|hold|release|requeue|reject ID | resume]`: without an action it lists the queue in landing order. */
export async function queueCommand(
  action: string | undefined,
  id: string | undefined,
  options: QueueOptions,
): Promise<ExitCode> {
  if (action === undefined) return list(options);
  const command = commandOf(action, id, options.class);
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send(command);
    if (!answer.ok) throw new CmError(answer.message);
    writeLine(answer.message);
    return 0;
  });
}

function commandOf(action: string, id: string | undefined, into: QueueClass | undefined): Command {
  if (action === 'resume') return { type: 'resume-queue' };
  if (id === undefined) throw new CmError(`Name the item, as in "cm-tui queue ${sanitizeLine(action, 40)} ID".`, 2);
  switch (action) {
    case 'jump':
      return { type: 'jump', id };
    case 'hold':
      return { type: 'hold', id, held: true };
    case 'release':
      return { type: 'hold', id, held: false };
    case 'requeue':
      return { type: 'requeue', id, ...(into === undefined ? {} : { class: into }) };
    case 'reject':
      return { type: 'reject', id, reason: 'rejected by the user' };
    default:
      throw new CmError(
        `Unknown action "${sanitizeLine(action, 40)}". Use jump, hold, release, requeue, reject or resume.`,
        2,
      );
  }
}

async function list(options: QueueOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const { state, coordinator } = await readState(context);
  const { queue: entries, queuePaused } = statusView(state, coordinator, Date.now());
  if (options.json === true) {
    writeJson({ paused: queuePaused, queue: entries });
    return 0;
  }
  if (queuePaused !== null) writeLine(`Landing is paused: ${queuePaused}. Resume it with "cm-tui queue resume".`);
  for (const sentence of await lostTargets(context, state.instances)) writeLine(`! ${sentence}`);
  if (entries.length === 0) writeLine('The merge queue is empty.');
  const width = Math.max(0, ...entries.map(entry => entry.key.length));
  for (const { key, state: status, place, waits, reason } of entries) {
    const why = waits ?? reason;
    const where = place === null ? '   ' : `${String(place).padStart(2)}.`;
    writeLine(
      `${where} ${key.padEnd(width)}  ${statusOf(status).word.padEnd(11)}${why === null ? '' : `  ${sanitizeLine(why, 400)}`}`,
    );
  }
  return 0;
}
