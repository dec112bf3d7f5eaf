import { itemRows } from '../../coordinator/state/selectors.ts';
import { messageOf } from '../../domain/errors.ts';
import { isUnsigned } from '../../domain/queue/unsigned.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import type { ExternalRequest, LayerHost } from '../layer.ts';
import type { Overview } from '../overview/model.ts';
import { atItem } from '../overview/reduce.ts';
import type { Snapshot } from '../screen-types.ts';

/** What asking and sending take of the screen. */
interface Asking extends Pick<LayerHost, 'showMessage' | 'send'> {
  ask(title: string, lines: readonly string[]): Promise<boolean>;
}

/** Shows the answer to a command. A machine at its limit is a question: the person decides. */
export function showAnswer(screen: Asking, { ok, message, ask }: CommandAnswer): void {
  screen.showMessage(message, ok ? 'info' : 'warning');
  if (ask === undefined) return;
  const command: Command = ask.command;
  void screen.ask(ask.question, [message]).then(yes => {
    if (yes) screen.send(command);
  });
}

/** Sends a command and shows the answer; what would start an agent that is not installed leaves no run behind. */
export function sendAndShow(screen: Asking & Pick<LayerHost, 'handle' | 'cannotStart'>, command: Command): void {
  const problem = screen.cannotStart(command);
  if (problem !== null) return screen.showMessage(problem, 'warning');
  screen.handle.send(command).then(
    answer => showAnswer(screen, answer),
    (error: unknown) => screen.showMessage(messageOf(error), 'error'),
  );
}

/** Hands the terminal to the agent of the selected run. */
export function attachToRun(screen: Pick<LayerHost, 'context' | 'external' | 'showMessage'>): void {
  const { instance } = screen.context();
  if (instance === null) return;
  void screen.external({ type: 'attach', runId: instance.runId }).then(problem => {
    if (problem !== null) screen.showMessage(problem, 'warning');
  });
}

/** Hands the terminal to the user's own signer; what could not be signed before is approved again as it was. */
export function unlockKey(screen: Pick<LayerHost, 'context' | 'external' | 'showMessage' | 'send'>): void {
  void screen.external({ type: 'sign' }).then(problem => {
    if (problem !== null) return screen.showMessage(problem, 'warning');
    for (const { runId, merge } of screen.context().state.instances.filter(isUnsigned)) {
      if (merge.approvedHead !== null) screen.send({ type: 'approve', id: runId, head: merge.approvedHead });
    }
  });
}

/** Shows something in a program of the user; a sentence instead says why there is nothing to show. */
export function handOver(
  host: Pick<LayerHost, 'external' | 'showMessage' | 'changed'>,
  request: ExternalRequest | string,
): void {
  if (typeof request === 'string') return host.showMessage(request, 'warning');
  void host.external(request).then(problem => {
    if (problem !== null) host.showMessage(problem, 'warning');
    host.changed();
  });
}

/** What selecting takes of the screen. */
interface Selecting {
  snapshot(): Snapshot;
  subscribe(listener: () => void): () => void;
  changeOverview(change: Partial<Overview>): void;
}

/** Selects an item in the roadmap list once what is drawn holds it: the answer that names it comes before that. */
export function selectWhenThere(screen: Selecting, itemId: string): void {
  let stop: () => void = () => undefined;
  const attempt = (): void => {
    const { state, overview } = screen.snapshot();
    if (!itemRows(state).some(({ item }) => item.id === itemId)) return;
    stop();
    screen.changeOverview(atItem(overview, itemId));
  };
  stop = screen.subscribe(attempt);
  attempt();
}
