/** Exit codes of the program (docs/contract.md). */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

/** An error that a person can act on: `message` is one plain sentence that says what was wrong and how to fix it. */
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

const quota = 'the disk quota is used up: remove files or raise it';
/** What stands behind the system's code of a call that failed, and what helps. A clause. */
const systemReasons: Readonly<Record<string, string>> = {
  EAGAIN: 'the system cannot start another process: end some, or raise the limit with "ulimit -u"',
  EDQUOT: quota,
  // Node has no name for it, on Linux and on macOS.
  'Unknown system error -122': quota,
  'Unknown system error -69': quota,
  EIO: 'the disk reports an input/output error: check it, then try again',
  EMFILE: 'too many files are open: raise the limit with "ulimit -n"',
  ENFILE: 'the machine has too many files open: close programs, then try again',
  ENOMEM: 'there is not enough memory: end some programs, then try again',
  ENOSPC: 'no space is left on the disk: free some',
  ERR_MODULE_NOT_FOUND:
    'a part of cm-tui is missing, so it was updated or removed while it was running: quit and start it again; agents keep running',
  EROFS: 'the file system is read-only: mount it writable',
};

/** Why a program could not be started, in what Node says of it (`spawn git EAGAIN`); null: for another reason than the system's state. */
export function spawnReason(words: string): string | null {
  const code = /\bspawn\b[^\n]* (E[A-Z]+|Unknown system error -\d+)\b/.exec(words)?.[1] ?? '';
  return systemReasons[code] ?? null;
}

/** What an error says, whatever was thrown: of a full disk and the like in words instead of the system's code. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reason = error instanceof CmError ? undefined : systemReasons[code];
  if (reason === undefined) return error.message;
  return 'path' in error && typeof error.path === 'string' ? `${error.path}: ${reason}` : reason;
}
