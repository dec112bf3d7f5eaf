import { describe, expect, test } from 'vitest';
import type { LogChunk, LogFile, LogLine } from '../../source/ports/logs.ts';
import { LogWindow } from '../../source/ui/screens/log/log-window.ts';
import { matcherOf } from '../../source/ui/screens/log/matcher.ts';
import { TailFile } from '../../source/ui/screens/log/tail-file.ts';

function lineOf(text: string): LogLine {
  return { time: null, kind: 'text', stream: 'out', text };
}

/** A log of numbered lines of ten bytes each, so that offsets are told from line numbers; says how much of it was read. */
class NumberedFile implements LogFile {
  largest = 0;
  read = 0;

  constructor(
    public count: number,
    private readonly textOf: (index: number) => string = index => `line ${index}`,
  ) {}

  async size(): Promise<number> {
    return this.count * 10;
  }

  async forward(offset: number, maxLines: number): Promise<LogChunk> {
    return this.chunk(Math.ceil(offset / 10), Math.ceil(offset / 10) + maxLines);
  }

  async backward(offset: number, maxLines: number): Promise<LogChunk> {
    return this.chunk(Math.floor(offset / 10) - maxLines, Math.floor(offset / 10));
  }

  async close(): Promise<void> {}

  private chunk(from: number, to: number): LogChunk {
    const start = Math.max(0, Math.min(from, this.count));
    const end = Math.max(start, Math.min(to, this.count));
    this.largest = Math.max(this.largest, end - start);
    this.read += end - start;
    const lines = Array.from({ length: end - start }, (_, index) => ({
      offset: (start + index) * 10,
      line: lineOf(this.textOf(start + index)),
    }));
    return { lines, start: start * 10, end: end * 10 };
  }
}

function windowOn(file: LogFile, height = 10): { window: LogWindow; texts: () => string[] } {
  const window = new LogWindow(
    file,
    () => height,
    () => {},
  );
  return { window, texts: () => window.visible(height).map(row => row.line.text) };
}

function find(typed: string): NonNullable<Extract<ReturnType<typeof matcherOf>, { matcher: unknown }>>['matcher'] {
  const made = matcherOf(typed);
  if ('problem' in made) throw new Error(made.problem);
  return made.matcher;
}

describe('a log of ten million lines', () => {
  test('opens at its end without being read', async () => {
    const file = new NumberedFile(10_000_000);
    const { window, texts } = windowOn(file);
    await window.follow();
    expect(texts()).toEqual(Array.from({ length: 10 }, (_, index) => `line ${9_999_990 + index}`));
    expect(file.read).toBeLessThan(1000);
  });

  test('scrolls by lines across what is loaded, and back to following at the end', async () => {
    const { window, texts } = windowOn(new NumberedFile(10_000_000));
    await window.follow();
    for (let step = 0; step < 30; step++) await window.scroll(-100);
    expect(texts()[0]).toBe('line 9996990');
    expect(window.following).toBe(false);
    await window.scroll(2995);
    expect(texts()[0]).toBe('line 9999985');
    await window.scroll(5);
    expect(texts()[9]).toBe('line 9999999');
    expect(window.following).toBe(true);
  });

  test('goes to its start and on from there', async () => {
    const { window, texts } = windowOn(new NumberedFile(10_000_000));
    await window.follow();
    await window.toStart();
    expect(texts()[0]).toBe('line 0');
    for (let step = 0; step < 20; step++) await window.scroll(1000);
    expect(texts()[0]).toBe('line 20000');
    await window.scroll(-20_000);
    expect(texts()[0]).toBe('line 0');
  });

  test('holds a bounded number of lines however far it is scrolled', async () => {
    const file = new NumberedFile(1_000_000);
    const { window, texts } = windowOn(file);
    await window.toStart();
    for (let step = 0; step < 200; step++) await window.scroll(399);
    expect(texts()[0]).toBe('line 79800');
    for (let step = 0; step < 200; step++) await window.scroll(-399);
    expect(texts()[0]).toBe('line 0');
    expect(file.largest).toBeLessThanOrEqual(400);
  });
});

