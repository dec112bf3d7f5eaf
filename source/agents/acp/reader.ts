import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { firstText, type JsonObject, numberOf, objectsOf, parseObject, textOf } from '../reading/json.ts';
import { rateLimit } from '../reading/rate-limit.ts';
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
} from '../reading/reader-kit.ts';
import { planEvents } from '../reading/tool-words.ts';

/** Reader of the log that the host of an agent writes (`cm-tui acp-host`), whatever the agent is. */
export function createAcpReader(): AgentReader {
  return { read: readEntry };
}

function readEntry(line: string): readonly ReaderEvent[] {
  const entry = parseObject(line);
  if (entry === null) return readForeignLine(line);
  const words = textOf(entry.text) ?? '';
  switch (entry.type) {
    case 'agent': {
      const name = [firstText(entry.name), firstText(entry.version), firstText(entry.mode)].filter(
        part => part !== null,
      );
      return [...lines('system', shorten(name.join(', '), 200)), activity('starting')];
    }
    case 'session': {
      const id = firstText(entry.id);
      return id === null ? [] : [{ type: 'session', id }];
    }
    case 'session-lost':
      return [...lines('system', textOf(entry.words) ?? ''), { type: 'session-lost' }];
    case 'text':
      return [...lines('text', words), activity('writing')];
    case 'thought':
      return [...lines('thinking', words, 40), activity('thinking')];
    case 'call':
      return readTool(entry);
    case 'call-end':
      return readToolEnd(entry);
    case 'plan':
      return readPlan(entry);
    case 'usage':
      return [
        {
          type: 'usage',
          inputTokens: numberOf(entry.inputTokens),
          outputTokens: numberOf(entry.outputTokens),
          costUsd: numberOf(entry.costUsd),
        },
      ];
    case 'ask':
      return readAsk(entry);
    case 'answered':
      return readAnswer(entry);
    case 'refused':
      return notPermitted(textOf(entry.words) ?? 'an action');
    case 'message':
      return [
        ...lines('system', `message from you${entry.now === true ? ', now' : ''}: ${words}`, 40),
        { type: 'message', text: shorten(words, 1000), now: entry.now === true },
      ];
    case 'interrupted':
      return [...lines('system', 'interrupted by you'), { type: 'interrupted' }, activity(null)];
    case 'note':
      return lines('system', words);
    case 'error':
      return [...lines('error', words, 20), ...rateLimit(words)];
    case 'result': {
      const ok = entry.ok === true;
      const message = textOf(entry.message);
      const failed = ok
        ? []
        : [...resultLines(false, message), ...rateLimit(message ?? ''), ...lostSession(message ?? '')];
      return [...failed, activity(null), result(ok, message)];
    }
    default:
      return [];
  }
}

function readTool(entry: JsonObject): readonly ReaderEvent[] {
  const words = shorten(textOf(entry.words) ?? 'an action', 300);
  const kind =
    entry.kind === 'execute' ? 'command' : ['edit', 'delete', 'move'].includes(String(entry.kind)) ? 'file' : 'tool';
  return [{ type: 'line', kind, text: words }, activity(textOf(entry.doing) ?? words)];
}

function readToolEnd(entry: JsonObject): readonly ReaderEvent[] {
  const output = textOf(entry.output) ?? '';
  const ok = entry.ok === true;
  if (entry.kind === 'execute') return commandEnded(null, ok, output);
  return ok ? [] : lines('error', shorten(output === '' ? 'failed' : output, 300));
}

function readPlan(entry: JsonObject): readonly ReaderEvent[] {
  const items = objectsOf(entry.items);
  const done = items.filter(({ status }) => status === 'completed').length;
  const current =
    items.find(({ status }) => status === 'in_progress') ?? items.find(({ status }) => status !== 'completed');
  const step = shorten(textOf(current?.content) ?? '', 200);
  return [...planEvents(items), { type: 'plan', done, total: items.length, current: step === '' ? null : step }];
}

function readAsk(entry: JsonObject): readonly ReaderEvent[] {
  const ask = numberOf(entry.ask);
  const words = shorten(textOf(entry.words) ?? 'an action', 300);
  if (ask === null) return [];
  const detail = (textOf(entry.detail) ?? '').slice(0, 20_000);
  const command = textOf(entry.command);
  const asked = { type: 'asked', ask, words, detail, ...(command === null ? {} : { command }) } as const;
  return [...lines('system', `asks: ${words}`), asked, activity(`asks: ${words}`)];
}

function readAnswer(entry: JsonObject): readonly ReaderEvent[] {
  const ask = numberOf(entry.ask);
  if (ask === null) return [];
  const allow = entry.allow === true;
  const by = entry.by === 'person' || entry.by === 'time' ? entry.by : 'cancel';
  const words = shorten(textOf(entry.words) ?? 'an action', 300);
  const who = { person: 'you', time: 'time', cancel: 'the end of its turn' }[by];
  const line = allow ? lines('system', `allowed by ${who}: ${words}`) : [];
  return [{ type: 'answered', ask, allow, by }, ...line, ...(allow ? [] : notPermitted(words)), activity(null)];
}
