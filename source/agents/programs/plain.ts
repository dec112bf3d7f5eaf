import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { errorText, firstText, numberOf, objectAt, parseObject } from '../reading/json.ts';
import { rateLimit } from '../reading/rate-limit.ts';
import { activity, lines, readForeignLine, result } from '../reading/reader-kit.ts';

/** Any program's plain text, line by line. It has neither session nor verdict: exit code and git decide. */
export function createTextReader(): AgentReader {
  return { read: line => lines('text', line) };
}

/**
 * Any program that writes one JSON object per line: shows the field `message` or `text` (or the like) of each, takes `session_id`, and
 * `{"type": "result", "ok": …}` as a verdict. Anything else is shown shortened.
 */
export function createJsonLinesReader(): AgentReader {
  return { read: readJsonLine };
}

function readJsonLine(line: string): readonly ReaderEvent[] {
  const event = parseObject(line);
  if (event === null) return readForeignLine(line);
  const session = firstText(event.session_id, event.sessionId, event.session);
  const known: ReaderEvent[] = session === null ? [] : [{ type: 'session', id: session }];
  const doing = firstText(event.activity);
  if (doing !== null) known.push(activity(doing));
  const usage = objectAt(event, 'usage');
  const input = numberOf(usage.input_tokens) ?? numberOf(usage.inputTokens);
  const output = numberOf(usage.output_tokens) ?? numberOf(usage.outputTokens);
  const cost = numberOf(event.total_cost_usd) ?? numberOf(event.costUsd);
  if (input !== null || output !== null || cost !== null) {
    known.push({ type: 'usage', inputTokens: input, outputTokens: output, costUsd: cost });
  }
  return [...known, ...readWords(event, line, known.length === 0)];
}

function readWords(event: Readonly<Record<string, unknown>>, line: string, unknown: boolean): readonly ReaderEvent[] {
  const words = firstText(event.message, event.text, event.content, event.msg, event.output, event.result);
  if (event.type === 'error') {
    const problem = errorText(event.error) ?? words ?? 'unknown error';
    return [...lines('error', problem), ...rateLimit(problem)];
  }
  if (event.type === 'result') {
    const ok = event.ok !== false && event.success !== false && event.is_error !== true && event.status !== 'error';
    const problem = ok ? words : (errorText(event.error) ?? words);
    return [
      ...lines(ok ? 'result' : 'error', problem ?? ''),
      ...(ok ? [] : rateLimit(problem ?? '')),
      result(ok, problem),
    ];
  }
  if (words !== null) return lines('text', words);
  return unknown ? lines('system', line.slice(0, 300)) : [];
}
