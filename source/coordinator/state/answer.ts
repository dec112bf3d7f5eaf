import type { RunId } from '../../domain/ids.ts';

/** One plain sentence, and whether it was accepted. Asynchronous work goes on after the answer. */
export interface CommandAnswer {
  readonly ok: boolean;
  readonly message: string;
  /** The runs it concerns. */
  readonly runIds: readonly RunId[];
}
