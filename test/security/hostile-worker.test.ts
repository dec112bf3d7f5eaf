import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, openEngine } from '../../source/adapters/fleet/engine.ts';
import { createFleet } from '../../source/adapters/fleet/fleet.ts';
import { queues } from '../../source/adapters/fleet/names.ts';
import { coordinatorId, loadSigner, type Sealed, type Signer } from '../../source/adapters/fleet/sign.ts';
import { openWorkerLink } from '../../source/adapters/fleet/worker-link.ts';
import { createDepot } from '../../source/adapters/git/depot/create-depot.ts';
import { openDepot } from '../../source/adapters/git/depot/depot.ts';
import { openWorkerGit } from '../../source/adapters/git/depot/worker-git.ts';
import type { FleetReport } from '../../source/ports/fleet/fleet.ts';
import { createRepository, type TestRepository } from '../helpers/git/repository.ts';
import { programOf, startRedis, type TestEngine } from '../helpers/programs/engines.ts';

const isThere = programOf('redis-server') !== null;
if (!isThere) console.log('Skipped here: a hostile worker, since redis-server is not installed.');

const runId = 'abcdefgh12345678';
const esc = '\u001b]0;pwned\u0007\u001b[2J';

describe.skipIf(!isThere)('somebody who can write into the engine', () => {
  let server: TestEngine;
  let shop: TestRepository;
  let attacker: Engine;
  const open: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    server = await startRedis();
  }, 60_000);
  beforeEach(() => {
    shop = createRepository({ files: { 'a.txt': '1\n' } });
    attacker = openEngine(server.url);
    open.push(attacker);
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    shop.cleanup();
  });
  afterAll(() => server?.stop());

  /** A coordinator that listens, one worker of its own, and what it has believed. */
  async function world() {
    const stateDir = join(shop.base, 'state');
    const path = join(shop.base, 'depot.git');
    await createDepot(path);
    const depot = openDepot(join(shop.root, '.git'), path);
    const start = () => createFleet({ engine: server.url, insecure: false, pools: ['default'], stateDir, depot });
    const fleet = start();
    open.push(fleet);
    const me = coordinatorId(loadSigner(join(stateDir, 'fleet', 'coordinator.pem')).publicKey);
    const key = loadSigner(join(stateDir, 'fleet', 'coordinator.pem')).publicKey;
    const heard: FleetReport[] = [];
    const listen = (one: typeof fleet) => one.listen(async report => void heard.push(report));
    const stop = listen(fleet);
    const signer = loadSigner(join(shop.base, 'w1.pem'));
    let number = 0;
    const send = (queue: string, data: unknown) => attacker.send({ queue, id: `x-${me}-${++number}`, data });
    return { fleet, start, listen, stop, depot, path, me, key, heard, signer, send, stateDir };
  }

  const ended = {
    what: 'ended',
    exitCode: 0,
    lost: null,
    limit: null,
    head: null,
    dirty: [],
    operation: null,
    tail: '',
  };
  const report = (seq: number, more: object = {}) => ({
    v: 1,
    seq,
    runId,
    epoch: 1,
    worker: 'w1',
    said: ended,
    ...more,
  });
  const beat = (seq: number, more: object = {}) => ({
    v: 1,
    seq,
    name: 'w1',
    pools: ['default'],
    slots: 2,
    running: [],
    draining: false,
    welcome: true,
    version: '1',
    cpuPercent: null,
    memoryPercent: null,
    ...more,
  });
  const refusedOf = async (fleet: { observe(): Promise<{ refused: readonly object[] }> }) =>
    (await fleet.observe()).refused;

  it('cannot forge a report: nothing of it is believed, and it is said', async () => {
    const { fleet, me, heard, signer, send } = await world();
    const good = signer.seal(report(1));
    const other = loadSigner(join(shop.base, 'other.pem'));
    const forged: readonly Sealed[] = [
      { ...good, body: good.body.replace('"exitCode":0', '"exitCode":1') },
      { ...good, key: other.publicKey },
      { ...good, sig: other.seal(report(1)).sig },
    ];
    for (const one of forged) await send(queues.reports(me), one);
    await send(queues.reports(me), signer.seal(report(2)));
    await expect.poll(() => heard.length).toBe(1);
    expect(heard[0]).toMatchObject({ worker: 'w1', key: signer.publicKey });
    expect(await refusedOf(fleet)).toEqual([{ why: 'forged', worker: null }]);
    // In the name of w1, by another key: it is heard with that key, which the core does not accept.
    await send(queues.reports(me), other.seal(report(1)));
    await expect.poll(() => heard.at(-1)?.key).toBe(other.publicKey);
  });

  it('cannot play a report again', async () => {
    const { fleet, me, heard, signer, send } = await world();
    const sealed = signer.seal(report(1));
    await send(queues.reports(me), sealed);
    await send(queues.reports(me), sealed);
    await send(queues.reports(me), signer.seal(report(2)));
    await expect.poll(() => heard.length).toBe(2);
    expect(await refusedOf(fleet)).toEqual([{ why: 'replayed', worker: 'w1' }]);
  });

  it('hears a report again that was not acknowledged', async () => {
    const { fleet, stop, me, signer, send } = await world();
    stop();
    let tries = 0;
    fleet.listen(async () => {
      tries += 1;
      if (tries === 1) throw new Error('the journal cannot be written');
    });
    await send(queues.reports(me), signer.seal(report(1)));
    await expect.poll(() => tries, { timeout: 20_000 }).toBe(2);
    expect(await refusedOf(fleet)).toEqual([]);
  });

  it('cannot keep a worker alive with its old signs, after a restart of the coordinator either', async () => {
    const { fleet, start, listen, stop, me, signer, send } = await world();
    const slotsOf = async (one: typeof fleet) => (await one.observe()).workers.map(({ slots }) => slots);
    const old = signer.seal(beat(1, { slots: 7 }));
    await send(queues.beats(me), old);
    await expect.poll(() => slotsOf(fleet)).toEqual([7]);
    for (let seq = 2; seq <= 30; seq++) await send(queues.beats(me), signer.seal(beat(seq)));
    await expect.poll(() => slotsOf(fleet)).toEqual([2]);
    await send(queues.beats(me), old);
    await expect.poll(() => refusedOf(fleet)).toEqual([{ why: 'replayed', worker: 'w1' }]);
    expect(await slotsOf(fleet)).toEqual([2]);
    stop();
    await fleet.close();
    const again = start();
    open.push(again);
    listen(again);
    await send(queues.beats(me), old);
    await expect.poll(() => refusedOf(again)).toEqual([{ why: 'replayed', worker: 'w1' }]);
    expect((await again.observe()).workers).toEqual([]);
  });

  it.each([
    ['a run that is a path', { runId: '../../../etc' }],
    ['a worker that is a path', { worker: '../w1' }],
    ['a worker with escape codes', { worker: `w1${esc}` }],
    ['an epoch of nothing', { epoch: 0 }],
    ['no number', { seq: undefined }],
    ['a head that is a ref', { said: { ...ended, head: 'refs/heads/main' } }],
    ['a tail without end', { said: { ...ended, tail: 'x'.repeat(40_000) } }],
    ['more paths than anybody reads', { said: { ...ended, dirty: Array.from({ length: 300 }, () => 'x') } }],
    ['an unknown word', { said: { what: 'land' } }],
  ])('cannot send %s', async (_, change) => {
    const { fleet, me, heard, signer, send } = await world();
    await send(queues.reports(me), signer.seal({ ...report(1), ...change }));
    await send(queues.reports(me), signer.seal(report(2)));
    await expect.poll(() => heard.length).toBe(1);
    expect(await refusedOf(fleet)).toEqual([{ why: 'malformed', worker: null }]);
  });

  it('cannot send escape codes in a sign of life', async () => {
    const { fleet, me, signer, send } = await world();
    await send(queues.beats(me), signer.seal(beat(1, { version: esc, pools: [esc] })));
    await expect.poll(async () => (await fleet.observe()).workers.length).toBe(1);
    expect(JSON.stringify(await fleet.observe())).not.toContain('\\u001b');
  });

  it('cannot give a worker work or words: it obeys one key', async () => {
    const { me, key } = await world();
    const folder = join(shop.base, 'w1');
    const joined = { engine: server.url, depot: '', key };
    const link = openWorkerLink({ join: joined, name: 'w1', signer: loadSigner(join(folder, 'w.pem')), folder }, false);
    open.push(link);
    const got: string[] = [];
    link.hear(async word => void got.push(word.word));
    link.takeRuns(['default'], async dispatch => void got.push(dispatch.runId)).setRoom(1);
    const stranger: Signer = loadSigner(join(shop.base, 'stranger.pem'));
    const own: Signer = loadSigner(join(shop.base, 'state', 'fleet', 'coordinator.pem'));
    const word = { v: 1, word: 'drain', worker: 'w1' };
    const host = queues.host(me, 'w1');
    await attacker.send({ queue: host, id: 'a', data: stranger.seal({ ...word, seq: 1 }) });
    await attacker.send({
      queue: host,
      id: 'b',
      data: { ...own.seal({ ...word, seq: 2 }), body: JSON.stringify({ ...word, word: 'leave', seq: 3 }) },
    });
    await attacker.send({ queue: host, id: 'c', data: own.seal({ ...word, worker: 'w2', seq: 4 }) });
    await attacker.send({
      queue: queues.runs(me, 'default'),
      id: 'd',
      data: stranger.seal({ v: 1, seq: 1, runId, prompt: 'rm' }),
    });
    await attacker.send({ queue: host, id: 'e', data: own.seal({ ...word, seq: 5 }) });
    await expect.poll(() => got).toEqual(['drain']);
  });

  it('cannot claim in the name of a worker: who has signed is known', async () => {
    const { fleet, depot, path, signer } = await world();
    const base = shop.git('rev-parse', 'HEAD');
    await depot.offerBase(base);
    const git = await openWorkerGit(join(shop.base, 'w1.git'), path, 'w1');
    await git.takeBase(base);
    const stranger = loadSigner(join(shop.base, 'stranger.pem'));
    const claim = async (epoch: number, sign: (words: string) => Pick<Sealed, 'key' | 'sig'>) =>
      git.pushClaim(runId, epoch, await git.makeClaim({ runId, epoch, base, nonce: 'a', sign }));
    await claim(1, words => signer.seal(words));
    await claim(2, words => stranger.seal(words));
    await claim(3, words => ({ ...stranger.seal(words), key: signer.publicKey }));
    await claim(4, () => signer.seal(`${runId}.1 w1 a`));
    const { claims } = await fleet.observe();
    expect(claims).toEqual({
      [`${runId}.1`]: { worker: 'w1', key: signer.publicKey },
      [`${runId}.2`]: { worker: 'w1', key: stranger.publicKey },
      [`${runId}.3`]: { worker: 'w1', key: null },
      [`${runId}.4`]: { worker: 'w1', key: null },
    });
  });
});
