import { CmError } from '../domain/errors.ts';
import { writeError } from './output.ts';
import { buildProgram } from './program.ts';

/** Runs one command line; returns the exit code (the contract, §8). Every error becomes one plain sentence on stderr. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { program, result } = buildProgram();
    await program.parseAsync([...args], { from: 'user' });
    return result.exitCode;
  } catch (error) {
    if (isCommanderExit(error)) return error.exitCode === 0 ? 0 : 2;
    const message = error instanceof Error ? error.message : String(error);
    writeError(message);
    if (process.env.CM_TUI_DEBUG !== undefined && error instanceof Error) writeError(error.stack ?? '');
    return error instanceof CmError ? error.exitCode : 1;
  }
}

function isCommanderExit(error: unknown): error is { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
