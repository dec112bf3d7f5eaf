/** Exit codes of the program (docs/contract.md). */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

/** An error a person can act on: `message` is one plain sentence that says what was wrong and how to mend it. */
export class CmError extends Error {
  override readonly name: string = 'CmError';
  constructor(
    message: string,
    readonly exitCode: ExitCode = 1,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
