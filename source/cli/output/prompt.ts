import { createInterface } from 'node:readline/promises';
import { CmError } from '../../domain/errors.ts';

/** True if somebody can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/**
 * Asks on the terminal; only `y` or `yes` counts, Enter alone means no.
 * @param question sanitised, without its `[y/N]`
 * @throws CmError (exit 130) on Ctrl+C and Ctrl+D
 */
export async function askYes(question: string): Promise<boolean> {
  return /^\s*y(?:es)?\s*$/i.test(await askText(`${question} [y/N] `));
}

/**
 * Asks for one line on the terminal.
 * @param question sanitised, with a trailing space
 * @throws CmError (exit 130) on Ctrl+C and Ctrl+D
 */
export async function askText(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const left = new Promise<never>((_, reject) => {
      terminal.once('close', () => reject(new CmError('Cancelled. Nothing changed.', 130)));
    });
    return await Promise.race([terminal.question(question), left]);
  } finally {
    terminal.close();
  }
}