describe('a log that grows', () => {
  test('is followed, or keeps its place while paused', async () => {
    const file = new NumberedFile(100);
    const { window, texts } = windowOn(file);
    await window.follow();
    file.count = 120;
    await window.grown();
    expect(texts()[9]).toBe('line 119');
    await window.pause();
    file.count = 5000;
    await window.grown();
    expect(texts()[9]).toBe('line 119');
    await window.scroll(1);
    expect(texts()[9]).toBe('line 120');
    await window.follow();
    expect(texts()[9]).toBe('line 4999');
  });

  test('many calls while one is under way are one read', async () => {
    const file = new NumberedFile(100_000);
    const { window } = windowOn(file);
    await window.follow();
    const before = file.read;
    await Promise.all(Array.from({ length: 50 }, () => window.grown()));
    expect(file.read - before).toBeLessThanOrEqual(800);
  });
});

describe('searching', () => {
  const marked = (): NumberedFile =>
    new NumberedFile(50_000, index => (index % 10_000 === 5000 ? `Needle ${index}` : `hay ${index}`));

  test('finds forwards and backwards, piece by piece', async () => {
    const file = marked();
    const { window, texts } = windowOn(file, 9);
    await window.toStart();
    const signal = new AbortController().signal;
    const first = await window.find(find('needle'), 1, null, signal);
    expect(first).toBe(50_000);
    expect(texts()[3]).toBe('Needle 5000');
    const second = await window.find(find('needle'), 1, first, signal);
    expect(second).toBe(150_000);
    expect(await window.find(find('needle'), -1, second, signal)).toBe(50_000);
    expect(await window.find(find('needle'), -1, 50_000, signal)).toBeNull();
    expect(file.largest).toBeLessThanOrEqual(2000);
  });

  test('counts the lines that match, and gives up when told to', async () => {
    const { window } = windowOn(marked());
    expect(await window.count(find('/needle \\d+5000/'), new AbortController().signal, () => {})).toBe(4);
    const abort = new AbortController();
    const counted = window.count(find('hay'), abort.signal, () => abort.abort());
    expect(await counted).toBeNull();
  });

  test('capital letters make case count; slashes make an expression; a bad one is said', () => {
    expect(find('Hay')('hay Hay')).toEqual([[4, 7]]);
    expect(find('a.c')('abc a.c')).toEqual([[4, 7]]);
    expect(find('/a.c/')('abc a.c')).toEqual([
      [0, 3],
      [4, 7],
    ]);
    expect(matcherOf('/(/')).toHaveProperty('problem');
  });
});

describe('a log that cannot be read', () => {
  test('says so in its place', async () => {
    const broken: LogFile = {
      size: () => Promise.reject(new Error('EACCES: permission\u001b[2J denied')),
      forward: () => Promise.reject(new Error('no')),
      backward: () => Promise.reject(new Error('no')),
      close: async () => {},
    };
    const { window, texts } = windowOn(broken);
    await window.follow();
    expect(texts()).toEqual(['The log cannot be read: EACCES: permission denied']);
  });
});

describe('the live tail as a file', () => {
  test('lines keep their numbers while the tail moves on', async () => {
    let tail: readonly LogLine[] = Array.from({ length: 5 }, (_, index) => lineOf(`${index}`));
    const file = new TailFile(() => tail);
    expect(await file.size()).toBe(5);
    tail = [...tail.slice(2), lineOf('5'), lineOf('6')];
    const chunk = await file.forward(0, 100);
    expect(chunk.lines.map(row => row.line.text)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    expect(chunk.lines.map(row => row.offset)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect((await file.backward(6, 2)).lines.map(row => row.line.text)).toEqual(['4', '5']);
  });

  test('a gap is said', async () => {
    let tail: readonly LogLine[] = [lineOf('a')];
    const file = new TailFile(() => tail);
    await file.size();
    tail = [lineOf('x'), lineOf('y')];
    const texts = (await file.forward(0, 10)).lines.map(row => row.line.text);
    expect(texts).toEqual(['a', expect.stringContaining('faster than they are kept'), 'x', 'y']);
  });
});
