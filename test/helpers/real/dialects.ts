/** How the services of models speak: what a request holds, and how an answer looks, at once or as a stream of events. */

type Body = Readonly<Record<string, unknown>>;

/** What the model says, and the tool that it calls. */
export interface Step {
  readonly text: string;
  readonly call?: { readonly name: string; readonly input: Body };
}

export interface Tool {
  readonly name: string;
  readonly fields: readonly string[];
  /** Its command is a list of words. */
  readonly takesList: boolean;
}

export interface Dialect {
  tools(body: Body): readonly Tool[];
  /** Answers of tools in the conversation. */
  toolResults(body: Body): number;
  whole(step: Step): unknown;
  stream(step: Step): string;
}

function listOf(value: unknown): readonly Body[] {
  return Array.isArray(value) ? (value as Body[]) : [];
}

function bodyOf(value: unknown): Body {
  return typeof value === 'object' && value !== null ? (value as Body) : {};
}

function toolOf(name: unknown, schema: unknown): Tool {
  const properties = bodyOf(bodyOf(schema).properties);
  const command = bodyOf(properties.command);
  return {
    name: String(name),
    fields: Object.keys(properties),
    takesList: String(command.type).toLowerCase() === 'array',
  };
}

function events(all: readonly (Body & { readonly type?: unknown })[], named: boolean): string {
  return all.map(one => `${named ? `event: ${String(one.type)}\n` : ''}data: ${JSON.stringify(one)}\n\n`).join('');
}

let calls = 0;
const nextId = (): string => `call_${++calls}`;

export const anthropic: Dialect = {
  tools: body => listOf(body.tools).map(tool => toolOf(tool.name, tool.input_schema)),
  toolResults: body =>
    listOf(body.messages)
      .flatMap(one => listOf(one.content))
      .filter(one => one.type === 'tool_result').length,
  whole: step => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'stand-in',
    content: [
      ...(step.text === '' ? [] : [{ type: 'text', text: step.text }]),
      ...(step.call === undefined
        ? []
        : [{ type: 'tool_use', id: nextId(), name: step.call.name, input: step.call.input }]),
    ],
    stop_reason: step.call === undefined ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 10 },
  }),
  stream(step) {
    const { content, stop_reason, ...message } = this.whole(step) as Body & { content: Body[]; stop_reason: string };
    const blocks = content.flatMap((block, index) => [
      {
        type: 'content_block_start',
        index,
        content_block: block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} },
      },
      {
        type: 'content_block_delta',
        index,
        delta:
          block.type === 'text'
            ? { type: 'text_delta', text: block.text }
            : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
      },
      { type: 'content_block_stop', index },
    ]);
    const end = { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 10 } };
    const start = { type: 'message_start', message: { ...message, content: [], stop_reason: null } };
    return events([start, ...blocks, end, { type: 'message_stop' }], true);
  },
};

export const chat: Dialect = {
  tools: body => listOf(body.tools).map(tool => toolOf(bodyOf(tool.function).name, bodyOf(tool.function).parameters)),
  toolResults: body => listOf(body.messages).filter(one => one.role === 'tool').length,
  whole: step => ({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'stand-in',
    choices: [{ index: 0, message: { role: 'assistant', ...chatMessage(step) }, finish_reason: finish(step) }],
    usage: chatUsage,
  }),
  stream(step) {
    const chunk = (delta: unknown, finish_reason: string | null) => ({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'stand-in',
      choices: [{ index: 0, delta, finish_reason }],
    });
    const first = chunk({ role: 'assistant', ...chatMessage(step) }, null);
    return `${events([first, { ...chunk({}, finish(step)), usage: chatUsage }], false)}data: [DONE]\n\n`;
  },
};

const chatUsage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
const finish = ({ call }: Step): string => (call === undefined ? 'stop' : 'tool_calls');

function chatMessage({ text, call }: Step): Body {
  if (call === undefined) return { content: text };
  const named = { name: call.name, arguments: JSON.stringify(call.input) };
  return { content: text, tool_calls: [{ index: 0, id: nextId(), type: 'function', function: named }] };
}

export const responses: Dialect = {
  tools: body => listOf(body.tools).map(tool => toolOf(tool.name ?? tool.type, tool.parameters)),
  toolResults: body => listOf(body.input).filter(one => String(one.type).endsWith('call_output')).length,
  whole: step => ({
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    output: outputOf(step),
    usage: { input_tokens: 100, output_tokens: 10, total_tokens: 110 },
  }),
  stream(step) {
    const whole = this.whole(step) as Body & { output: Body[] };
    const items = whole.output.flatMap((item, output_index) => [
      { type: 'response.output_item.added', output_index, item },
      { type: 'response.output_item.done', output_index, item },
    ]);
    const start = { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } };
    return events([start, ...items, { type: 'response.completed', response: whole }], true);
  },
};

function outputOf({ text, call }: Step): readonly Body[] {
  const said = {
    type: 'message',
    id: 'm1',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [] }],
  };
  const id = nextId();
  const asked = { type: 'function_call', id, call_id: id, name: call?.name, arguments: JSON.stringify(call?.input) };
  return [...(text === '' ? [] : [said]), ...(call === undefined ? [] : [asked])];
}

export const gemini: Dialect = {
  tools: body =>
    listOf(body.tools)
      .flatMap(tool => listOf(tool.functionDeclarations))
      .map(tool => toolOf(tool.name, tool.parametersJsonSchema ?? tool.parameters)),
  toolResults: body =>
    listOf(body.contents)
      .flatMap(one => listOf(one.parts))
      .filter(part => part.functionResponse !== undefined).length,
  whole: ({ text, call }) => ({
    candidates: [
      {
        index: 0,
        finishReason: 'STOP',
        content: {
          role: 'model',
          parts: [
            ...(text === '' ? [] : [{ text }]),
            ...(call === undefined ? [] : [{ functionCall: { name: call.name, args: call.input } }]),
          ],
        },
      },
    ],
    usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 },
  }),
  stream(step) {
    return events([this.whole(step) as Body], false);
  },
};
