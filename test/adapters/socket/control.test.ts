import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCallers, type KnownRuns } from '../../../source/adapters/processes/table/callers.ts';
import { type ControlClient, connectControl } from '../../../source/adapters/socket/client.ts';
import { protocolVersion } from '../../../source/adapters/socket/protocol.ts';
import { type ControlServer, serveControl } from '../../../source/adapters/socket/server.ts';
import { followOwner } from '../../../source/adapters/socket/viewer.ts';
import { system } from '../../../source/adapters/system/system.ts';
import type { State } from '../../../source/coordinator/state/state.ts';
import { CmError } from '../../../source/domain/errors.ts';
import type { Item } from '../../../source/domain/item.ts';
import type { Command } from '../../../source/ports/commands.ts';
import type { LogLine } from '../../../source/ports/logs.ts';
import { type FakeCoordinator, fakeCoordinator } from '../../helpers/core/coordinators.ts';
import { bundleProgram, Program } from '../../helpers/programs/programs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let stateDir: string;
let owner: FakeCoordinator;
let callerRuns: KnownRuns;
const refused: (readonly [string, string])[] = [];
const callersOf = (runs: KnownRuns) => createCallers(() => runs);
const closing: { close(): void }[] = [];

beforeEach(() => {
  stateDir = path.join(temporaryFolder(), 'cm-tui');
  owner = fakeCoordinator();
  callerRuns = { leaders: [], ids: () => [] };
  refused.length = 0;
});
afterEach(() => {
  for (const each of closing.splice(0).reverse()) each.close();
});

async function serve(env: NodeJS.ProcessEnv = {}): Promise<ControlServer> {
  const server = await serveControl(stateDir, owner, {
    callers: callersOf(callerRuns),
    onRefused: (runId, command) => refused.push([runId, command.type]),
    env,
  });
  closing.push(server);
  return server;
}
async function connected(timeoutMs?: number): Promise<ControlClient> {
  const client = await connectControl(stateDir, timeoutMs === undefined ? {} : { timeoutMs });
  if (client === null) throw new Error('nobody serves');
  closing.push(client);
  return client;
}
/** A connection that speaks for itself, and everything it has heard. */
async function raw(server: ControlServer): Promise<{ socket: net.Socket; heard: string[]; closed: Promise<void> }> {
  const socket = net.connect(server.path);
  closing.push({ close: () => socket.destroy() });
  const heard: string[] = [];
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (text: string) => heard.push(text));
  const closed = new Promise<void>(resolve => socket.on('close', () => resolve()));
  await vi.waitFor(() => expect(heard.join('')).toContain('"hello"'), 30_000);
  return { socket, heard, closed };
}

describe('commands', () => {
  const item: Item = {
    id: 'TASK-1',
    key: 'TASK-1',
    aliases: [],
    title: 'T',
    status: 'planned',
    heading: 'T',
    line: 0,
    endLine: 0,
    dependsOn: [],
    notes: [],
    scope: { kind: 'known', paths: ['src/**'] },
    agentType: 'code_developer',
    agentProgram: null,
    estimateHours: null,
    duplicate: false,
    prompt: 'do it',
  };
  const commands: readonly Command[] = [
    { type: 'spawn', id: 'US-1' },
    { type: 'spawn', id: 'US-1', agent: 'demo' },
    { type: 'run', item, agent: 'demo' },
    { type: 'cancel', id: '043' },
    { type: 'approve', id: '043', head: 'abc', accept: ['scope a'], by: 'user' },
    { type: 'approve-all' },
    { type: 'reject', id: '043', reason: 'no' },
    { type: 'retry', id: '043' },
    { type: 'clean', ids: ['r1'], confirmedLoss: { r1: ['a'] } },
    { type: 'set-mode', mode: 'auto' },
    { type: 'pause', paused: true },
    { type: 'pin', id: '043', pinned: false },
    { type: 'accept-worker', worker: 'w1', key: 'k' },
    { type: 'drain-worker', worker: 'w1', drained: true },
    { type: 'forget-worker', worker: 'w1' },
    { type: 'stop-all' },
    { type: 'refresh' },
  ];

  test('all of them reach the owner as they were sent, and their answers come back', async () => {
    await serve();
    const client = await connected();
    const answers = await Promise.all(commands.map(command => client.command(command)));
    expect(owner.commands).toEqual(commands);
    expect(answers).toEqual(commands.map(() => ({ ok: true, message: 'Done.', runIds: ['r1'] })));
  });

  test('more than may be under way at once wait their turn', async () => {
    await serve();
    const client = await connected();
    const many = Array.from({ length: 200 }, (_, index) => client.command({ type: 'cancel', id: String(index) }));
    await Promise.all(many);
    expect(owner.commands).toHaveLength(200);
  });

  test('errors come back as sentences with their exit code', async () => {
    await serve();
    const client = await connected();
    owner.reply = () => Promise.reject(new CmError('Not now: wait.', 3));
    await expect(client.command({ type: 'refresh' })).rejects.toMatchObject({ message: 'Not now: wait.', exitCode: 3 });
    owner.reply = () => Promise.reject(new Error('boom \u001b[31m'));
    await expect(client.command({ type: 'refresh' })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^The coordinator failed to handle this request \(boom\s*\)/),
    });
  });
});

