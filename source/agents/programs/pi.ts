import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { networkNames, providerNames } from '../launch/environment.ts';
import { type Program, plainSettings } from '../launch/program.ts';
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
} from '../reading/json.ts';
import { rateLimit } from '../reading/rate-limit.ts';
import { activity, commandEnded, lines, readForeignLine, result, resultLines, shorten } from '../reading/reader-kit.ts';
import { runsCommand, toolEvents } from '../reading/tool-words.ts';

const args = ['--mode', 'json'];

/** pi (flags as of 1.6): prompt as an argument, events on stdout. It asks nobody for permission. */
export const pi: Program = {
  name: 'pi',
  rank: 9,
  tried: '1.6.0',
  install:
    'Install pi (npm install -g @earendil-works/pi-coding-agent; with "protocol": "acp" pi-acp too) and log in once by running "pi".',
  defaults: {
    ...plainSettings('pi', args),
    reader: 'pi',
    prompt: 'argument',
    resume: [...args, '--session', '{session}'],
  },
  readOnly: { args: [...args, '--tools', 'read,grep,find,ls'] },
  passEnv: [...networkNames, ...providerNames, 'PI_*'],
  modelArgs: model => ['--model', model],
  effortArgs: effort => ['--thinking', effort],
  promptArgs: { argument: ['-p', '--', '{prompt}'] },
  stateFolders: ['.pi'],
  createReader: () => new PiReader(),
};

/**
 * Reader of `pi --mode json`: `session`, `message_end` for each message of the model with its usage and how it ended, `tool_execution_start`
 * and `_end`, `auto_retry_start`, and `agent_settled` at the very end, with exit code 0 whatever happened.
 */
class PiReader implements AgentReader {
  private input: number | null = null;
  private output: number | null = null;
  private cost: number | null = null;
  private lastText: string | null = null;
  private problem: string | null = null;
  private isOver = false;

  read(line: string): readonly ReaderEvent[] {
    const event = parseObject(line);
    if (event === null) return readForeignLine(line);
    switch (event.type) {
      case 'session': {
        const id = firstText(event.id);
        return id === null ? [] : [{ type: 'session', id }];
      }
      case 'turn_start':
        return [activity('thinking')];
      case 'message_end':
        return this.readMessage(objectAt(event, 'message'));
      case 'tool_execution_start':
        return toolEvents(textOf(event.toolName) ?? 'tool', event.args);
      case 'tool_execution_end':
        return readToolEnd(event);
      case 'auto_retry_start':
        return [
          ...lines(
            'system',
            `tries again: ${shorten(explained(textOf(event.errorMessage)) ?? 'no reason given', 300)}`,
          ),
          activity('waiting to try again'),
        ];
      case 'agent_end':
        return event.willRetry === false ? this.finish() : [];
      case 'agent_settled':
        return this.finish();
      default:
        return [];
    }
  }

  /** Where the end was never said, what went wrong last still counts. */
  end(): readonly ReaderEvent[] {
    return this.problem === null ? [] : this.finish();
  }

  /** Of a message of the model: its words, its usage, and why it ended. */
  private readMessage(message: JsonObject): readonly ReaderEvent[] {
    if (message.role !== 'assistant') return [];
    const content = objectsOf(message.content);
    const words = content.flatMap(part => (part.type === 'text' ? (textOf(part.text) ?? []) : [])).join('\n');
    const thoughts = content
      .flatMap(part => (part.type === 'thinking' ? (textOf(part.thinking) ?? []) : []))
      .join('\n');
    const failed = message.stopReason === 'error' || message.stopReason === 'aborted';
    this.problem = failed
      ? (explained(textOf(message.errorMessage)) ?? `it ended with "${String(message.stopReason)}"`)
      : null;
    if (words !== '') this.lastText = words;
    const usage = objectAt(message, 'usage');
    this.input = sumOf(this.input, usage.input, usage.cacheRead, usage.cacheWrite);
    this.output = sumOf(this.output, usage.output);
    this.cost = sumOf(this.cost, objectAt(usage, 'cost').total);
    return [
      ...lines('thinking', thoughts, 40),
      ...lines('text', words),
      { type: 'usage', inputTokens: this.input, outputTokens: this.output, costUsd: this.cost },
    ];
  }

  private finish(): readonly ReaderEvent[] {
    if (this.isOver) return [];
    this.isOver = true;
    const { problem } = this;
    if (problem === null) return [activity(null), result(true, this.lastText)];
    return [...resultLines(false, problem), ...rateLimit(problem), activity(null), result(false, problem)];
  }
}

/** How a tool ended: of a command its exit code, of anything else only that it failed. */
function readToolEnd(event: JsonObject): readonly ReaderEvent[] {
  const tool = textOf(event.toolName) ?? 'tool';
  const answer = objectAt(event, 'result');
  const output = objectsOf(answer.content)
    .flatMap(part => textOf(part.text) ?? [])
    .join('\n');
  const failed = event.isError === true;
  if (!runsCommand(tool)) return failed ? lines('error', shorten(output, 300)) : [];
  const exitCode = numberOf(objectAt(answer, 'structuredContent').exit_code);
  return commandEnded(exitCode, !failed && (exitCode === null || exitCode === 0), output);
}

/** `429: {"message": …}` is what the service answered: its number and its words. */
function explained(words: string | null): string | null {
  const [, code, answer] = /^(\d{3}):\s*(\{[\s\S]*\})\s*$/.exec(words ?? '') ?? [];
  const message = answer === undefined ? null : errorText(parseObject(answer));
  return message === null || code === undefined ? words : `${code}: ${message}`;
}
