import type { AgentUsage } from '../../domain/cost/agent-usage.ts';
import type { AgentReader, ReaderEvent, RunSignal } from '../../ports/agents.ts';

/** Lines of what an agent says that are kept; findings stand at the end. */
const mostLines = 1500;

/** What is known from the output of an agent that only reads, once it has ended. */
export interface ReadOutput {
  /** All it said, in the order in which it said it. */
  readonly text: string;
  /** Its own verdict; null: it gave none. */
  readonly ok: boolean | null;
  /** Of a failure the reason. */
  readonly message: string;
  readonly usage: AgentUsage | null;
  /** It has reported a limit of its service, of so many milliseconds from then (null: not said); null: none. */
  readonly limit: { readonly retryAfterMs: number | null } | null;
}

/**
 * Reads all that an agent says, beside what its own reader makes of its output. The text passes as the message of a last result, so that
 * the log takes secrets out of it as it does of its lines.
 */
export class OutputCollector {
  #heard: ReadOutput = { text: '', ok: null, message: '', usage: null, limit: null };

  readonly wrap = (inner: AgentReader): AgentReader => {
    let said: string[] = [];
    let verdict: Extract<ReaderEvent, { readonly type: 'result' }> | null = null;
    const keep = (events: readonly ReaderEvent[], stream: 'out' | 'err'): readonly ReaderEvent[] => {
      for (const event of events) {
        if (event.type === 'result') verdict = event;
        const isSaid = event.type === 'line' && (event.kind === 'text' || event.kind === 'result');
        if (isSaid && stream === 'out') said.push(event.text);
      }
      if (said.length > 2 * mostLines) said = said.slice(-mostLines);
      return events.filter(({ type }) => type !== 'result');
    };
    return {
      read: (line, stream) => keep(inner.read(line, stream), stream),
      end: () => {
        const last = keep(inner.end?.() ?? [], 'out');
        const known: ReaderEvent[] = verdict === null ? [] : [verdict];
        return [
          ...last,
          ...known,
          { type: 'result', ok: true, message: `${mark}${said.slice(-mostLines).join('\n')}` },
        ];
      },
    };
  };

  readonly hear = (signal: RunSignal): void => {
    const heard = this.#heard;
    if (signal.type === 'usage') {
      const { inputTokens, outputTokens, costUsd } = signal;
      this.#heard = { ...heard, usage: { inputTokens, outputTokens, costUsd } };
    } else if (signal.type === 'rate-limited') {
      this.#heard = { ...heard, limit: { retryAfterMs: signal.retryAfterMs } };
    } else if (signal.type === 'result') {
      this.#heard = signal.message.startsWith(mark)
        ? { ...heard, text: signal.message.slice(mark.length) }
        : { ...heard, ok: signal.ok, message: signal.message };
    }
  };

  get heard(): ReadOutput {
    return this.#heard;
  }
}

/** Before the text of all that was said; no line of a log begins so. */
const mark = '\u0001';
