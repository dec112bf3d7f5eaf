import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, openEngine } from '../../../source/adapters/fleet/engine.ts';
import { programOf, startPostgres, startRedis, type TestEngine } from '../../helpers/programs/engines.ts';

const stores = [
  ['Redis', 'redis-server', startRedis],
  ['PostgreSQL', 'postgres', startPostgres],
] as const;

for (const [name, program, start] of stores) {
  const isThere = programOf(program) !== null;
  if (!isThere) console.log(`Skipped here: the engine on ${name}, since ${program} is not installed.`);

  describe.skipIf(!isThere)(`the engine on ${name}`, () => {
    let server: TestEngine;
    const open: Engine[] = [];
    const engine = () => {
      const made = openEngine(server.url);
      open.push(made);
      return made;
    };
    beforeAll(async () => {
      server = await start();
    }, 60_000);
    afterEach(async () => {
      for (const one of open.splice(0)) await one.close();
    });
    afterAll(() => server?.stop());

    /** Collects what is received until `count` have come. */
    function collect(from: Engine, queue: string, count: number, again = false) {
      const got: unknown[] = [];
      let done: () => void = () => undefined;
      const all = new Promise<void>(resolve => (done = resolve));
      const receiver = from.receive(
        queue,
        async data => {
          got.push(data);
          if (got.length >= count) done();
        },
        { atOnce: 1, again },
      );
      return { got, all, receiver };
    }

    it('delivers each id once, in order, to one of those who take', async () => {
      const sender = engine();
      for (const n of [1, 2, 3, 3, 2]) await sender.send({ queue: 'cm-once', id: `run.${n}`, data: { n } });
      expect((await sender.waiting('cm-once')).map(({ id }) => id)).toEqual(
        expect.arrayContaining(['run.1', 'run.2', 'run.3']),
      );
      const { got, all } = collect(engine(), 'cm-once', 3);
      await all;
      expect(got).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
      // A later one with the same id does silently nothing.
      await sender.send({ queue: 'cm-once', id: 'run.1', data: { n: 9 } });
      await sender.send({ queue: 'cm-once', id: 'run.4', data: { n: 4 } });
      await expect.poll(() => got.at(-1)).toEqual({ n: 4 });
      expect(got).toHaveLength(4);
    });

    it('takes a brief id again once it is done', async () => {
      const sender = engine();
      const { got } = collect(engine(), 'cm-brief', 2);
      await sender.send({ queue: 'cm-brief', id: 'beat-w1', data: 1, brief: true });
      await expect.poll(() => got.length).toBe(1);
      await expect.poll(() => sender.waiting('cm-brief')).toEqual([]);
      await sender.send({ queue: 'cm-brief', id: 'beat-w1', data: 2, brief: true });
      await expect.poll(() => got).toEqual([1, 2]);
    });

    it('withdraws what nobody has taken', async () => {
      const sender = engine();
      await sender.send({ queue: 'cm-back', id: 'run.1', data: 1 });
      await sender.withdraw('cm-back', 'run.1');
      await sender.withdraw('cm-back', 'run.7');
      expect(await sender.waiting('cm-back')).toEqual([]);
    });

    it('gives a report again until it is acknowledged, also after who had it is gone', async () => {
      const sender = engine();
      await sender.send({ queue: 'cm-again', id: 'r.1', data: 'report' });
      let tries = 0;
      const first = engine();
      first.receive(
        'cm-again',
        async () => {
          tries += 1;
          throw new Error('the journal cannot be written');
        },
        { atOnce: 1, again: true },
      );
      await expect.poll(() => tries, { timeout: 15_000 }).toBeGreaterThan(1);
      expect(await sender.waiting('cm-again')).toMatchObject([{ id: 'r.1', data: 'report' }]);
    });

    it('keeps what it was given, and says that it is away while it is', async () => {
      const sender = engine();
      await sender.send({ queue: 'cm-kept', id: 'run.1', data: 'kept' });
      expect(sender.connectedMs()).not.toBeNull();
      await server.kill();
      await expect(sender.waiting('cm-kept')).rejects.toThrow();
      // The end of the connection and that of a question come in any order.
      await expect.poll(() => sender.connectedMs()).toBeNull();
      await server.startAgain();
      await expect
        .poll(() => sender.waiting('cm-kept').catch(() => null), { timeout: 20_000 })
        .toMatchObject([{ id: 'run.1', data: 'kept' }]);
    }, 60_000);
  });
}
