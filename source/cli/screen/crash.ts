import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CmError, messageOf } from '../../domain/errors.ts';
import { redact } from '../../domain/text/redact.ts';
import { escapePath, sanitizeBlock } from '../../domain/text/sanitize.ts';

const filesKept = 10;
const longest = 100_000;

/** Uncaught errors as a promise that only ever rejects. The first one counts; errors that follow from it are dropped. */
export interface CrashWatch {
  readonly crashed: Promise<never>;
  stop(): void;
}

/** From now on an uncaught exception or unhandled rejection does not end the process: it rejects `crashed`. */
export function watchForCrashes(): CrashWatch {
  let reject: (error: unknown) => void = () => undefined;
  const crashed = new Promise<never>((_, no) => {
    reject = no;
  });
  // Whoever races against it may be gone already.
  crashed.catch(() => undefined);
  const onCrash = (error: unknown): void => reject(error);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return {
    crashed,
    stop() {
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
    },
  };
}

/** Writes what is known about a crash beside the journal and returns the sentence for the person, with exit code 1. */
export function crashReport(error: unknown, stateDir: string, now = new Date()): CmError {
  const message = sanitizeBlock(redact(messageOf(error), process.env), 300);
  const what = `cm-tui crashed (${message}).`;
  const agents = 'The agents keep running and nothing is lost. Start cm-tui again.';
  const file = writeReport(error, stateDir, now);
  const where = file === null ? '' : ` Crash report: ${escapePath(file)}.`;
  return new CmError(`${what} ${agents}${where}`, 1, { cause: error });
}

/** Path of the file (mode 0600), or null if even that cannot be written. */
function writeReport(error: unknown, stateDir: string, now: Date): string | null {
  const stamp = now.toISOString().replaceAll(':', '-');
  const file = join(stateDir, `crash-${stamp}.txt`);
  const head = [
    `cm-tui ${process.env.CM_TUI_VERSION ?? 'development'}`,
    `${now.toISOString()}, Node ${process.version}, ${process.platform} ${process.arch}`,
  ];
  const text = [...head, '', ...traces(error)].join('\n');
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${sanitizeBlock(redact(text, process.env), longest)}\n`, { mode: 0o600, flag: 'wx' });
    forgetOldest(stateDir);
    return file;
  } catch {
    return null;
  }
}

/** The error and its causes, each with its stack. */
function traces(error: unknown): readonly string[] {
  const found: string[] = [];
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 5; depth++) {
    found.push(at instanceof Error ? (at.stack ?? at.message) : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return found;
}

/** A program that crashes at every start must not fill the disk. */
function forgetOldest(stateDir: string): void {
  const files = readdirSync(stateDir)
    .filter(name => /^crash-[\dTZ.-]+\.txt$/.test(name))
    .sort();
  for (const name of files.slice(0, -filesKept)) rmSync(join(stateDir, name), { force: true });
}