test('looks, diffs, probes and usage come from the owner', async () => {
  await serve();
  const client = await connected();
  owner.set({ paused: true });
  expect(await client.look()).toEqual({ pid: process.pid, state: owner.state(), usage: owner.usage() });
  expect(await client.state()).toEqual(owner.state());
  expect(await client.diff('r1', { ignoreWhitespace: true })).toBe('r1 true');
  expect(await client.probeClean()).toEqual(await owner.probeClean());
  expect(await client.usage()).toEqual(owner.usage());
  expect(await client.signals()).toEqual({});
});

test('an answer that is too long is refused, and the connection goes on', async () => {
  await serve();
  const client = await connected();
  owner.diffText = 'x'.repeat(9 * 1024 * 1024);
  await expect(client.diff('r1')).rejects.toThrow(/longer than 8 MiB/);
  owner.diffText = 'y'.repeat(7 * 1024 * 1024);
  expect(await client.diff('r1')).toHaveLength(7 * 1024 * 1024 + 'r1 false'.length);
});

test('log lines come once each, whatever the tail has dropped in between', async () => {
  await serve();
  const client = await connected();
  const line = (text: string): LogLine => ({ time: 1, kind: 'text', stream: 'out', text });
  owner.lines = [line('a'), line('b')];
  const first = await client.tail('r1', 0);
  expect(first).toEqual({ lines: owner.lines, next: 2 });
  owner.lines = [...owner.lines.slice(1), line('c')];
  expect(await client.tail('r1', first.next)).toEqual({ lines: [line('c')], next: 3 });
  expect((await client.tail('r1', 3)).lines).toEqual([]);
  expect((await client.tail('r1', 99)).lines).toEqual([line('b'), line('c')]);
});

