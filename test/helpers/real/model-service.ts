/**
 * A stand-in for the services of models, on loopback: it answers as Anthropic, OpenAI (chat and responses) and Gemini do. What it does is asked
 * for in the conversation (`SCENARIO=lands`): it writes a file and commits it with the tools that the program offers, asks, or refuses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropic, chat, type Dialect, gemini, responses, type Step, type Tool } from './dialects.ts';

export interface ModelService {
  readonly address: string;
  stop(): Promise<void>;
}

/** @param folder where the agent works, absolute */
export async function startModelService(folder: string): Promise<ModelService> {
  const server = createServer((request, response) => {
    void answer(request, response, folder).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, folder: string): Promise<void> {
  const url = request.url ?? '';
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += String(part);
  const dialect = dialectOf(url);
  if (request.method !== 'POST' || dialect === null) {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[],"models":[]}');
    return;
  }
  const body = JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>;
  if (url.includes('count_tokens') || url.includes('countTokens')) {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":100,"totalTokens":100}');
    return;
  }
  const scenario = /.*SCENARIO=([a-z]+)/s.exec(text)?.[1] ?? 'none';
  if (scenario === 'auth') {
    const error = {
      message: 'Incorrect API key provided.',
      type: 'authentication_error',
      code: 401,
      status: 'UNAUTHENTICATED',
    };
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error }));
    return;
  }
  const step = nextStep(scenario, dialect.tools(body), dialect.toolResults(body), folder);
  const streams = body.stream === true || url.includes('stream');
  response.writeHead(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' });
  response.end(streams ? dialect.stream(step) : JSON.stringify(dialect.whole(step)));
}

function dialectOf(url: string): Dialect | null {
  if (url.includes('/messages')) return anthropic;
  if (url.includes('/chat/completions')) return chat;
  if (url.includes('/responses')) return responses;
  return /generateContent|countTokens/i.test(url) ? gemini : null;
}

const aside = {
  title: 'A note',
  reasoning: 'short',
  model_choice: 'flash',
  complexity_reasoning: 'short',
  complexity_score: 1,
};

/** `done`: how many tools have answered. A request without tools asks for something else, such as a title. */
function nextStep(scenario: string, tools: readonly Tool[], done: number, folder: string): Step {
  // A title, or how hard the work is: some programs want JSON, and wait and ask again without it.
  if (tools.length === 0 || scenario === 'none') return { text: JSON.stringify(aside) };
  if (scenario === 'question') return { text: 'Which name should the file have? Please tell me: A or B?' };
  const shell = tools.find(({ name }) =>
    /^(?:bash|shell|run_shell_command|exec_command|execute|local_shell)$/i.test(name),
  );
  const write = tools.find(({ name }) => /^(?:write|write_file|create)$/i.test(name));
  if (done === 0 && write !== undefined)
    return { text: 'I write the note.', call: fill(write, `${folder}/notes/a.txt`) };
  if (shell === undefined) return { text: 'There is no tool that I could use.' };
  if (done === 0) return { text: 'I write the note.', call: run(shell, 'mkdir -p notes; echo note > notes/a.txt') };
  if (done === 1) return { text: '', call: run(shell, 'git add -A && git commit -m "Write a note"') };
  return { text: 'Done: the note is written and committed.' };
}

function fill({ name, fields }: Tool, path: string): NonNullable<Step['call']> {
  const place = fields.find(field => /path|file_?name/i.test(field)) ?? 'path';
  const content = fields.find(field => /content|text/i.test(field)) ?? 'content';
  const more = name === 'create' || !fields.includes('instruction') ? {} : { instruction: 'Write the note.' };
  return { name, input: { [place]: path, [content]: 'note\n', ...more } };
}

function run({ name, fields, takesList }: Tool, command: string): NonNullable<Step['call']> {
  const field = fields.find(one => /^(?:command|cmd|script)$/i.test(one)) ?? 'command';
  const more = Object.fromEntries(fields.filter(one => one === 'description').map(one => [one, 'Runs git']));
  return { name, input: { [field]: takesList ? ['bash', '-lc', command] : command, ...more } };
}
