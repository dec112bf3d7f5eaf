import { findInstance } from '../../../coordinator/runs/spawning.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import { ruleFor } from '../../../domain/permission/rule.ts';
import type { OpenAsk } from '../../../domain/permission/run-talk.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { type Context, openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';
import { withSession } from '../../session/session.ts';

/** `cm-tui asks`: what agents at work wait to be allowed, the oldest first. */
export async function asksCommand(options: GlobalOptions & { readonly json?: boolean }): Promise<ExitCode> {
  const { state } = await readState(await openContext(options));
  const asks = state.instances
    .flatMap(({ key, slug, priorityId, runId, agent, asks: known }) =>
      (known?.open ?? []).map(({ since, ...ask }) => ({
        id: key,
        priorityId,
        slug,
        runId,
        agent,
        ...ask,
        since: new Date(since).toISOString(),
      })),
    )
    .sort((one, other) => one.since.localeCompare(other.since));
  if (options.json === true) {
    writeJson({ asks });
    return 0;
  }
  for (const { id, ask, words, since } of asks) writeLine(`${id}  ${ask}  ${sanitizeLine(words, 300)}  since ${since}`);
  if (asks.length === 0) writeLine('No agent asks anything.');
  return 0;
}

/** `cm-tui answer ID allow|deny [--ask N]`: returns once the agent has the answer. */
export function answerCommand(
  id: string,
  word: string,
  options: GlobalOptions & { readonly ask?: string; readonly always?: boolean },
): Promise<ExitCode> {
  if (word !== 'allow' && word !== 'deny') throw new CmError('Answer with "allow" or "deny".', 2);
  if (options.always === true && word === 'deny') throw new CmError('--always goes with "allow".', 2);
  const ask = options.ask === undefined ? undefined : Number(options.ask);
  if (ask !== undefined && !Number.isInteger(ask))
    throw new CmError('--ask wants the number that "cm-tui asks" shows.', 2);
  return withSession<ExitCode>(options, async session => {
    const before = findInstance(await session.state(), id);
    const number = ask ?? before?.asks?.open[0]?.ask;
    const open = before?.asks?.open.find(one => one.ask === number);
    const rule = options.always === true && before !== undefined ? await addRule(session.context, before, open) : null;
    const answer = await session.send({
      type: 'answer',
      id: before?.runId ?? id,
      allow: word === 'allow',
      ...(ask === undefined ? {} : { ask }),
      ...(rule === null ? {} : { always: rule }),
    });
    if (!answer.ok) throw new CmError(answer.message);
    let problem: string | null = null;
    const since = Date.now();
    await session.until(answer.runIds, ({ asks, runId }, { notices }) => {
      problem =
        notices.findLast(
          notice =>
            notice.runId === runId &&
            notice.at >= since - 1000 &&
            notice.level === 'warning' &&
            !notice.text.includes(' asks: '),
        )?.text ?? null;
      return problem !== null || !(asks?.open ?? []).some(one => one.ask === number) || Date.now() - since > waitMs;
    });
    if (problem !== null) throw new CmError(`${problem}.`);
    writeLine(answer.message);
    return 0;
  });
}

/** An answer that has not arrived by then is reported as sent all the same: the log of the run tells the rest. */
const waitMs = 5000;

/** Writes the rule by which the question would not be asked again, says what was written where, and returns the rule. */
async function addRule(context: Context, { key, agent }: Instance, open: OpenAsk | undefined): Promise<string> {
  if (open === undefined) throw new CmError(`${key} has no such question. Run "cm-tui asks" for a list.`);
  const rule = open.command === undefined ? null : ruleFor(open.command);
  if (rule === null) throw new CmError('There is no rule for this question. Answer without --always.');
  writeLine(await (await import('../../settings/allow-always.ts')).allowAlways(context, agent, rule));
  return rule;
}
