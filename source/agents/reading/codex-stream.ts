import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { errorText, firstText, type JsonObject, numberOf, objectAt, objectsOf, parseObject, textOf } from './json.ts';
import { rateLimit } from './rate-limit.ts';
import {
  activity,
  commandEnded,
  lines,
  notPermitted,
  readForeignLine,
  result,
  resultLines,
  shorten,
} from './reader-kit.ts';
import { planEvents, toolEvents, unwrapShell } from './tool-words.ts';

/** Reader of `codex exec --json`: threads, turns and items. A failed turn is a failure whatever the exit code. */
export function createCodexReader(): AgentReader {
  return new CodexReader();
}

const changeWords: Readonly<Record<string, string>> = { add: 'Write', delete: 'Delete', update: 'Edit' };

class CodexReader implements AgentReader {
  private input: number | null = null;
  private output: number | null = null;
  private lastMessage: string | null = null;
  private lastPlan = '';
  private lastError: string | null = null;

  read(line: string): readonly ReaderEvent[] {
    const event = parseObject(line);
    if (event === null) return readForeignLine(line);
    switch (event.type) {
      case 'thread.started': {
        const id = firstText(event.thread_id);
        return id === null ? [] : [{ type: 'session', id }];
      }
      case 'turn.started':
        return [activity('thinking')];
      case 'turn.completed':
        return this.readTurn(objectAt(event, 'usage'));
      case 'turn.failed':
        return this.readFailure(errorText(event.error) ?? 'the turn failed');
      case 'error': {
        this.lastError = errorText(event.message ?? event.error);
        return readError(this.lastError);
      }
      case 'item.started':
      case 'item.updated':
        return this.readBegun(objectAt(event, 'item'));
      case 'item.completed':
        return this.readItem(objectAt(event, 'item'));
      default:
        return [];
    }
  }

  private readTurn(usage: JsonObject): readonly ReaderEvent[] {
    // Each turn reports what the thread has used so far, also before it was resumed.
    this.input = numberOf(usage.input_tokens) ?? this.input;
    this.output = numberOf(usage.output_tokens) ?? this.output;
    return [
      { type: 'usage', inputTokens: this.input, outputTokens: this.output, costUsd: null, ofSession: true },
      activity(null),
      result(true, this.lastMessage),
    ];
  }

  /** A failed turn repeats the error that made it fail. */
  private readFailure(message: string): readonly ReaderEvent[] {
    const shown = message === this.lastError ? [] : [...resultLines(false, message), ...rateLimit(message)];
    return [...shown, activity(null), result(false, message)];
  }

  /** Current activity; the log line is written once, at the start (commands) or the end (the rest). */
  private readBegun(item: JsonObject): readonly ReaderEvent[] {
    switch (item.type) {
      case 'command_execution':
        return item.status === 'in_progress' && firstText(item.aggregated_output) === null
          ? toolEvents('shell', { command: item.command })
          : [];
      case 'mcp_tool_call':
        return [activity(`using ${firstText(item.tool) ?? 'a tool'}`)];
      case 'web_search':
        return [activity('reading the web')];
      case 'todo_list':
        return this.readPlan(item);
      default:
        return [];
    }
  }

  private readItem(item: JsonObject): readonly ReaderEvent[] {
    switch (item.type) {
      case 'agent_message':
      case 'assistant_message': {
        this.lastMessage = textOf(item.text) ?? this.lastMessage;
        return lines('text', textOf(item.text) ?? '');
      }
      case 'reasoning':
        return [...lines('thinking', textOf(item.text) ?? '', 40), activity('thinking')];
      case 'plan':
        return lines('plan', textOf(item.text) ?? '', 60);
      case 'command_execution':
        return readCommand(item);
      case 'file_change':
        return readChanges(item);
      case 'mcp_tool_call':
        return readMcpCall(item);
      case 'web_search':
        return toolEvents('web_search', { query: item.query });
      case 'todo_list':
        return this.readPlan(item);
      case 'error':
        return readError(errorText(item.message));
      default:
        return [];
    }
  }

  /** The plan is repeated with every step; only a change is shown. */
  private readPlan(item: JsonObject): readonly ReaderEvent[] {
    const events = planEvents(item.items);
    const plan = JSON.stringify(events);
    if (plan === this.lastPlan) return [];
    this.lastPlan = plan;
    return events;
  }
}

/** An error on the way, e.g. a reconnect: the turn continues and has its own verdict. */
function readError(message: string | null): readonly ReaderEvent[] {
  return message === null ? [] : [...lines('error', message, 20), ...rateLimit(message)];
}

function readCommand(item: JsonObject): readonly ReaderEvent[] {
  const exitCode = numberOf(item.exit_code);
  const ok = exitCode === null ? item.status === 'completed' : exitCode === 0;
  const words = commandEnded(exitCode, ok, textOf(item.aggregated_output) ?? '');
  return item.status === 'declined' ? notPermitted(`$ ${unwrapShell(textOf(item.command) ?? '')}`) : words;
}

function readChanges(item: JsonObject): readonly ReaderEvent[] {
  const bad = item.status === 'failed';
  return objectsOf(item.changes).flatMap(change => {
    const path = shorten(textOf(change.path) ?? '', 200);
    const words = changeWords[textOf(change.kind) ?? textOf(objectAt(change, 'kind').type) ?? 'update'] ?? 'Edit';
    return bad
      ? lines('error', `${words} ${path} failed`)
      : [...lines('file', `${words} ${path}`), activity(`editing ${path}`)];
  });
}

function readMcpCall(item: JsonObject): readonly ReaderEvent[] {
  const name = `${firstText(item.server) ?? 'mcp'}.${firstText(item.tool) ?? 'tool'}`;
  const problem = errorText(item.error);
  return problem === null ? toolEvents(name, item.arguments) : lines('error', `${name}: ${shorten(problem, 300)}`);
}
