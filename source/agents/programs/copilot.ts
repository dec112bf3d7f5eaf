import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { networkNames } from '../launch/environment.ts';
import { type Program, plainSettings } from '../launch/program.ts';
import {
  errorText,
  firstText,
  type JsonObject,
  numberOf,
  objectAt,
  parseObject,
  sumOf,
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
  saysRefused,
  shorten,
} from '../reading/reader-kit.ts';
import { runsCommand, toolEvents, toolWords } from '../reading/tool-words.ts';

const args = ['--allow-all-tools', '--no-ask-user', '--no-color', '--output-format', 'json'];

/** GitHub Copilot CLI (flags as of 1.0.102): prompt as an argument, events on stdout. */
export const copilot: Program = {
  name: 'copilot',
  rank: 6,
  tried: '1.0.102',
  install: 'Install GitHub Copilot CLI (npm install -g @github/copilot) and log in once by running "copilot".',
  defaults: {
    ...plainSettings('copilot', args),
    reader: 'copilot',
    prompt: 'argument',
    resume: [...args, '--resume={session}'],
  },
  interactive: {
    args: ['--allow-all-tools'],
    resume: ['--allow-all-tools', '--resume={session}'],
    reader: 'text',
    promptArgs: { argument: ['-i', '{prompt}'] },
  },
  readOnly: { args: args.filter(arg => arg !== '--allow-all-tools') },
  passEnv: [...networkNames, 'COPILOT_*', 'GH_TOKEN', 'GITHUB_TOKEN', 'GH_HOST'],
  modelArgs: model => ['--model', model],
  effortArgs: effort => ['--reasoning-effort', effort],
  // Otherwise only its result reports the session, which an interrupted run never reaches.
  sessionArgs: id => ['--session-id', id],
  promptArgs: { argument: ['-p', '{prompt}'] },
  stateFolders: ['.copilot'],
  createReader: createCopilotReader,
};

/** Reader of Copilot's JSON lines, `{type, data}`; unknown ones are skipped. */
export function createCopilotReader(): AgentReader {
  return new CopilotReader();
}

class CopilotReader implements AgentReader {
  private input: number | null = null;
  private output: number | null = null;
  private session: string | null = null;
  private lastText: string | null = null;
  private problem: string | null = null;
  private readonly tools = new Map<string, { readonly tool: string; readonly words: string }>();

  read(line: string): readonly ReaderEvent[] {
    const event = parseObject(line);
    if (event === null) return readForeignLine(line);
    const data = objectAt(event, 'data');
    return [...this.readSession(event, data), ...this.readEvent(event, data)];
  }

  private readSession(event: JsonObject, data: JsonObject): readonly ReaderEvent[] {
    const id = firstText(event.sessionId, data.sessionId);
    if (id === null || id === this.session) return [];
    this.session = id;
    return [{ type: 'session', id }];
  }

  private readEvent(event: JsonObject, data: JsonObject): readonly ReaderEvent[] {
    switch (event.type) {
      case 'assistant.turn_start':
        return [activity('thinking')];
      case 'assistant.message':
        this.lastText = firstText(data.content) ?? this.lastText;
        return [...lines('text', textOf(data.content) ?? ''), activity('writing')];
      case 'assistant.reasoning':
        return [...lines('thinking', textOf(data.content) ?? '', 40), activity('thinking')];
      case 'assistant.usage':
        return this.readUsage(data);
      case 'tool.execution_start': {
        const tool = firstText(data.toolName, data.name) ?? 'tool';
        this.tools.set(textOf(data.toolCallId) ?? '', { tool, words: toolWords(tool, data.arguments) });
        return toolEvents(tool, data.arguments);
      }
      case 'tool.execution_complete':
        return this.readToolEnd(data);
      case 'session.error':
      case 'error':
        return this.readError(Object.keys(data).length > 0 ? data : event);
      case 'result':
        return this.readResult(event, data);
      default:
        return [];
    }
  }

  private readError(error: JsonObject): readonly ReaderEvent[] {
    const words = errorText(error) ?? 'the run failed';
    this.problem = words;
    const limited = error.errorType === 'rate_limit' || error.statusCode === 429;
    return [...lines('error', words, 20), ...rateLimit(limited ? `status 429: ${words}` : words)];
  }

  private readUsage(data: JsonObject): readonly ReaderEvent[] {
    this.input = sumOf(this.input, data.inputTokens);
    this.output = sumOf(this.output, data.outputTokens);
    return [{ type: 'usage', inputTokens: this.input, outputTokens: this.output, costUsd: null }];
  }

  private readToolEnd(data: JsonObject): readonly ReaderEvent[] {
    const id = textOf(data.toolCallId) ?? '';
    const call = this.tools.get(id);
    const tool = firstText(data.toolName) ?? call?.tool ?? '';
    this.tools.delete(id);
    const exitCode = numberOf(objectAt(data, 'shellExecution').exitCode);
    // A command that failed was still executed successfully.
    const ok = data.success !== false && (exitCode === null || exitCode === 0);
    const output = firstText(objectAt(data, 'result').content) ?? errorText(data.error) ?? '';
    if (!ok && saysRefused(output)) return notPermitted(call?.words ?? tool);
    if (runsCommand(tool)) return commandEnded(exitCode, ok, output.replace(/\n?<shellId: [^<>]{1,200}>\s*$/, ''));
    return ok ? [] : lines('error', shorten(output, 300));
  }

  private readResult(event: JsonObject, data: JsonObject): readonly ReaderEvent[] {
    const exitCode = numberOf(event.exitCode) ?? numberOf(data.exitCode) ?? 0;
    const reported = errorText(event.error) ?? errorText(data.error);
    const problem = exitCode === 0 ? reported : (reported ?? this.problem);
    const ok = exitCode === 0 && problem === null;
    const words = ok ? this.lastText : (problem ?? `the run ended with exit code ${exitCode}`);
    return [
      ...(ok || words === this.problem ? [] : [...resultLines(false, words), ...rateLimit(words ?? '')]),
      activity(null),
      result(ok, words),
    ];
  }
}
