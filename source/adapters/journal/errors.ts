import { CmError } from '../../domain/errors.ts';
import { codeOf } from '../regular-file.ts';
import { reasonOf } from './files.ts';

/** What the writer had written is no longer there, or somebody else has written there too. */
export class LostJournal extends Error {
  override readonly name = 'LostJournal';
}

/**
 * The journal could not be written, and nothing of the refused record is left in it. While this is the latest result, nothing new may
 * start; running agents continue. Every later append tries again.
 */
export class JournalWriteError extends CmError {
  override readonly name: string = 'JournalWriteError';
  readonly readOnly = true;

  constructor(cause: unknown) {
    super(
      `The journal cannot be written (${codeOf(cause) ?? reasonOf(cause)}): ${fixOf(cause)}. Until then nothing starts or lands.`,
      3,
      { cause },
    );
  }
}

function fixOf(cause: unknown): string {
  if (cause instanceof LostJournal) return 'restore it, or quit cm-tui and run "cm-tui doctor --recover"';
  switch (codeOf(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'free some disk space';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'make the state folder writable';
    default:
      return 'check the disk';
  }
}
