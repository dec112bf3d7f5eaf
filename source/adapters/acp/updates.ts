import type { HostEntry } from './host-log.ts';
import { actionOf, describeCall, object, objects, type ToolCall, ToolCalls, text } from './tool-calls.ts';

type Fields = Readonly<Record<string, unknown>>;

const longestPiece = 4096;

/** Makes log entries of what an agent tells while it works. */
export class Updates {
  readonly calls = new ToolCalls();
  /** The last words of the agent in this turn. */
  lastText = '';
  readonly #log: (entry: HostEntry) => void;
  readonly #root: string;
  readonly #pending: Record<'text' | 'thought', string> = { text: '', thought: '' };
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();
  #plan = '';

  constructor(log: (entry: HostEntry) => void, root: string) {
    this.#log = log;
    this.#root = root;
  }

  hear(update: Fields): void {
    const kind = update.sessionUpdate;
    if (kind === 'agent_message_chunk') return this.#chunk('text', update);
    if (kind === 'agent_thought_chunk') return this.#chunk('thought', update);
    if (kind === 'tool_call' || kind === 'tool_call_update') {
      this.flush();
      return this.#tool(this.calls.put(update));
    }
    if (kind === 'plan') return this.#planned(objects(update.entries));
    if (kind === 'usage_update') return this.#used(update);
  }

  /** Shows words whose line was not finished. */
  flush(): void {
    for (const kind of ['thought', 'text'] as const) {
      const rest = this.#pending[kind];
      this.#pending[kind] = '';
      if (rest.trim() !== '') this.#log({ type: kind, text: rest });
    }
  }

  beginTurn(): void {
    this.flush();
    this.lastText = '';
  }

  #chunk(kind: 'text' | 'thought', update: Fields): void {
    const words = text(object(update.content)?.text) ?? '';
    if (kind === 'text') this.lastText = `${this.lastText}${words}`.slice(-4000);
    const all = this.#pending[kind] + words;
    const cut = all.length > longestPiece ? all.length : all.lastIndexOf('\n') + 1;
    this.#pending[kind] = all.slice(cut);
    if (cut > 0 && all.slice(0, cut).trim() !== '') this.#log({ type: kind, text: all.slice(0, cut).trimEnd() });
  }

  #tool(call: ToolCall): void {
    const { kind, command } = actionOf(call);
    const todos = call.input === null ? [] : objects(call.input.todos);
    if (todos.length > 0) return this.#planned(todos);
    const words = describeCall(call, this.#root);
    const known = command !== null || call.paths.length > 0 || call.input !== null || call.diffs.length > 0;
    const isOver = call.status === 'completed' || call.status === 'failed';
    if (!this.#begun.has(call.id) && (known || isOver)) {
      this.#begun.add(call.id);
      this.#log({ type: 'call', words, kind, doing: doing(kind, words) });
    }
    if (!isOver || this.#ended.has(call.id)) return;
    this.#ended.add(call.id);
    if (call.status === 'failed' || command !== null)
      this.#log({ type: 'call-end', kind, ok: call.status !== 'failed', output: call.text.slice(-4000) });
  }

  #planned(entries: readonly Fields[]): void {
    const items = entries
      .slice(0, 100)
      .map(entry => ({ content: text(entry.content) ?? '', status: text(entry.status) ?? 'pending' }));
    const plan = JSON.stringify(items);
    if (items.length === 0 || plan === this.#plan) return;
    this.#plan = plan;
    this.#log({ type: 'plan', items });
  }

  #used(update: Fields): void {
    const cost = object(update.cost);
    const amount = cost?.currency === undefined || cost.currency === 'USD' ? cost?.amount : null;
    if (typeof amount === 'number')
      this.#log({ type: 'usage', inputTokens: null, outputTokens: null, costUsd: amount });
  }
}

function doing(kind: string, words: string): string {
  if (kind === 'execute') return `running ${words.replace(/^\$ /, '')}`;
  const verbs: Readonly<Record<string, string>> = {
    Edit: 'editing',
    Read: 'reading',
    Delete: 'deleting',
    Search: 'searching',
  };
  return words.replace(/^\w+/, first => verbs[first] ?? first);
}
