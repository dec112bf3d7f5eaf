import { systemClock } from '../../adapters/clock.ts';
import { notifyProgram } from '../../adapters/processes/outgoing/notify-program.ts';
import { type NewsEvent, newsEvents } from '../../coordinator/state/news.ts';
import { messageOf } from '../../domain/errors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { Notifier } from '../../runtime/notifier.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Context } from './context.ts';

/** Runs `notify.command` for what happens in this coordinator, if it is set. Returns the function that ends it. */
export function notifyByCommand({ root }: Pick<Context, 'root'>, runtime: Runtime): () => void {
  let reported = false;
  const start = async (event: NewsEvent): Promise<void> => {
    const command = runtime.state().settings.notify.command ?? [];
    if (command.length === 0) return;
    const problem = await notifyProgram(command, root, event).catch(messageOf);
    if (problem === null || reported) return;
    reported = true;
    const name = sanitizeLine(command[0] ?? '', 100);
    const why = sanitizeLine(problem, 200);
    runtime.tell('warning', `notify.command failed (${name}: ${why}). Fix it with "cm-tui config edit".`);
  };
  const notifier = new Notifier(systemClock, start);
  let before = runtime.state();
  const stop = runtime.subscribe(() => {
    const now = runtime.state();
    if ((now.settings.notify.command ?? []).length > 0) notifier.add(newsEvents(before, now));
    before = now;
  });
  return () => {
    stop();
    notifier.close();
  };
}
