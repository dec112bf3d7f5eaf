import type { AgentSettings } from '../domain/settings.ts';
import { networkNames } from './environment.ts';
import { errorText, firstText, type JsonObject, numberOf, objectAt, parseObject, sumOf, textOf } from './json.ts';
import type { AgentProfile, AgentReader, ReaderEvent } from './profile.ts';
import { makeProfile, plainSettings } from './program.ts';
import {
  activity,
  commandEnded,
  lines,
  rateLimit,
  readForeignLine,
  result,
  resultLines,
  shorten,
} from './reader-kit.ts';
import { runsCommand, toolEvents } from './tool-words.ts';

const args = ['--allow-all-tools', '--no-ask-user', '--no-color', '--output-format', 'json'];

/** GitHub Copilot CLI: prompt as an argument, events on stdout. */
export function copilot(override?: Partial<AgentSettings>): AgentProfile {
  return makeProfile(
    {
      name: 'copilot',
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
      passEnv: [...networkNames, 'COPILOT_*', 'GH_TOKEN', 'GITHUB_TOKEN', 'GH_HOST'],
      modelArgs: model => ['--model', model],
      promptArgs: { argument: ['-p', '{prompt}'] },
      createReader: createCopilotReader,
    },
    override,
  );
}

/** Reader of Copilot's JSON lines, `{type, data}`; what it does not know it passes over. */
export function createCopilotReader(): AgentReader {
  return new CopilotReader();
}

class CopilotReader implements AgentReader {
  private input: number | null = null;
  private output: number | null = null;
  private session: string | null = null;
  private said: string | null = null;
  private readonly tools = new Map<string, string>();

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
        this.said = firstText(data.content) ?? this.said;
        return [...lines('text', textOf(data.content) ?? ''), activity('writing')];
      case 'assistant.reasoning':
        return [...lines('thinking', textOf(data.content) ?? '', 40), activity('thinking')];
      case 'assistant.usage':
        return this.readUsage(data);
      case 'tool.execution_start': {
        const tool = firstText(data.toolName, data.name) ?? 'tool';
        this.tools.set(textOf(data.toolCallId) ?? '', tool);
        return toolEvents(tool, data.arguments);
      }
      case 'tool.execution_complete':
        return this.readToolEnd(data);
      case 'session.error':
      case 'error': {
        const words = errorText(Object.keys(data).length > 0 ? data : event) ?? 'the run failed';
        return [...lines('error', words, 20), ...rateLimit(words)];
      }
      case 'result':
        return this.readResult(event, data);
      default:
        return [];
    }
  }

  private readUsage(data: JsonObject): readonly ReaderEvent[] {
    this.input = sumOf(this.input, data.inputTokens);
    this.output = sumOf(this.output, data.outputTokens);
    return [{ type: 'usage', inputTokens: this.input, outputTokens: this.output, costUsd: null }];
  }

  private readToolEnd(data: JsonObject): readonly ReaderEvent[] {
    const id = textOf(data.toolCallId) ?? '';
    const tool = firstText(data.toolName) ?? this.tools.get(id) ?? '';
    this.tools.delete(id);
    const ok = data.success !== false;
    const output = firstText(objectAt(data, 'result').content) ?? errorText(data.error) ?? '';
    if (runsCommand(tool)) return commandEnded(null, ok, output);
    return ok ? [] : lines('error', shorten(output, 300));
  }

  private readResult(event: JsonObject, data: JsonObject): readonly ReaderEvent[] {
    const exitCode = numberOf(event.exitCode) ?? numberOf(data.exitCode) ?? 0;
    const problem = errorText(event.error) ?? errorText(data.error);
    const ok = exitCode === 0 && problem === null;
    const words = ok ? this.said : (problem ?? `the run ended with ${exitCode}`);
    return [
      ...(ok ? [] : [...resultLines(false, words), ...rateLimit(words ?? '')]),
      activity(null),
      result(ok, words),
    ];
  }
}
