import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { networkNames, providerNames } from '../launch/environment.ts';
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

/**
 * Its errors go to stderr as well: while its service refuses calls (rate limits above all) it waits, for up to an hour, and its events
 * say nothing about it.
 */
const args = ['run', '--format', 'json', '--print-logs', '--log-level', 'ERROR'];

/** opencode (flags as of 1.18): prompt as an argument, events on stdout; works in the folder it is started in. */
export const opencode: Program = {
  name: 'opencode',
  rank: 5,
  tried: '1.18.33',
  install: 'Install opencode (npm install -g opencode-ai) and log in once with "opencode auth login".',
  defaults: {
    ...plainSettings('opencode', args),
    env: { OPENCODE_PERMISSION: '{"*":"allow"}' },
    reader: 'opencode',
    prompt: 'argument',
    resume: [...args, '-s', '{session}'],
  },
  readOnly: {
    args: [...args, '--agent', 'plan'],
    env: { OPENCODE_PERMISSION: '{"*":"deny","read":"allow","grep":"allow","glob":"allow","list":"allow"}' },
  },
  passEnv: [...networkNames, ...providerNames, 'OPENCODE_*'],
  modelArgs: model => ['--model', model],
  effortArgs: effort => ['--variant', effort],
  stateFolders: ['.local/share/opencode', '.local/state/opencode', '.cache/opencode', '.config/opencode'],
  createReader: createOpencodeReader,
};

/** Reader of `opencode run --format json`: `step_start, text, reasoning, tool_use, step_finish, error`. */
export function createOpencodeReader(): AgentReader {
  return new OpencodeReader();
}

class OpencodeReader implements AgentReader {
  private session: string | null = null;
  private input: number | null = null;
  private output: number | null = null;
  private cost: number | null = null;
  private lastText: string | null = null;
  private readonly shown = new Set<string>();

  read(line: string): readonly ReaderEvent[] {
    const event = parseObject(line);
    if (event === null) return readForeignLine(line);
    return [...this.readSession(event), ...this.readEvent(event, objectAt(event, 'part'))];
  }

  private readSession(event: JsonObject): readonly ReaderEvent[] {
    const id = firstText(event.sessionID);
    if (id === null || id === this.session) return [];
    this.session = id;
    return [{ type: 'session', id }];
  }

  private readEvent(event: JsonObject, part: JsonObject): readonly ReaderEvent[] {
    switch (event.type) {
      case 'step_start':
        return [activity('thinking')];
      case 'text':
        this.lastText = textOf(part.text) ?? this.lastText;
        return [...lines('text', textOf(part.text) ?? ''), activity('writing')];
      case 'reasoning':
        return [...lines('thinking', textOf(part.text) ?? '', 40), activity('thinking')];
      case 'tool_use':
        return this.readTool(part);
      case 'step_finish':
        return this.readStep(part);
      case 'error': {
        const words = errorText(event.error ?? event.message) ?? 'the run failed';
        return [...resultLines(false, words), ...rateLimit(words), activity(null), result(false, words)];
      }
      default:
        return [];
    }
  }

  /** A tool call may be reported once, when it has ended, or before that too: it is shown once. */
  private readTool(part: JsonObject): readonly ReaderEvent[] {
    const tool = textOf(part.tool) ?? 'tool';
    const state = objectAt(part, 'state');
    const id = textOf(part.callID) ?? textOf(part.id) ?? '';
    const used = id !== '' && this.shown.has(id) ? [] : toolEvents(tool, state.input);
    this.shown.add(id);
    if (state.status !== 'completed' && state.status !== 'error') return used;
    const problem = errorText(state.error);
    if (problem !== null && saysRefused(problem)) return [...used, ...notPermitted(toolWords(tool, state.input))];
    if (!runsCommand(tool)) return problem === null ? used : [...used, ...lines('error', shorten(problem, 300))];
    const exitCode = numberOf(objectAt(state, 'metadata').exit);
    const ok = problem === null && (exitCode === null || exitCode === 0);
    return [...used, ...commandEnded(exitCode, ok, textOf(state.output) ?? problem ?? '')];
  }

  private readStep(part: JsonObject): readonly ReaderEvent[] {
    const tokens = objectAt(part, 'tokens');
    const cache = objectAt(tokens, 'cache');
    this.input = sumOf(this.input, tokens.input, cache.read, cache.write);
    this.output = sumOf(this.output, tokens.output, tokens.reasoning);
    this.cost = sumOf(this.cost, part.cost);
    const usage: ReaderEvent = {
      type: 'usage',
      inputTokens: this.input,
      outputTokens: this.output,
      costUsd: this.cost,
    };
    // Any other reason (`tool-calls`) means that another step follows.
    return part.reason === 'stop' ? [usage, activity(null), result(true, this.lastText)] : [usage];
  }
}
