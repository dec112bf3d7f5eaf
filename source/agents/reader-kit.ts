import type { LogKind } from '../ports/logs.ts';
import type { AgentReader, ReaderEvent } from './profile.ts';

/** Longest line handed on; the log adapter has the same limit. Nothing longer is ever searched by an expression. */
const longestLine = 4096;
/** Lines of one block of text that are shown; the raw log keeps the rest. */
const mostLines = 400;

/** One line for the screen: no line ends, white space in runs folded, cut with an ellipsis. */
export function shorten(text: string, length: number): string {
  const line = text
    .slice(0, length * 4)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** Events for a block of text, one for each of its lines; blank lines at either end are dropped. */
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

export function result(ok: boolean, message: string | null): ReaderEvent {
  const words = shorten(message ?? '', 400);
  return { type: 'result', ok, message: words === '' ? (ok ? 'finished' : 'failed without a message') : words };
}

/** The line that a result leaves in the log: the first of its words, marked by kind. */
export function resultLines(ok: boolean, message: string | null): readonly ReaderEvent[] {
  if (message === null || message.trim() === '') return [];
  return lines(ok ? 'result' : 'error', message, 40);
}

/** Line and verdict on a command that has ended. `exitCode` null: the program did not tell it. */
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

const limitWords =
  /\b(?:rate[ _-]?limit(?:ed|[ _-]?(?:exceeded|reached|hit|error))|ratelimiterror|too many requests|(?:status|http|error|code)[ :="]{0,4}429|usage limit (?:has been )?reached|hit your (?:\w+ ){0,2}limit|quota (?:exceeded|exhausted)|exceeded your current quota|resource[ _]exhausted|overloaded_error)\b/i;
const waitWords =
  /\b(?:retry|try again|wait|resets?)[a-z _-]{0,12}[ :="]{0,4}(\d{1,7}(?:\.\d{1,6})?) ?(?:(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b|(?![\w:.]))/i;

/**
 * What an error says about a rate limit, if anything. For error events and the error stream only: a model may write these
 * words at any time.
 */
export function rateLimit(errorWords: string): readonly ReaderEvent[] {
  const words = errorWords.slice(0, longestLine);
  return limitWords.test(words) ? [{ type: 'rate-limited', retryAfterMs: waitTime(words) }] : [];
}

function waitTime(words: string): number | null {
  const found = waitWords.exec(words);
  if (found === null) return null;
  const unit = found[2]?.toLowerCase() ?? 's';
  const factor = unit.startsWith('ms') || unit.startsWith('milli') ? 1 : (unitMs[unit[0] ?? 's'] ?? 1000);
  return Math.round(Number(found[1]) * factor);
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

const errorWords = /\b(?:error|failed|failure|fatal|exception|panic|denied|unauthorized|not logged in)\b/i;

/** The error stream of any program: readable as it is, watched for rate limits. */
function readErrorLine(line: string): readonly ReaderEvent[] {
  const text = line.slice(0, longestLine).trimEnd();
  if (text === '') return [];
  const kind: LogKind = errorWords.test(text) ? 'error' : 'system';
  return [...lines(kind, text), ...rateLimit(text)];
}

/** A line that should have been an event and is none: shown as it is, unless it is the ruin of one. */
export function readForeignLine(line: string): readonly ReaderEvent[] {
  if (/^\s*\{"/.test(line.slice(0, 100))) {
    return [{ type: 'line', kind: 'system', text: `(an event that cannot be read, ${line.length} characters)` }];
  }
  return lines('text', line.slice(0, longestLine));
}

/** Puts the guard around a reader that every reader owes its caller: whatever the line, nothing is thrown. */
export function safeReader(reader: AgentReader): AgentReader {
  return {
    read(line, stream) {
      try {
        return stream === 'err' ? readErrorLine(line) : reader.read(line, stream);
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
