import { CmError, messageOf } from '../domain/errors.ts';
import { nearest } from '../domain/text/nearest.ts';
import { sanitizeLine } from '../domain/text/sanitize.ts';
import { writeError } from './output/output.ts';

/** Runs one command line and returns the exit code (docs/contract.md). Every error becomes one plain sentence on stderr. */
export async function main(args: readonly string[]): Promise<number> {
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', onOutputError);
  try {
    assertCwdExists();
    // Without arguments there is nothing to parse, so the first frame does not wait for the parser.
    if (args.length === 0) return await (await import('./commands/work/start.ts')).startCommand({});
    const { program, result } = (await import('./program.ts')).buildProgram();
    const names = program.commands.flatMap(command => [command.name(), ...command.aliases()]);
    refuseUnknown(args[0], [...names, 'help']);
    if (args[0] === 'help') refuseUnknown(args[1], names);
    await program.parseAsync([...args], { from: 'user' });
    return result.exitCode;
  } catch (error) {
    if (isCommanderExit(error)) return error.exitCode === 0 ? 0 : 2;
    const message = messageOf(error);
    writeError(message);
    if (process.env.CM_TUI_DEBUG !== undefined && error instanceof Error) writeError(error.stack ?? '');
    return error instanceof CmError ? error.exitCode : 1;
  }
}

/**
 * A reader that has seen enough (`| head`) is not an error, and a closed terminal ends the screen in its own way. Any other failed
 * write is an error; agents and journal are left as after a kill.
 */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || error.code === 'EIO') return;
  process.stderr.removeAllListeners('error').on('error', () => undefined);
  writeError(
    `Cannot write the output (${error.code ?? error.message}). Free some disk space, or redirect it elsewhere.`,
  );
  process.exit(3);
}

/** Neither git nor the screen's libraries work in a folder that has been removed. */
function assertCwdExists(): void {
  try {
    process.cwd();
  } catch {
    throw new CmError('The current folder no longer exists. Change to another one with cd.', 3);
  }
}

/** The program has an action without a command, so a mistyped command would look like an extra argument. */
function refuseUnknown(word: string | undefined, names: readonly string[]): void {
  if (word === undefined || word.startsWith('-') || names.includes(word)) return;
  const near = nearest(word, names);
  const hint = near === null ? '' : ` Did you mean "${near}"?`;
  throw new CmError(`Unknown command "${sanitizeLine(word, 60)}". Run "cm-tui help" for a list.${hint}`, 2);
}

function isCommanderExit(error: unknown): error is { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
