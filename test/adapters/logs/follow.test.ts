import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLogs } from '../../../source/adapters/logs/logs.ts';
import type { AgentReader } from '../../../source/ports/agents.ts';
import { Desk, plainReader } from '../../helpers/core/logs.ts';
import { until, Workshop } from '../../helpers/programs/processes.ts';

const desks: Desk[] = [];

function desk(): Desk {
  const made = new Desk();
  desks.push(made);
  return made;
}

afterEach(() => {
  vi.restoreAllMocks();
  for (const { logs } of desks.splice(0)) logs.close();
});

const usage = { type: 'usage', inputTokens: 1, outputTokens: 2, costUsd: null } as const;

describe('the live end of a log', () => {
  test('shows lines of both streams as they come, with their time', async () => {
    const one = desk();
    one.track();
    const before = Date.now();
    one.write('first\n');
    await one.seen('first');
    one.write('trouble\n', 'err.log');
    await one.seen('trouble');
    one.write('second\r\n');
    await one.seen('second');
    expect(one.lines().map(({ kind, stream, text }) => ({ kind, stream, text }))).toEqual([
      { kind: 'text', stream: 'out', text: 'first' },
      { kind: 'text', stream: 'err', text: 'trouble' },
      { kind: 'text', stream: 'out', text: 'second' },
    ]);
    for (const line of one.lines()) expect(line.time).toBeGreaterThanOrEqual(before);
    expect(one.logs.lastOutput(one.runId)).toBeGreaterThanOrEqual(before - 1000);
  });

  test('has no time for lines from before we looked', async () => {
    const one = desk();
    one.write('old\n');
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    one.track();
    await one.seen('old');
    one.write('new\n');
    await one.seen('new');
    expect(one.lines().map(line => line.time === null)).toEqual([true, false]);
  });

  test('wakes from rest', async () => {
    const one = desk();
    one.track();
    one.write('a question without an end? ');
    // The unfinished text is shown when the run has come to rest.
    await one.seen('a question without an end? ');
    one.write('yes\nand on\n');
    await one.seen('and on');
    expect(one.texts()).toEqual(['a question without an end? ', 'yes', 'and on']);
  });

  test('does not show half an event, however long it takes', async () => {
    const one = desk();
    one.track();
    const event = JSON.stringify(usage);
    one.write(event.slice(0, 12));
    one.write('text that comes to rest', 'err.log');
    await one.seen('text that comes to rest');
    one.write(`${event.slice(12)}\n`);
    await until(() => one.signals.length);
    expect(one.signals).toEqual([usage]);
    expect(one.texts()).toEqual(['text that comes to rest']);
  });

  test('is the same array until something is added', async () => {
    const one = desk();
    one.track();
    one.write('x\n');
    await one.seen('x');
    const view = one.lines();
    expect(one.lines()).toBe(view);
    one.write('y\n');
    await one.seen('y');
    expect(one.lines()).not.toBe(view);
    expect(
      view.map(line => line.text),
      'and the old one is left as it was',
    ).toEqual(['x']);
  });

  test('keeps the last 2000 lines', async () => {
    const one = desk();
    one.track();
    one.write(Array.from({ length: 9001 }, (_, index) => `${index + 1}\n`).join(''));
    const texts = await one.drained();
    expect(texts).toHaveLength(2000);
    expect([texts[0], texts.at(-1)]).toEqual(['7002', '9001']);
  });

  test('is empty for a run nobody tracks', () => {
    const one = desk();
    expect(one.logs.tail('nobody')).toEqual([]);
    expect(one.logs.tail('nobody')).toBe(one.logs.tail('nobody'));
    expect(one.logs.lastOutput('nobody')).toBeNull();
  });

  test('tells listeners, a burst only a few times', async () => {
    const one = desk();
    let calls = 0;
    const stop = one.logs.subscribe(() => {
      calls += 1;
    });
    one.track();
    for (let line = 0; line < 500; line++) one.write(`${line}\n`);
    await one.seen('499');
    await until(() => calls > 0);
    expect(calls).toBeLessThan(50);
    stop();
    const before = calls;
    one.write('more\n');
    await one.seen('more');
    await one.drained();
    expect(calls).toBe(before);
  });
});

