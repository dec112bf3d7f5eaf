import { setTimeout as sleep } from 'node:timers/promises';
import type { ExitCode } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Activity } from '../../../domain/timeline/activity.ts';
import { fullMoment } from '../../../ui/presentation/time.ts';
import type { GlobalOptions } from '../../options.ts';
import { terminalSafeJson, writeError } from '../../output/output.ts';
import { StreamOut } from '../../output/stream-out.ts';
import { type Context, openContext } from '../../session/context.ts';
import { openActivity } from '../../session/journal/activity.ts';
import { findRun } from '../../session/read-instances.ts';

interface EventOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
}

const pollMs = 150;
const marks = { info: ' ', warning: '!', error: '✗' } as const;

/**
 * `cm-tui events [ID] [-f] [--json]`: what has happened, oldest first, of everything or of one item. `--json` prints one object per line,
 * steps that only programs care for included. `-f` continues until it is interrupted. Works with and without a running coordinator.
 */
export async function eventsCommand(id: string | undefined, options: EventOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const key = id === undefined ? null : await keyOf(context, id);
  const activity = await openActivity(context);
  const out = new StreamOut(process.stdout);
  const left = new AbortController();
  process.once('SIGINT', () => left.abort());
  const print = async (): Promise<boolean> => {
    const lines = activity
      .read()
      .filter(one => key === null || one.key === key)
      .flatMap(options.json === true ? asJson : asText);
    await out.write(lines.join(''));
    return lines.length > 0;
  };
  const any = await print();
  if (!any && options.follow !== true && options.json !== true) writeError('No events yet.');
  while (options.follow === true && !left.signal.aborted && !out.gone) {
    await sleep(pollMs, undefined, { signal: left.signal }).catch(() => undefined);
    await print();
  }
  return left.signal.aborted ? 130 : 0;
}

/** The key of an item that has run, by any of its names; what has not run is looked for as it was typed. */
async function keyOf(context: Context, id: string): Promise<string> {
  return (await findRun(context, id).catch(() => null))?.key ?? id;
}

function asJson(one: Activity): readonly string[] {
  return [`${terminalSafeJson(one)}\n`];
}

function asText({ ts, key, level, text }: Activity): readonly string[] {
  if (text === null) return [];
  const about = key === null ? '' : `${sanitizeLine(key, 60)}  `;
  return [`${fullMoment(Date.parse(ts))} ${marks[level]} ${about}${sanitizeLine(text, 1000)}\n`];
}
