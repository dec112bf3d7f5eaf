import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { errorText, firstText, type JsonObject, numberOf, objectAt, parseObject, textOf } from './json.ts';
import { rateLimit } from './rate-limit.ts';
import {
  activity,
  commandEnded,
  lines,
  notPermitted,
  readForeignLine,
  result,
  resultLines,
  saysRefused,
  shorten,
} from './reader-kit.ts';
import { runsCommand, toolEvents, toolWords } from './tool-words.ts';

/** Reader of Gemini CLI's stream-json: `init`, `message`, `tool_use`, `tool_result`, `error`, `result`. */
export function createGeminiReader(): AgentReader {
  return new GeminiReader();
}

/** A paragraph without a newline is shown in pieces of this length, so that nothing waits in memory. */
const longestPiece = 4096;

class GeminiReader implements AgentReader {
  /** Words come in pieces; a line is shown when it is complete. */
  private pending = '';
  private lastText: string | null = null;
  /** What each tool call is about, and whether it runs a command. */
  private readonly calls = new Map<string, { readonly words: string; readonly command: boolean }>();

  read(line: string): readonly ReaderEvent[] {
    const event = parseObject(line);
    if (event === null) return readForeignLine(line);
    if (event.type === 'message' && event.role !== 'user') return this.readMessage(event);
    return [...this.flush(), ...this.readEvent(event)];
  }

  end(): readonly ReaderEvent[] {
    return this.flush();
  }

  private readEvent(event: JsonObject): readonly ReaderEvent[] {
    switch (event.type) {
      case 'init': {
        const id = firstText(event.session_id, event.sessionId);
        const model = firstText(event.model);
        return [
          ...(id === null ? [] : [{ type: 'session', id } as const]),
          ...(model === null ? [] : lines('system', `model ${shorten(model, 100)}`)),
          activity('starting'),
        ];
      }
      case 'tool_use': {
        const tool = textOf(event.tool_name) ?? 'tool';
        const id = textOf(event.tool_id);
        if (id !== null) this.calls.set(id, { words: toolWords(tool, event.parameters), command: runsCommand(tool) });
        return toolEvents(tool, event.parameters);
      }
      case 'tool_result':
        return this.readToolResult(event);
      case 'error': {
        const words = errorText(event.message ?? event.error) ?? 'unknown error';
        return [...lines(event.severity === 'warning' ? 'system' : 'error', words, 20), ...rateLimit(words)];
      }
      case 'result':
        return this.readResult(event);
      default:
        return [];
    }
  }

  private readMessage(event: JsonObject): readonly ReaderEvent[] {
    const words = textOf(event.content) ?? '';
    if (event.delta !== true) {
      const before = this.flush();
      this.lastText = words;
      return [...before, ...lines('text', words), activity('writing')];
    }
    this.pending += words;
    const cut = this.pending.length > longestPiece ? this.pending.length : this.pending.lastIndexOf('\n') + 1;
    if (cut === 0) return [activity('writing')];
    const finished = this.pending.slice(0, cut);
    this.pending = this.pending.slice(cut);
    this.lastText = finished;
    return [...lines('text', finished), activity('writing')];
  }

  private flush(): readonly ReaderEvent[] {
    if (this.pending === '') return [];
    const rest = this.pending;
    this.pending = '';
    this.lastText = rest;
    return lines('text', rest);
  }

  private readToolResult(event: JsonObject): readonly ReaderEvent[] {
    const ok = event.status !== 'error';
    const problem = errorText(event.error);
    const output = textOf(event.output) ?? problem ?? '';
    const id = textOf(event.tool_id) ?? '';
    const call = this.calls.get(id);
    this.calls.delete(id);
    if (!ok && call !== undefined && saysRefused(output)) return notPermitted(call.words);
    if (call?.command === true) return commandEnded(null, ok, output);
    return ok ? [] : lines('error', shorten(problem ?? output, 300));
  }

  private readResult(event: JsonObject): readonly ReaderEvent[] {
    const ok = event.status === 'success';
    const stats = objectAt(event, 'stats');
    const message = ok ? this.lastText : (errorText(event.error) ?? 'the run failed');
    return [
      ...(ok ? [] : resultLines(false, message)),
      {
        type: 'usage',
        inputTokens: numberOf(stats.input_tokens),
        outputTokens: numberOf(stats.output_tokens),
        costUsd: null,
      },
      ...(ok ? [] : rateLimit(message ?? '')),
      activity(null),
      result(ok, message),
    ];
  }
}
