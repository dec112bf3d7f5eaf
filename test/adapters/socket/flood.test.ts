import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCallers } from '../../../source/adapters/processes/table/callers.ts';
import { connectControl } from '../../../source/adapters/socket/client.ts';
import { type ControlServer, serveControl } from '../../../source/adapters/socket/server.ts';
import { type FakeCoordinator, fakeCoordinator } from '../../helpers/core/coordinators.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let stateDir: string;
let owner: FakeCoordinator;
let server: ControlServer;
const closing: { close(): void }[] = [];

beforeEach(async () => {
  stateDir = path.join(temporaryFolder(), 'cm-tui');
  owner = fakeCoordinator();
  const callers = createCallers(() => ({ leaders: [], ids: () => [] }));
  server = await serveControl(stateDir, owner, { callers, env: {} });
  closing.push(server);
});
afterEach(() => {
  for (const each of closing.splice(0).reverse()) each.close();
});

function open(first: string): { readonly socket: net.Socket; readonly heard: string[] } {
  const socket = net.connect(server.path);
  const heard: string[] = [];
  closing.push({ close: () => socket.destroy() });
  socket
    .on('error', () => undefined)
    .setEncoding('utf8')
    .on('data', (text: string) => heard.push(text));
  if (first !== '') socket.write(first);
  return { socket, heard };
}
async function asks(): Promise<void> {
  const client = await connectControl(stateDir);
  closing.push({ close: () => client?.close() });
  expect(await client?.command({ type: 'refresh' })).toMatchObject({ ok: true });
  expect(await client?.state()).toEqual(owner.state());
}

test.each([
  ['that say nothing', ''],
  ['that begin a request and never end it', '{"id":1,"type":"lo'],
  ['that follow', '{"id":1,"type":"subscribe"}\n'],
  [
    'that send a title of five megabytes',
    `{"id":1,"type":"command","command":{"type":"run","item":{"title":"${'x'.repeat(5_000_000)}`,
  ],
])('of many connections %s none keeps a person from being answered', async (_what, first) => {
  const flood = Array.from({ length: first.length > 1000 ? 30 : 620 }, () => open(first));
  // A person whose turn it is not is told so, and asks again.
  await vi.waitFor(asks, { timeout: 30_000, interval: 50 });
  for (const { heard } of flood) expect(heard.join('')).not.toContain('has ended');
});

test('when all are being answered, the next is told how it is, and nobody that it has ended', async () => {
  let underWay = 0;
  owner.diff = () => {
    underWay += 1;
    return new Promise(() => undefined);
  };
  for (let n = 0; n < 64; n++) open('{"id":1,"type":"diff","runId":"r","ignoreWhitespace":false}\n');
  await vi.waitFor(() => expect(underWay).toBe(64), 30_000);
  await expect(connectControl(stateDir)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(/has 64 clients, which is the limit: try again in a moment/),
  });
});

test('of one client no more than eight requests are under way at once', async () => {
  let underWay = 0;
  owner.diff = () => {
    underWay += 1;
    return new Promise(() => undefined);
  };
  const lines = Array.from(
    { length: 40 },
    (_, id) => `{"id":${id},"type":"diff","runId":"r","ignoreWhitespace":false}\n`,
  );
  const { socket } = open('');
  // One write each, so that they do not come as one piece.
  for (const line of lines) await new Promise(resolve => socket.write(line, resolve));
  await asks();
  expect(underWay).toBe(8);
});
