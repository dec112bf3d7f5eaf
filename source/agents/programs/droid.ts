import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { networkNames } from '../launch/environment.ts';
import { type Program, plainSettings } from '../launch/program.ts';
import { errorText, firstText, type JsonObject, objectAt, parseObject, textOf } from '../reading/json.ts';
import { rateLimit } from '../reading/rate-limit.ts';
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
} from '../reading/reader-kit.ts';
import { runsCommand, toolEvents, toolWords } from '../reading/tool-words.ts';

const output = ['exec', '--output-format', 'stream-json'];
/** Below it a commit is not permitted; above it a push would be. */
const args = [...output, '--auto', 'medium'];

/** Factory's Droid (flags as documented in 2026): prompt as an argument, events on stdout. */
export const droid: Program = {
  name: 'droid',
  rank: 11,
  install: 'Install Droid (npm install -g droid) and log in once by running "droid", or set FACTORY_API_KEY.',
  defaults: {
    ...plainSettings('droid', args),
    reader: 'droid',
    prompt: 'argument',
    resume: [...args, '--session-id', '{session}'],
  },
  // Without a level of autonomy it only reads.
  readOnly: { args: output },
  passEnv: [...networkNames, 'FACTORY_*'],
  modelArgs: model => ['--model', model],
  effortArgs: effort => ['--reasoning-effort', effort],
  stateFolders: ['.factory'],
  createReader: () => new DroidReader(),
};

/** Reader of `droid exec --output-format stream-json`: `system`, `message`, `tool_call`, `tool_result`, `completion`, `error`. */
class DroidReader implements AgentReader {
  private session: string | null = null;
  private readonly calls = new Map<string, { readonly tool: string; readonly words: string }>();

  read(line: string): readonly ReaderEvent[] {
    const event = parseObject(line);
    if (event === null) return readForeignLine(line);
    return [...this.readSession(event), ...this.readEvent(event)];
  }

  private readSession(event: JsonObject): readonly ReaderEvent[] {
    const id = firstText(event.session_id, event.sessionId);
    if (id === null || id === this.session) return [];
    this.session = id;
    return [{ type: 'session', id }];
  }

  private readEvent(event: JsonObject): readonly ReaderEvent[] {
    switch (event.type) {
      case 'message':
        return event.role === 'assistant' ? [...lines('text', textOf(event.text) ?? ''), activity('writing')] : [];
      case 'reasoning':
        return [...lines('thinking', textOf(event.text) ?? '', 40), activity('thinking')];
      case 'tool_call': {
        const tool = firstText(event.toolName, event.toolId) ?? 'tool';
        const input = objectAt(event, 'parameters');
        this.calls.set(textOf(event.id) ?? '', { tool, words: toolWords(tool, input) });
        return toolEvents(tool, input);
      }
      case 'tool_result':
        return this.readToolEnd(event);
      case 'error': {
        const words = errorText(event.message ?? event.error) ?? 'the run failed';
        return [...resultLines(false, words), ...rateLimit(words), activity(null), result(false, words)];
      }
      case 'completion':
        return [activity(null), result(true, firstText(event.finalText))];
      case 'result':
        return this.readResult(event);
      default:
        return [];
    }
  }

  private readToolEnd(event: JsonObject): readonly ReaderEvent[] {
    const id = textOf(event.id) ?? '';
    const { tool = '', words = 'a tool' } = this.calls.get(id) ?? {};
    this.calls.delete(id);
    const ok = event.isError !== true;
    const text = textOf(event.value) ?? errorText(event.error) ?? '';
    if (!ok && saysRefused(text)) return notPermitted(words);
    if (runsCommand(tool)) return commandEnded(null, ok, text);
    return ok ? [] : lines('error', shorten(text, 300));
  }

  private readResult(event: JsonObject): readonly ReaderEvent[] {
    const ok = event.is_error !== true;
    const words = firstText(event.result) ?? errorText(event.error);
    return [
      ...(ok ? [] : [...resultLines(false, words), ...rateLimit(words ?? '')]),
      activity(null),
      result(ok, words),
    ];
  }
}
