import { longestWaitMs } from '../../domain/trouble/limit-time.ts';
import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import {
  errorText,
  firstText,
  type JsonObject,
  numberOf,
  objectAt,
  objectsOf,
  parseObject,
  sumOf,
  textOf,
} from './json.ts';
import { rateLimit } from './rate-limit.ts';
import {
  activity,
  commandEnded,
  lines,
  lostSession,
  notPermitted,
  readForeignLine,
  result,
  resultLines,
  shorten,
} from './reader-kit.ts';
import { runsCommand, toolEvents, toolWords } from './tool-words.ts';

/**
 * Reader of the stream-json events of Claude Code: `system`, `assistant`, `user`, `rate_limit_event`, `result`. Unknown types are
 * skipped; the raw log keeps them.
 */
export function createClaudeReader(): AgentReader {
  return new ClaudeReader({ refusal: null, countsSession: false });
}

/**
 * Reader of the same events from Qwen Code: if its service refuses a call, the result says `success` with the refusal as its text, and
 * the exit code is 0. Usage of a resumed session is reported as a total.
 */
export function createQwenReader(): AgentReader {
  return new ClaudeReader({ refusal: /^\[API Error: ([\s\S]*)\]\s*$/, countsSession: true });
}

/** How programs with the same events differ. */
interface Dialect {
  /** A result of this shape is a failure whatever else it says, with a group for its message; null: none is. */
  readonly refusal: RegExp | null;
  /** The usage of a result covers the whole session, not this start of the program. */
  readonly countsSession: boolean;
}

class ClaudeReader implements AgentReader {
  private readonly dialect: Dialect;
  private root: string | null = null;
  private session: string | null = null;
  private limited = false;
  private readonly commands = new Map<string, string>();
  /** Tokens by message: each block of a message repeats the usage of the whole message. */
  private readonly tokens = new Map<string, { readonly input: number | null; readonly output: number | null }>();

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  read(line: string): readonly ReaderEvent[] {
    const event = parseObject(line);
    if (event === null) return [...salvageResult(line), ...readForeignLine(line)];
    return [...this.readSession(event), ...this.readEvent(event)];
  }

  private readEvent(event: JsonObject): readonly ReaderEvent[] {
    switch (event.type) {
      case 'system':
        return this.readSystem(event);
      case 'assistant':
        return this.readAssistant(objectAt(event, 'message'));
      case 'user':
        return this.readToolResults(objectAt(event, 'message'));
      case 'rate_limit_event':
        return this.readRateLimit(objectAt(event, 'rate_limit_info'));
      case 'result':
        return this.readResult(event);
      default:
        return [];
    }
  }

  private readSession(event: JsonObject): readonly ReaderEvent[] {
    const id = firstText(event.session_id);
    if (id === null || id === this.session) return [];
    this.session = id;
    return [{ type: 'session', id }];
  }

  private readSystem(event: JsonObject): readonly ReaderEvent[] {
    if (event.subtype === 'api_retry') return readRetry(event);
    if (event.subtype !== 'init' && event.subtype !== 'session_start') return [];
    this.root = textOf(event.cwd) ?? this.root;
    const model = firstText(event.model, objectAt(event, 'data').model);
    return [...(model === null ? [] : lines('system', `model ${shorten(model, 100)}`)), activity('starting')];
  }

  private readAssistant(message: JsonObject): readonly ReaderEvent[] {
    const blocks = objectsOf(message.content).flatMap(block => this.readBlock(block));
    const plain = textOf(message.content);
    const text = plain === null ? [] : lines('text', plain);
    return [...text, ...blocks, ...this.countTokens(message)];
  }

  private readBlock(block: JsonObject): readonly ReaderEvent[] {
    switch (block.type) {
      case 'text':
        return [...lines('text', textOf(block.text) ?? ''), activity('writing')];
      case 'thinking':
        return [...lines('thinking', textOf(block.thinking) ?? '', 40), activity('thinking')];
      case 'tool_use': {
        const name = textOf(block.name) ?? 'tool';
        const id = textOf(block.id);
        if (id !== null && runsCommand(name)) this.commands.set(id, name);
        return toolEvents(name, block.input, this.root);
      }
      default:
        return [];
    }
  }