describe('following', () => {
  test('the present state comes at once, then the newest after every change', async () => {
    await serve();
    const client = await connected();
    const seen: State[] = [];
    await client.subscribe(state => seen.push(state));
    await vi.waitFor(() => expect(seen).toEqual([owner.state()]), 30_000);
    for (let n = 1; n <= 500; n++) owner.set({ queuePaused: `reason ${n}` });
    await vi.waitFor(() => expect(seen.at(-1)?.queuePaused).toBe('reason 500'), 30_000);
    expect(seen.length).toBeLessThan(50);
  });

  test('a viewer is a handle like the owner’s', async () => {
    const server = await serve();
    const viewer = await followOwner(stateDir, owner.logs);
    if (viewer === null) throw new Error('nobody serves');
    closing.push(viewer);
    expect({ role: viewer.role, pid: viewer.pid, state: viewer.state() }).toEqual({
      role: 'viewer',
      pid: process.pid,
      state: owner.state(),
    });
    const before = viewer.state();
    expect(viewer.state()).toBe(before);
    let calls = 0;
    const stop = viewer.subscribe(() => {
      calls += 1;
    });
    owner.set({ paused: true });
    await vi.waitFor(() => expect(viewer.state().paused).toBe(true), 30_000);
    expect(calls).toBeGreaterThan(0);
    stop();
    expect(await viewer.send({ type: 'refresh' })).toEqual({ ok: true, message: 'Done.', runIds: ['r1'] });
    expect(viewer.usage()).toEqual(owner.usage());
    const gone = new Promise<void>(resolve => viewer.onGone(resolve));
    server.close();
    await gone;
    expect(await viewer.send({ type: 'refresh' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('has ended'),
    });
  });

  test('what the runs do just now is followed too', async () => {
    const doing = (activity: string) => ({ r1: { activity, lastOutput: 1, usage: null } });
    owner.signals = () => doing('reading a.ts');
    await serve();
    const viewer = await followOwner(stateDir, owner.logs);
    if (viewer === null) throw new Error('nobody serves');
    closing.push(viewer);
    viewer.subscribe(() => undefined);
    expect(viewer.signals?.()).toEqual(doing('reading a.ts'));
    owner.signals = () => doing('editing a.ts');
    await vi.waitFor(() => expect(viewer.signals?.()).toEqual(doing('editing a.ts')), 20_000);
  });

  test('a client that does not read costs one state at most, and others are served', async () => {
    const server = await serve();
    const deaf = await raw(server);
    deaf.socket.write('{"id":1,"type":"subscribe"}\n');
    await vi.waitFor(() => expect(deaf.heard.join('')).toContain('"answer"'), 30_000);
    deaf.socket.pause();
    const client = await connected();
    const seen: State[] = [];
    await client.subscribe(state => seen.push(state));
    const large = 'x'.repeat(1024 * 1024);
    for (let n = 1; n <= 12; n++) {
      owner.set({ queuePaused: `${n}${large}` });
      await vi.waitFor(() => expect(seen.at(-1)?.queuePaused).toMatch(new RegExp(`^${n}x`)), {
        timeout: 30_000,
        interval: 5,
      });
    }
    deaf.socket.resume();
    await vi.waitFor(() => expect(deaf.heard.join('')).toContain(`"queuePaused":"12x`), 30_000);
    const states = deaf.heard
      .join('')
      .split('\n')
      .filter(line => line.includes('"type":"state"'));
    expect(states.length).toBeLessThan(8);
  });

  test('a client that asks and never reads the answers is dropped', async () => {
    const server = await serve();
    owner.diffText = 'z'.repeat(6 * 1024 * 1024);
    const greedy = await raw(server);
    greedy.socket.pause();
    const asked = 31;
    for (let id = 1; id <= asked; id++) {
      greedy.socket.write(`{"id":${id},"type":"diff","runId":"r","ignoreWhitespace":false}\n`);
    }
    // Another client is served meanwhile, which also tells that the questions have been read.
    expect(await (await connected()).command({ type: 'refresh' })).toMatchObject({ ok: true });
    greedy.socket.resume();
    await greedy.closed;
    expect(greedy.heard.join('').length).toBeLessThan(asked * owner.diffText.length);
  });
});

describe('who gives commands', () => {
  const command = '{"id":9,"type":"command","command":{"type":"approve-all"}}\n';
  const said = (heard: readonly string[]) =>
    heard.flatMap(text => text.split('\n').filter(Boolean)).map(line => JSON.parse(line) as Record<string, unknown>);
  async function answerTo(client: Awaited<ReturnType<typeof raw>>, line: string, id: number) {
    client.socket.write(line);
    return vi.waitFor(() => {
      const found = said(client.heard).find(one => one.id === id);
      expect(found).toBeDefined();
      return found;
    }, 30_000);
  }
  const proofs = () => fs.readdirSync(path.join(stateDir, 'callers'));

  test('a client that has not said who it is may look, and nothing else', async () => {
    const client = await raw(await serve());
    expect(await answerTo(client, '{"id":1,"type":"look"}\n', 1)).toMatchObject({ ok: true });
    expect(await answerTo(client, command, 9)).toMatchObject({
      type: 'refusal',
      exitCode: 3,
      message: expect.stringMatching(/^Refused: cm-tui cannot tell who is asking/),
    });
    expect(owner.commands).toEqual([]);
  });

  test('a number that is not proven is none: neither our own nor that of another process', async () => {
    const client = await raw(await serve());
    for (const pid of [process.pid, process.ppid, 1, 2 ** 30]) {
      await answerTo(client, `{"id":2,"type":"identify","pid":${pid}}\n`, 2);
      expect(await answerTo(client, '{"id":3,"type":"prove"}\n', 3)).toMatchObject({ value: { kind: 'unknown' } });
      client.heard.length = 0;
    }
    expect(await answerTo(client, command, 9)).toMatchObject({ type: 'refusal' });
    expect(proofs()).toEqual([]);
    expect(owner.commands).toEqual([]);
  });

  test('a file that is only read proves nothing', async () => {
    const client = await raw(await serve());
    const answer = await answerTo(client, `{"id":2,"type":"identify","pid":${process.pid}}\n`, 2);
    const fd = fs.openSync(path.join(stateDir, 'callers', String(answer?.value)), 'r');
    expect(await answerTo(client, '{"id":3,"type":"prove"}\n', 3)).toMatchObject({ value: { kind: 'unknown' } });
    fs.closeSync(fd);
  });

  test('one that proves to be a process of a run is refused by name, and told of', async () => {
    const { startTime } = (await system().table.read(process.pid)) ?? { startTime: '' };
    const self = { pid: process.pid, startTime, bootId: system().table.bootId() };
    callerRuns = { leaders: [{ runId: 'r1', process: self }], ids: () => ['r1'] };
    await serve();
    const client = await connected();
    await expect(client.command({ type: 'approve-all' })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /^Refused: this process belongs to the run of an agent, and agents have read-only access/,
      ),
    });
    expect(refused).toEqual([['r1', 'approve-all']]);
    expect(owner.commands).toEqual([]);
    expect(await client.state()).toEqual(owner.state());
    expect(proofs()).toEqual([]);
  });

  test('what a coordinator that was killed has left of proofs is gone at the next start', async () => {
    fs.mkdirSync(path.join(stateDir, 'callers'), { recursive: true });
    fs.writeFileSync(path.join(stateDir, 'callers', 'a'.repeat(32)), '');
    fs.writeFileSync(path.join(stateDir, 'callers', 'mine'), '');
    await serve();
    expect(proofs()).toEqual(['mine']);
  });

  test('a proof elsewhere is not given', async () => {
    const server = await serve();
    server.close();
    const evil = net.createServer(socket => {
      socket.write(`${JSON.stringify({ type: 'hello', protocol: protocolVersion, pid: process.pid })}\n`);
      socket.on('data', () => socket.write('{"type":"answer","id":1,"ok":true,"value":"../../precious"}\n'));
      socket.on('error', () => undefined);
    });
    closing.push(evil);
    await new Promise<void>(resolve => evil.listen(path.join(stateDir, 'control.sock'), resolve));
    fs.writeFileSync(path.join(stateDir, 'control.path'), `${path.join(stateDir, 'control.sock')}\n`);
    await expect((await connected()).command({ type: 'refresh' })).rejects.toThrow(/an unknown kind of proof/);
  });
});

