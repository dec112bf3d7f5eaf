import type { Command, CommandAnswer } from '../../ports/commands.ts';
import type { LayerHost } from '../layer.ts';

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

/** Hands the terminal to the agent of the selected run. */
export function attachToRun(screen: Pick<LayerHost, 'context' | 'external' | 'showMessage'>): void {
  const { instance } = screen.context();
  if (instance === null) return;
  void screen.external({ type: 'attach', runId: instance.runId }).then(problem => {
    if (problem !== null) screen.showMessage(problem, 'warning');
  });
}
