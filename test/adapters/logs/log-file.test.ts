import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLogFile } from '../../../source/adapters/logs/log-file.ts';
import { createLogs } from '../../../source/adapters/logs/logs.ts';
import type { LogChunk } from '../../../source/ports/logs.ts';
import { Workshop } from '../../helpers/programs/processes.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

function logOf(content: string | Buffer): string {
  const file = path.join(temporaryFolder(), 'out.log');
  fs.writeFileSync(file, content);
  return file;
}

const texts = (chunk: LogChunk) => chunk.lines.map(({ line }) => line.text);

describe('paging through a log', () => {
  test('forward and backward from any offset finds whole lines', async () => {
    const file = await openLogFile(logOf('one\ntwo\r\n\nfour\nlast without end'), 'out');
    expect(await file.size()).toBe(31);
    expect(await file.forward(0, 2)).toEqual({
      lines: [
        { offset: 0, line: { time: null, kind: 'text', stream: 'out', text: 'one' } },
        { offset: 4, line: { time: null, kind: 'text', stream: 'out', text: 'two' } },
      ],
      start: 0,
      end: 9,
    });
    expect(texts(await file.forward(5, 9)), 'moved to the next line start').toEqual(['', 'four', 'last without end']);
    expect(await file.forward(31, 5)).toEqual({ lines: [], start: 31, end: 31 });
    expect(texts(await file.backward(31, 2))).toEqual(['four', 'last without end']);
    expect(await file.backward(12, 2), 'moved back to the last line end').toMatchObject({ start: 4, end: 10 });
    expect(texts(await file.backward(0, 5))).toEqual([]);
    expect(texts(await file.backward(-5, 5))).toEqual([]);
    expect(texts(await file.forward(1e9, 5))).toEqual([]);
    await file.close();
  });

  test('gives every line once, in both directions, however they lie', async () => {
    const lines = fc.array(
      fc.oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), fc.constant('x'.repeat(70_000))),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 7 }), async (content, page) => {
        const clean = content.map(line => line.replaceAll(/[^\x20-\x7e]/g, '?'));
        const file = await openLogFile(logOf(`${clean.join('\n')}\n`), 'err');
        const expected = clean.map(line => (line.length > 4096 ? `${line.slice(0, 4096)}…` : line));
        const there: string[] = [];
        for (let at = 0; at < (await file.size()); ) {
          const chunk = await file.forward(at, page);
          there.push(...texts(chunk));
          at = chunk.end;
        }
        const back: string[] = [];
        for (let at = await file.size(); at > 0; ) {
          const chunk = await file.backward(at, page);
          back.unshift(...texts(chunk));
          at = chunk.start;
        }
        await file.close();
        expect(there).toEqual(expected);
        expect(back).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('never reads a log of 1 GB whole', async () => {
    const name = path.join(temporaryFolder(), 'out.log');
    const sparse = fs.openSync(name, 'w');
    fs.writeSync(sparse, 'first\n');
    fs.writeSync(sparse, '\nmiddle\n', 500_000_000);
    fs.writeSync(sparse, '\nlast\n', 1_000_000_000);
    fs.closeSync(sparse);
    const file = await openLogFile(name, 'out');
    expect(texts(await file.forward(0, 1))).toEqual(['first']);
    expect(texts(await file.backward(await file.size(), 1))).toEqual(['last']);
    expect(texts(await file.forward(500_000_001, 1))).toEqual(['middle']);
    // In a stretch without any line end a page is bounded too.
    expect((await file.forward(600_000_000, 3)).end).toBeLessThan(605_000_000);
    expect((await file.backward(400_000_000, 3)).start).toBeGreaterThan(395_000_000);
    await file.close();
  });

  test('shows foreign bytes harmless', async () => {
    const file = await openLogFile(logOf(Buffer.from('\x1b]52;c;eA==\x07a\x1b[2Jb\0\xff\n', 'latin1')), 'out');
    expect(texts(await file.forward(0, 1))).toEqual(['ab␀\ufffd']);
    await file.close();
  });

  test('follows a log that grows, and one that was cut', async () => {
    const name = logOf('one\n');
    const file = await openLogFile(name, 'out');
    fs.appendFileSync(name, 'two\n');
    expect(texts(await file.forward(4, 5))).toEqual(['two']);
    fs.truncateSync(name, 0);
    expect(await file.forward(4, 5)).toEqual({ lines: [], start: 0, end: 0 });
    await file.close();
  });
});

describe('what is no log', () => {
  test('is refused: a link, a pipe, a folder', async () => {
    const dir = temporaryFolder();
    const secret = path.join(dir, 'secret');
    fs.writeFileSync(secret, 'secret\n');
    fs.symlinkSync(secret, path.join(dir, 'link'));
    execFileSync('sh', ['-c', 'exec mkfifo "$0"', path.join(dir, 'pipe')]);
    await expect(openLogFile(path.join(dir, 'link'), 'out')).rejects.toThrow(/is a symbolic link/);
    await expect(openLogFile(path.join(dir, 'pipe'), 'out')).rejects.toThrow(/not a regular file/);
    await expect(openLogFile(dir, 'out')).rejects.toThrow(/not a regular file/);
  });
});

describe('logs of a run that is not tracked', () => {
  test('are found by its id', async () => {
    const shop = new Workshop();
    await shop.finish('echo out; echo err >&2');
    const logs = createLogs({ runsDir: shop.runsDir });
    const file = await logs.open(shop.runId, 'err');
    expect(texts(await file.forward(0, 10))).toEqual(['err']);
    await file.close();
    await expect(logs.open('unknown', 'out')).rejects.toThrow(/no log here/);
    logs.close();
  });
});