describe('what is no request', () => {
  test.each([
    ['garbage', 'garbage\n'],
    ['an unknown type', '{"id":1,"type":"format-disk"}\n'],
    ['an unknown command', '{"id":1,"type":"command","command":{"type":"rm"}}\n'],
    ['a command with a wrong field', '{"id":1,"type":"command","command":{"type":"cancel","id":7}}\n'],
    ['a request without an id', '{"type":"look"}\n'],
    ['a browser', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s ends the connection and nothing else', async (_what, text) => {
    const server = await serve();
    const { socket, heard, closed } = await raw(server);
    socket.write(text);
    await closed;
    expect(heard.join('')).toContain('"refusal"');
    expect(owner.commands).toEqual([]);
    expect(await (await connected()).command({ type: 'refresh' })).toMatchObject({ ok: true });
  });

  test('a line without an end is cut off at 8 MiB', async () => {
    const server = await serve();
    const { socket, closed } = await raw(server);
    const piece = 'x'.repeat(1024 * 1024);
    for (let n = 0; n < 10; n++) socket.write(piece);
    await closed;
    expect(await (await connected()).command({ type: 'refresh' })).toMatchObject({ ok: true });
  });

  test('a request in many small pieces is one request', async () => {
    const server = await serve();
    const { socket, heard } = await raw(server);
    const bytes = Buffer.from('{"id":5,"type":"diff","runId":"Ünï","ignoreWhitespace":true}\n');
    for (const byte of bytes) socket.write(Buffer.from([byte]));
    await vi.waitFor(
      () => expect(heard.join('')).toContain('{"type":"answer","id":5,"ok":true,"value":"Ünï true"}'),
      30_000,
    );
  });
});

describe('the place', () => {
  test('only its user can reach the socket', async () => {
    const server = await serve();
    expect(server.path).toBe(path.join(stateDir, 'control.sock'));
    expect(fs.statSync(stateDir).mode & 0o777).toBe(0o700);
    expect(fs.statSync(server.path).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(path.join(stateDir, 'control.path'), 'utf8')).toBe(`${server.path}\n`);
  });

  test('where the path is too long the socket stands in the user’s runtime folder', async () => {
    stateDir = path.join(temporaryFolder(), 'deep'.repeat(30), 'cm-tui');
    const runtime = temporaryFolder();
    const server = await serve({ XDG_RUNTIME_DIR: runtime });
    expect(path.dirname(server.path)).toBe(path.join(runtime, 'cm-tui'));
    expect(fs.statSync(path.dirname(server.path)).mode & 0o777).toBe(0o700);
    expect(await (await connected()).command({ type: 'refresh' })).toMatchObject({ ok: true });
  });

  test('without a runtime folder it stands in a private one under the temporary folder', async () => {
    stateDir = path.join(temporaryFolder(), 'deep'.repeat(30), 'cm-tui');
    const server = await serve({});
    closing.unshift({ close: () => fs.rmSync(server.path, { force: true }) });
    expect(path.basename(path.dirname(server.path))).toBe(`cm-tui-${process.getuid?.() ?? 0}`);
    expect(fs.statSync(path.dirname(server.path)).mode & 0o777).toBe(0o700);
    await connected();
  });

  test('a folder of others is closed before anything is served in it, a foreign thing in the way is left alone', async () => {
    fs.mkdirSync(stateDir, { mode: 0o777 });
    fs.chmodSync(stateDir, 0o777);
    await serve();
    expect(fs.statSync(stateDir).mode & 0o777).toBe(0o700);
    closing.splice(0)[0]?.close();
    fs.writeFileSync(path.join(stateDir, 'control.sock'), 'mine');
    const other = await serve({ XDG_RUNTIME_DIR: temporaryFolder() });
    expect(other.path).not.toContain(stateDir);
    expect(fs.readFileSync(path.join(stateDir, 'control.sock'), 'utf8')).toBe('mine');
  });

  test('after close nobody serves, and nothing is left', async () => {
    const server = await serve();
    const client = await connected();
    const gone = new Promise<void>(resolve => client.onGone(resolve));
    server.close();
    await gone;
    await vi.waitFor(() => expect(fs.readdirSync(stateDir)).toEqual([]), 30_000);
    expect(await connectControl(stateDir)).toBeNull();
    expect(await connectControl(path.join(stateDir, 'nowhere'))).toBeNull();
    await expect(client.state()).rejects.toThrow(/has ended/);
  });

  test('a socket of another user is not talked to', async () => {
    const server = await serve();
    if (process.getuid?.() !== 0) {
      console.log('only the superuser can give a file away: this case is left out');
      return;
    }
    fs.chownSync(server.path, 65534, 65534);
    await expect(connectControl(stateDir)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('another user'),
    });
  });
});

describe('an owner in another process', () => {
  let program = '';
  beforeAll(async () => {
    program = await bundleProgram('control-server');
  });

  test('that is stopped is named in the time that was set; killed, it is gone and another may serve at its place', async () => {
    const child = new Program([process.execPath, program, stateDir]);
    await child.line(/^serving/);
    const client = await connected(300);
    expect(client.pid).toBe(child.pid);
    child.kill('SIGSTOP');
    const silent = { exitCode: 4, message: expect.stringContaining(`(pid ${child.pid}) does not respond`) };
    await expect(client.state()).rejects.toMatchObject(silent);
    await expect(connectControl(stateDir, { timeoutMs: 300 })).rejects.toMatchObject(silent);
    child.kill('SIGKILL');
    await child.ended;
    expect(await connectControl(stateDir)).toBeNull();
    await serve();
    expect((await connected()).pid).toBe(process.pid);
  });
});
