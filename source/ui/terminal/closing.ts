import process from 'node:process';

/** Why the screen ended without a key press. */
export type Closing = 'hangup' | 'terminated' | 'terminal-closed';

interface Emitter {
  on(event: string, listener: (error?: unknown) => void): unknown;
  off(event: string, listener: (error?: unknown) => void): unknown;
}

const signals: readonly (readonly [NodeJS.Signals, Closing])[] = [
  ['SIGHUP', 'hangup'],
  ['SIGTERM', 'terminated'],
  ['SIGINT', 'terminated'],
  ['SIGQUIT', 'terminated'],
];

/**
 * Calls back once when the terminal goes away or somebody asks the program to end: a program that does not notice spins on a dead
 * terminal for ever. Returns the function that stops listening. Errors of the output stream stay handled even afterwards.
 */
export function watchClosing(stdin: Emitter, stdout: Emitter, onClosing: (why: Closing) => void): () => void {
  let reported = false;
  const report = (why: Closing): void => {
    if (reported) return;
    reported = true;
    onClosing(why);
  };
  const gone = (): void => report('terminal-closed');
  const bySignal = signals.map(([signal, why]) => ({ signal, listener: (): void => report(why) }));
  for (const { signal, listener } of bySignal) process.on(signal, listener);
  for (const event of ['end', 'close', 'error']) stdin.on(event, gone);
  stdout.on('error', gone);
  return () => {
    for (const { signal, listener } of bySignal) process.off(signal, listener);
    for (const event of ['end', 'close']) stdin.off(event, gone);
  };
}