  private countTokens(message: JsonObject): readonly ReaderEvent[] {
    const usage = objectAt(message, 'usage');
    const input = sumOf(usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens);
    const output = numberOf(usage.output_tokens);
    if (input === null && output === null) return [];
    this.tokens.set(textOf(message.id) ?? `#${this.tokens.size}`, { input, output });
    const all = [...this.tokens.values()];
    return [
      {
        type: 'usage',
        inputTokens: sumOf(...all.map(each => each.input)),
        outputTokens: sumOf(...all.map(each => each.output)),
        costUsd: null,
      },
    ];
  }

  private readToolResults(message: JsonObject): readonly ReaderEvent[] {
    return objectsOf(message.content).flatMap(block => {
      if (block.type !== 'tool_result') return [];
      const output = contentText(block.content);
      const failed = block.is_error === true;
      const command = this.commands.delete(textOf(block.tool_use_id) ?? '');
      if (command) return commandEnded(exitCodeIn(output), !failed, output);
      return failed ? lines('error', shorten(output, 300)) : [];
    });
  }

  /** Every run gets these events; only `rejected` means that work has stopped. */
  private readRateLimit(info: JsonObject): readonly ReaderEvent[] {
    if (info.status !== 'rejected') return [];
    this.limited = true;
    const seconds = numberOf(info.resetsAt);
    const wait = seconds === null ? null : Math.min(Math.max(seconds * 1000 - Date.now(), 0), longestWaitMs);
    return [...lines('error', 'rate limit reached'), { type: 'rate-limited', retryAfterMs: wait }];
  }

  private readResult(event: JsonObject): readonly ReaderEvent[] {
    const subtype = textOf(event.subtype);
    const text = firstText(event.result);
    const refusal = text === null ? undefined : this.dialect.refusal?.exec(text)?.[1];
    const ok = refusal === undefined && event.is_error !== true && (subtype === null || subtype === 'success');
    const said = errorText(refusal) ?? text ?? problemOf(event) ?? (ok ? 'finished' : (subtype ?? 'failed'));
    const denied = objectsOf(event.permission_denials).flatMap(denial =>
      notPermitted(toolWords(firstText(denial.tool_name) ?? 'a tool', denial.tool_input, this.root)),
    );
    const usage = objectAt(event, 'usage');
    const status = numberOf(event.api_error_status);
    // The status says more of what failed than the words do.
    const words = ok || status === null || said.includes(String(status)) ? said : `status ${status}: ${said}`;
    const limit = ok || this.limited ? [] : rateLimit(words);
    return [
      ...denied,
      ...resultLines(ok, words),
      {
        type: 'usage',
        inputTokens: sumOf(usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens),
        outputTokens: numberOf(usage.output_tokens),
        costUsd: numberOf(event.total_cost_usd),
        ...(this.dialect.countsSession ? { ofSession: true } : {}),
      },
      ...limit,
      ...(ok ? [] : lostSession(words)),
      activity(null),
      result(ok, words),
    ];
  }
}

/** Its service did not respond and is asked again. This can take minutes, and nothing else would explain the silence. */
function readRetry(event: JsonObject): readonly ReaderEvent[] {
  const why = firstText(event.error) ?? 'no answer';
  const limit = event.error === 'rate_limit' || event.error_status === 429 ? rateLimit('status 429') : [];
  return [...lines('system', `retrying: ${shorten(why, 100)}`), ...limit, activity('waiting to retry')];
}

/** The message of a result without a text: `error`, or the first of `errors`, which holds texts or objects. */
function problemOf(event: JsonObject): string | null {
  return errorText(event.error) ?? (Array.isArray(event.errors) ? errorText(event.errors[0]) : null);
}

/** A result too long to keep still says at its start whether it failed. */
function salvageResult(line: string): readonly ReaderEvent[] {
  const head = line.slice(0, 2048);
  if (!/^\s*\{"type":\s*"result"/.test(head)) return [];
  if (/"is_error":\s*true/.test(head)) return [result(false, 'the result reports a failed run')];
  return /"is_error":\s*false/.test(head) ? [result(true, null)] : [];
}

function contentText(content: unknown): string {
  const plain = textOf(content);
  if (plain !== null) return plain;
  return objectsOf(content)
    .map(part => textOf(part.text) ?? '')
    .join('\n');
}

function exitCodeIn(output: string): number | null {
  const found = /\bexit code:? (\d{1,3})\b/i.exec(output.slice(0, 400));
  return found === null ? null : Number(found[1]);
}