describe('the end of a run', () => {
  test('hands on the unfinished last line, whatever it is, and lets the reader speak once', async () => {
    const one = desk();
    const reader = (): AgentReader => ({
      ...plainReader(),
      end: () => [
        { type: 'line', kind: 'system', text: 'last words' },
        { type: 'result', ok: true, message: 'done' },
      ],
    });
    one.track(true, reader);
    one.write('line\nunfinished');
    one.write(JSON.stringify(usage), 'err.log');
    expect(await one.drained()).toEqual(['line', 'unfinished', 'last words']);
    expect(await one.drained()).toEqual(['line', 'unfinished', 'last words']);
    expect(one.signals).toEqual([usage, { type: 'result', ok: true, message: 'done' }]);
  });

  test('is drained at once, before the pace would have it', async () => {
    const shop = new Workshop();
    const one = desk();
    const logs = one.logs;
    const identity = await shop.start('seq 1 1000; echo bad >&2; exit 3');
    await shop.ended(identity);
    fs.cpSync(shop.runsDir, one.runsDir, { recursive: true });
    one.track();
    await logs.drain(one.runId);
    expect(one.texts()).toContain('1000');
    expect(
      one
        .lines()
        .filter(line => line.stream === 'err')
        .map(line => line.text),
    ).toEqual(['bad']);
  });

  test('of a run that was forgotten, or never tracked, needs nothing', async () => {
    const one = desk();
    one.track();
    one.logs.untrack(one.runId);
    await one.logs.drain(one.runId);
    await one.logs.drain('nobody');
    expect(one.texts()).toEqual([]);
  });
});

describe('a log that is too much', () => {
  test('is shown from its end, and no event in it is missed', async () => {
    const one = desk();
    const filler = 'x'.repeat(99);
    one.write(`${JSON.stringify({ type: 'session', id: 's1' })}\n`);
    for (let part = 0; part < 30; part++) one.write(`${filler}\n`.repeat(2000));
    one.write(`${JSON.stringify(usage)}\n`);
    for (let part = 0; part < 30; part++) one.write(`${filler}\n`.repeat(2000));
    one.write('the end\n');
    one.track();
    const texts = await one.drained();
    expect(texts.at(-1)).toBe('the end');
    expect(texts.some(text => /^… \d+\.\d MiB skipped$/.test(text)) || texts.length === 2000).toBe(true);
    expect(one.signals).toEqual([{ type: 'session', id: 's1' }, usage]);
  });

  test('says how much was skipped', async () => {
    const one = desk();
    one.write(`${'long line '.repeat(1000)}\n`.repeat(400));
    one.track();
    const texts = await one.drained();
    expect(texts[0]).toMatch(/^… 3\.[56] MiB skipped$/);
    expect(texts.length).toBeLessThan(60);
    expect(texts[1]?.length).toBe(4097);
  });

  test('is searched only at both ends when it is huge', async () => {
    const one = desk();
    const file = fs.openSync(one.path('out.log'), 'w');
    fs.writeSync(file, `${JSON.stringify({ type: 'session', id: 's1' })}\n`);
    fs.writeSync(file, `\n${JSON.stringify({ type: 'session', id: 'hidden' })}\n`, 200_000_000);
    fs.writeSync(file, `\n${JSON.stringify(usage)}\nthe end\n`, 990_000_000);
    fs.closeSync(file);
    one.track();
    expect((await one.drained()).at(-1)).toBe('the end');
    expect(one.signals).toEqual([{ type: 'session', id: 's1' }, usage]);
  });

  test('is read from near its end unless all is wanted', async () => {
    const one = desk();
    one.write(`${JSON.stringify({ type: 'session', id: 's1' })}\n${'0123456789\n'.repeat(50_000)}last\n`);
    one.track(false);
    const texts = await one.drained();
    expect(texts.at(-1)).toBe('last');
    expect(texts.slice(0, -1).every(text => text === '0123456789')).toBe(true);
    expect(one.signals).toEqual([]);
  });

  test('in a burst of four agents loses no event and shows every end', async () => {
    const shop = new Workshop();
    const ids = ['r1', 'r2', 'r3', 'r4'];
    const heard: string[] = [];
    for (const id of ids) {
      const env = { PATH: process.env.PATH ?? '', CM_RUN_ID: id };
      const command = `seq 1 100000; echo '{"type":"session","id":"${id}"}'; seq 100001 200000; echo end of ${id}`;
      await shop.start(command, { runId: id, runName: id, env });
    }
    const logs = createLogs({ runsDir: shop.runsDir });
    for (const id of ids) {
      const onSignal = (runId: string, signal: { readonly type: string }) => heard.push(`${runId} ${signal.type}`);
      logs.track(id, id, plainReader, onSignal, { fromStart: true });
    }
    for (const id of ids) await until(() => logs.tail(id).at(-1)?.text === `end of ${id}`);
    for (const id of ids)
      expect(
        logs
          .tail(id)
          .slice(-3)
          .map(line => line.text),
      ).toEqual(['199999', '200000', `end of ${id}`]);
    expect(heard.sort()).toEqual(ids.map(id => `${id} session`));
    logs.close();
  });
});

