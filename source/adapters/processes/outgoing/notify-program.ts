import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command that takes longer is ended. */
const mostMs = 30_000;

/**
 * Runs one of the user's programs, without a shell, with `value` as one JSON object on its stdin. Its output is dropped. It outlives us:
 * the last message is sent even as we exit. Resolves with null, or with half a sentence on how it failed.
 */
export function notifyProgram(words: readonly string[], cwd: string, value: unknown): Promise<string | null> {
  const [file = '', ...args] = words;
  return new Promise(resolve => {
    // A file and not a pipe: it is all there, whatever becomes of us.
    const stdin = fileWith(`${JSON.stringify(value)}\n`);
    const child = spawn(file, args, { cwd, stdio: [stdin, 'ignore', 'ignore'], detached: true });
    const timer = setTimeout(() => child.kill('SIGKILL'), mostMs).unref();
    const end = (problem: string | null): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.once('error', error => end(error.message));
    child.once('exit', (code, signal) => {
      if (code === 0) end(null);
      else end(code === null ? `it was ended by ${signal ?? 'a signal'}` : `exit code ${code}`);
    });
    child.unref();
    closeSync(stdin);
  });
}

/** A descriptor of a file that holds this text and has no name any more. */
function fileWith(text: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'cm-tui-notify-'));
  try {
    const file = join(folder, 'event.json');
    writeFileSync(file, text, { mode: 0o600 });
    return openSync(file, 'r');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
