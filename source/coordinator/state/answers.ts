import type { RunId } from '../../domain/ids.ts';
import type { CommandAnswer } from '../../ports/commands.ts';

/** The sentence why not. */
export function refused(message: string): CommandAnswer {
  return { ok: false, message, runIds: [] };
}

/** The sentence that says what is done now. */
export function done(message: string, runIds: readonly RunId[] = []): CommandAnswer {
  return { ok: true, message, runIds };
}
