import { endOf, endsInQuestion, noWords } from '../../domain/text/last-words.ts';
import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import type { LogKind } from '../../ports/logs.ts';
import { rateLimit } from './rate-limit.ts';

/** Longest line passed on; the log adapter has the same limit. Nothing longer is ever matched by an expression. */
const longestLine = 4096;
/** Lines of one block of text that are shown; the raw log keeps the rest. */
const mostLines = 400;

/** One line for the screen: no newlines, whitespace runs folded, cut with an ellipsis. */
export function shorten(text: string, length: number): string {
  const line = text
    .slice(0, length * 4)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** Events for a block of text, one per line; blank lines at either end are dropped. */
export function lines(kind: LogKind, text: string, most = mostLines): readonly ReaderEvent[] {
  const all = text
    .slice(0, most * longestLine)
    .split('\n', most + 1)
    .map(line => line.trimEnd());
  while (all[0] === '') all.shift();
  while (all.at(-1) === '') all.pop();
  const shown: ReaderEvent[] = all
    .slice(0, most)
    .map(line => ({ type: 'line', kind, text: line.slice(0, longestLine) }));
  if (all.length > most) shown.push({ type: 'line', kind, text: '… (more in the raw log)' });
  return shown;
}

export function activity(text: string | null): ReaderEvent {
  return { type: 'activity', text: text === null ? null : shorten(text, 120) };
}

/** Of a failure the beginning of its message counts, of a success the end: a question stands there. */
export function result(ok: boolean, message: string | null): ReaderEvent {
  const text = message ?? '';
  const words = shorten(ok ? endOf(text, 400) : text, 400);
  const asks = ok && endsInQuestion(text) ? { asks: true as const } : {};
  return { type: 'result', ok, message: words === '' ? (ok ? noWords : 'failed without a message') : words, ...asks };
}

/** A command or tool that the program was not permitted to use: a line of the log, and a fact about the run. */
export function notPermitted(words: string): readonly ReaderEvent[] {
  const what = shorten(words, 300);
  return [...lines('error', `not permitted: ${what}`), { type: 'refused', words: what }];
}

const refusal =
  /\b(?:not (?:permitted|allowed|approved|authorized) (?:by|to (?:run|use|execute))|denied by (?:policy|the user|user|permission)|permission (?:to use \S+ )?(?:was |has been )?(?:denied|rejected|refused)|(?:user|policy) (?:has )?(?:rejected|denied|declined|refused)|requires? (?:user |your )?(?:approval|confirmation|permission)|haven't granted|blocked by policy|command (?:was )?(?:rejected|declined))/i;

/** True where the output of a command that failed says that it was never run. */
export function saysRefused(output: string): boolean {
  return refusal.test(output.slice(0, 1000));
}

/** The line that a result leaves in the log: the first of its messages, marked by kind. */
export function resultLines(ok: boolean, message: string | null): readonly ReaderEvent[] {
  if (message === null || message.trim() === '') return [];
  return lines(ok ? 'result' : 'error', message, 40);
}

/** Line and verdict of a command that has ended. `exitCode` null: the program did not report it. */
export function commandEnded(exitCode: number | null, ok: boolean, output: string): readonly ReaderEvent[] {
  const words = exitCode === null ? (ok ? 'done' : 'failed') : `exit ${exitCode}`;
  const last = lastLine(output);
  return [{ type: 'line', kind: ok ? 'command' : 'error', text: last === null ? `  ${words}` : `  ${words}: ${last}` }];
}

function lastLine(output: string): string | null {
  const tail = output.slice(-longestLine).trimEnd();
  const last = shorten(tail.slice(tail.lastIndexOf('\n') + 1), 200);
  return last === '' ? null : last;
}

const errorWords = /\b(?:error|failed|failure|fatal|exception|panic|denied|unauthorized|not logged in)\b/i;

/** The stderr of any program: readable as it is, watched for rate limits. */
function readErrorLine(line: string): readonly ReaderEvent[] {
  const text = line.slice(0, longestLine).trimEnd();
  if (text === '') return [];
  const kind: LogKind = errorWords.test(text) ? 'error' : 'system';
  return [...lines(kind, text), ...rateLimit(text), ...lostSession(text)];
}

const lostSessionPattern =
  /\bno (?:saved |previous )?(?:conversation|rollout|sessions?)\b.{0,40}?\b(?:found|matched)\b|error resuming session|session not found/i;

/** An error about a lost session, so that the next attempt starts a new one instead of asking for it again. */
export function lostSession(words: string): readonly ReaderEvent[] {
  return lostSessionPattern.test(words.slice(0, 400)) ? [{ type: 'session-lost' }] : [];
}

/** A line that should have been an event and is not: shown as it is, unless it is a broken event. */
export function readForeignLine(line: string): readonly ReaderEvent[] {
  if (/^\s*\{"/.test(line.slice(0, 100))) {
    return [{ type: 'line', kind: 'system', text: `(unreadable event, ${line.length} characters)` }];
  }
  return lines('text', line.slice(0, longestLine));
}

/** A session id becomes an argument when the run is resumed: it must not look like an option, or be anything but an id. */
const sessionId = /^[A-Za-z0-9][\w.:-]{0,199}$/;

function isSafe(event: ReaderEvent): boolean {
  return event.type !== 'session' || sessionId.test(event.id);
}

/**
 * Wraps a reader in the guarantees that every reader owes its caller: it never throws, whatever the line, and a session id it returns
 * can be passed to a program.
 */
export function safeReader(reader: AgentReader): AgentReader {
  return {
    read(line, stream) {
      try {
        return stream === 'err' ? readErrorLine(line) : reader.read(line, stream).filter(isSafe);
      } catch {
        return readForeignLine(line);
      }
    },
    end() {
      try {
        return reader.end?.() ?? [];
      } catch {
        return [];
      }
    },
  };
}
