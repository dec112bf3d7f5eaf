import { spawn } from 'node:child_process';

/** How much output of a program is kept; what follows is dropped, the program continues. */
const mostOutput = 64 * 1024;

/**
 * Starts a program without a shell and waits for it, with this process's environment. For the demo agent and the sample
 * repository, which must start fast and so load nothing but node itself; everything else uses the processes port.
 * @returns its exit code (127: it could not be started, 128 and more: ended by a signal) and its output, both streams together
 */
export function runProgram(
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  return new Promise(resolve => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      if (output.length < mostOutput) output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', error => resolve({ exitCode: 127, output: error.message }));
    child.once('close', code => resolve({ exitCode: code ?? 128, output: output.slice(0, mostOutput) }));
  });
}