describe('what a reader says beside its lines', () => {
  test('is passed on when it changes something: each verdict, a new session, the latest usage and activity', async () => {
    const one = desk();
    const say = (...events: readonly object[]) => one.write(events.map(event => `${JSON.stringify(event)}\n`).join(''));
    const used = (inputTokens: number) => ({ ...usage, inputTokens });
    say(
      { type: 'session', id: 's1' },
      used(1),
      { type: 'activity', text: 'a' },
      { type: 'session', id: 's1' },
      used(2),
    );
    say(
      { type: 'activity', text: 'b' },
      { type: 'result', ok: true, message: '' },
      { type: 'session', id: 's2' },
      used(3),
    );
    say({ type: 'result', ok: false, message: '' }, used(4), used(5));
    one.track();
    await one.drained();
    expect(one.signals).toEqual([
      { type: 'session', id: 's1' },
      used(2),
      { type: 'activity', text: 'b' },
      { type: 'result', ok: true, message: '' },
      { type: 'session', id: 's2' },
      used(3),
      { type: 'result', ok: false, message: '' },
      used(5),
    ]);
  });
});

describe('foreign bytes', () => {
  test('reach nobody raw', async () => {
    const one = desk();
    one.track();
    const hostile = [
      '\x1b]52;c;eA==\x07A',
      '\x1b[2J\x1b[?1049lB',
      '\x9b31mC',
      'D\u202eE',
      'F\0\b\x7f',
      '\x1b]0;title\x1b\\G',
    ];
    one.write(`${hostile.join('\n')}\n`);
    one.write(Buffer.from([0xff, 0xfe, 0x80, 0x0a, 0xc3, 0x28, 0x0a, 0xf0, 0x9f]));
    const text = (await one.drained()).join('\n');
    expect(text).toMatch(/A\n.*B\n/);
    for (const char of text.replaceAll('\n', '')) {
      const code = char.codePointAt(0) ?? 0;
      expect(code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e)).toBe(false);
    }
  });

  test('split anywhere are put together again', async () => {
    const one = desk();
    one.track();
    const bytes = Buffer.from('größe 👩‍👩‍👧 漢字\nzweite 👍\n');
    for (const byte of bytes) {
      one.write(Buffer.from([byte]));
      if (byte % 3 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    await one.seen('zweite 👍');
    expect(one.texts()).toEqual(['größe 👩‍👩‍👧 漢字', 'zweite 👍']);
  });

  test('a line of a megabyte is cut for the screen', async () => {
    const one = desk();
    one.write(`${'a'.repeat(1_000_000)}\n`);
    one.track();
    const texts = await one.drained();
    expect(texts).toEqual([`${'a'.repeat(4096)}…`]);
  });

  test('an event of less than a megabyte is read whole, a line of five is cut and marked', async () => {
    const one = desk();
    const event = { type: 'result', ok: true, message: 'm'.repeat(900_000) };
    one.track();
    one.write(`${JSON.stringify(event)}\n`);
    await until(() => one.signals.length);
    expect(one.signals).toEqual([event]);
    one.write(`{"type":"line","kind":"text","text":"${'x'.repeat(5_000_000)}"}\nafter\n`);
    await one.seen('after');
    expect(one.texts().slice(-3)).toEqual(['broken event', '… 3.8 MiB of this line left out, after 1.0 MiB', 'after']);
  });
});

describe('a log that is not what it was', () => {
  test('goes on after it was emptied', async () => {
    const one = desk();
    one.track();
    one.write('before the rotation\n');
    await one.seen('before the rotation');
    fs.truncateSync(one.path('out.log'), 0);
    one.write('after\n');
    await one.seen('after');
    expect(one.texts()).toEqual(['before the rotation', 'after']);
  });

  test('goes on after it was replaced', async () => {
    const one = desk();
    one.track();
    one.write('old file\n');
    await one.seen('old file');
    fs.renameSync(one.path('out.log'), one.path('moved'));
    one.write('a new file that is longer than the old one\n');
    await one.seen('a new file that is longer than the old one');
  });

  test('is read once it is there', async () => {
    const one = desk();
    fs.rmSync(one.path('out.log'));
    fs.rmSync(one.path('err.log'));
    one.track();
    one.write('late\n');
    await one.seen('late');
  });

  test('is not read through a link, nor from a pipe', async () => {
    const one = desk();
    fs.writeFileSync(one.path('secret'), 'secret\n');
    fs.rmSync(one.path('out.log'));
    fs.symlinkSync('secret', one.path('out.log'));
    fs.rmSync(one.path('err.log'));
    execFileSync('mkfifo', [one.path('err.log')]);
    one.track();
    expect(await one.drained()).toEqual([]);
  });
});
