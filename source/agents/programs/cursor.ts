import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { networkNames } from '../launch/environment.ts';
import { type Program, plainSettings } from '../launch/program.ts';
import {
  asObject,
  errorText,
  firstText,
  type JsonObject,
  numberOf,
  objectAt,
  objectsOf,
  parseObject,
  textOf,
} from '../reading/json.ts';
import { rateLimit } from '../reading/rate-limit.ts';
import {
  activity,
  commandEnded,
  lines,
  notPermitted,
  readForeignLine,
  result,
  resultLines,
  shorten,
} from '../reading/reader-kit.ts';
import { runsCommand, toolEvents, toolWords } from '../reading/tool-words.ts';

const args = ['-p', '--force', '--trust', '--output-format', 'stream-json'];

/**
 * Cursor's agent (flags as documented in 2026): prompt as the last argument, events on stdout; `--trust` is for folders it has not
 * seen.
 */
export const cursor: Program = {
  name: 'cursor',
  rank: 7,
  install: 'Install the Cursor CLI (see cursor.com/cli) and log in once with "cursor-agent login".',
  defaults: {
    ...plainSettings('cursor-agent', args),
    reader: 'cursor',
    prompt: 'argument',
    resume: [...args, '--resume={session}'],
  },
  interactive: { args: ['--force'], resume: ['--force', '--resume={session}'], reader: 'text', promptArgs: {} },
  readOnly: { args: ['-p', '--trust', '--mode', 'ask', '--output-format', 'stream-json'] },
  passEnv: [...networkNames, 'CURSOR_*'],
  modelArgs: model => ['--model', model],
  stateFolders: ['.cursor', '.config/cursor'],
  createReader: createCursorReader,
};

/** Reader of cursor-agent's stream-json: `system`, `assistant`, `thinking`, `tool_call`, `result`. */
export function createCursorReader(): AgentReader {
  return new CursorReader();
}

class CursorReader implements AgentReader {
  private root: string | null = null;
  private session: string | null = null;

  read(line: string): readonly ReaderEvent[] {
    const event = parseObject(line);
    if (event === null) return readForeignLine(line);
    return [...this.readSession(event), ...this.readEvent(event)];
  }

  private readSession(event: JsonObject): readonly ReaderEvent[] {
    const id = firstText(event.session_id);
    if (id === null || id === this.session) return [];
    this.session = id;
    return [{ type: 'session', id }];
  }

  private readEvent(event: JsonObject): readonly ReaderEvent[] {
    switch (event.type) {
      case 'system':
        this.root = textOf(event.cwd) ?? this.root;
        return [activity('starting')];
      case 'assistant': {
        const words = objectsOf(objectAt(event, 'message').content)
          .map(block => textOf(block.text) ?? '')
          .join('');
        return [...lines('text', words), activity('writing')];
      }
      case 'thinking':
        return [activity('thinking')];
      case 'tool_call':
        return this.readTool(event);
      case 'error': {
        const words = errorText(event.message ?? event.error) ?? 'unknown error';
        return [...lines('error', words, 20), ...rateLimit(words)];
      }
      case 'result':
        return readResult(event);
      default:
        return [];
    }
  }

  /** A call is one field, named after its tool: `{"shellToolCall": {"args": …, "result": …}}`. */
  private readTool(event: JsonObject): readonly ReaderEvent[] {
    const [name = 'tool', body] =
      Object.entries(objectAt(event, 'tool_call')).find(([, value]) => asObject(value)) ?? [];
    const named = name === 'function' ? firstText(objectAt(body).name) : null;
    const tool = named ?? name.replace(/ToolCall$/, '');
    if (event.subtype === 'started') return toolEvents(tool, objectAt(body, 'args'), this.root);
    const outcome = objectAt(body, 'result');
    if (asObject(outcome.rejected) !== null) return notPermitted(toolWords(tool, objectAt(body, 'args'), this.root));
    return readToolEnd(tool, outcome);
  }
}

function readToolEnd(tool: string, outcome: JsonObject): readonly ReaderEvent[] {
  const done = objectAt(outcome, 'success');
  const bad = asObject(outcome.failure) ?? asObject(outcome.error);
  if (runsCommand(tool)) {
    const exitCode = numberOf(done.exitCode) ?? numberOf(bad?.exitCode);
    const output = firstText(bad?.stderr, bad?.stdout, done.stdout, errorText(bad)) ?? '';
    return commandEnded(exitCode, bad === null && (exitCode === null || exitCode === 0), output);
  }
  return bad === null ? [] : lines('error', shorten(errorText(bad) ?? `${tool} failed`, 300));
}

function readResult(event: JsonObject): readonly ReaderEvent[] {
  const ok = event.is_error !== true && (event.subtype === undefined || event.subtype === 'success');
  const words = firstText(event.result) ?? errorText(event.error);
  const usage = objectAt(event, 'usage');
  const input = numberOf(usage.inputTokens) ?? numberOf(usage.input_tokens);
  const output = numberOf(usage.outputTokens) ?? numberOf(usage.output_tokens);
  const reported = input !== null || output !== null;
  return [
    ...(ok ? [] : [...resultLines(false, words), ...rateLimit(words ?? '')]),
    ...(reported ? [{ type: 'usage', inputTokens: input, outputTokens: output, costUsd: null } as const] : []),
    activity(null),
    result(ok, words),
  ];
}
